"""The photos that the page knows."""

import json
import os

from seg.evaluation.saved_report import GALLERY, GALLERY_PHOTOS, REPORT
from seg.ui.example_photos import reported_path, reported_photos


def test_photos_of_a_report_that_is_written_anew_are_known_at_once(tmp_path):
    assert reported_photos(tmp_path) == []
    gallery = tmp_path / REPORT / GALLERY
    gallery.mkdir(parents=True)
    for written, names in enumerate((["a"], ["a", "b"]), start=1):
        photos = [{"name": name, "breed": "pug", "mean_iou": {}, "confusions": {}} for name in (*names, "gone")]
        (gallery / GALLERY_PHOTOS).write_text(json.dumps({"sha256": {}, "rule": "any", "photos": photos}))
        os.utime(gallery / GALLERY_PHOTOS, ns=(written, written))
        for name in names:
            reported_path(tmp_path, {"name": name}).touch()
        assert reported_photos(tmp_path) == [reported_path(tmp_path, {"name": name}) for name in names]
