"""Which photos the page gets to show, and as what they are saved."""

import json
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from seg.evaluation.saved_report import read_gallery
from seg.report import gallery

RIGHT = np.diag([50, 40, 10])


def wrong(pixels, true=0, seen=1):
    """A confusion matrix of 100 pixels, so many of them wrong in one cell."""
    counts = RIGHT.copy()
    counts[true, true] -= pixels
    counts[true, seen] += pixels
    return counts


def contest(**extremes):
    """Indices of the extremes, as the report has them."""
    found = {kind: [{"index": index} for index in indices] for kind, indices in extremes.items()}
    return {"most_different": found["most_different"], "worst": {"fcn8": found["worst"], "unet": []}}


def test_each_rule_chooses_its_photos_of_every_so_many(monkeypatch):
    monkeypatch.setattr(gallery, "_EVERY", 2)
    monkeypatch.setattr(gallery, "_PER_CELL", 1)
    # A breed of five: the second is the most different, the fourth the one in the middle. Of another one photo.
    first = [wrong(0), wrong(30), wrong(4), wrong(6), wrong(8), wrong(1)]
    second = [wrong(0), wrong(0), wrong(4), wrong(6), wrong(8), wrong(1)]
    breeds = ["pug"] * 5 + ["boxer"] + ["beagle"] * 5
    # Of a third some that are the first of a cell, and one that is first in nothing.
    cells = [wrong(48), wrong(20, 1, 2), wrong(5, 2, 0), wrong(20), wrong(20)]
    looked_at = {"fcn8": [*first, *cells], "unet": [*second, *cells]}
    # Between them photos of the same breed that are not looked at, however wrong.
    confusions = {name: np.array([c for each in found for c in (each, wrong(49))]) for name, found in looked_at.items()}
    every_breed = [breed for each in breeds for breed in (each, each)]
    chosen = gallery.choose_photos(contest(most_different=[1], worst=[1, 3]), confusions, every_breed)
    assert [i for i in chosen if i % 2] == [1, 3], "the extremes alone of the others"
    places = {i // 2 for i in chosen if i % 2 == 0}
    assert {1, 3} <= places and {2, 4}.isdisjoint(places), "the most different and the typical one of the breed"
    assert 5 in places, "a breed of one photo has it"
    assert {6, 7, 8} <= places, "most pixels in a cell"
    assert 10 not in places and chosen == sorted(chosen)


def test_what_is_looked_at_is_every_so_many_and_the_extremes(monkeypatch):
    monkeypatch.setattr(gallery, "_EVERY", 4)
    found = gallery.candidates(contest(most_different=[3], worst=[7, 8]), 13)
    assert found == [0, 3, 4, 7, 8, 12]


def test_the_rule_is_told_with_its_numbers():
    assert gallery.RULE.startswith(f"the {gallery.SHOWN_PHOTOS} on which the networks differ most")
    assert f"of every {gallery._EVERY}th photo of the test the {gallery._PER_CELL} with most pixels" in gallery.RULE


def test_photos_are_saved_with_their_masks_and_what_is_known_of_them(tmp_path):
    photos = SimpleNamespace(file_names=["a_1.jpg", "pug_2.jpg"], breeds=["a", "pug"])
    confusions = {"fcn8": np.array([RIGHT, wrong(10)]), "unet": np.array([RIGHT, RIGHT])}
    truth = np.array([[0, 1, 2]] * 4, np.uint8)
    image = np.full((4, 3, 3), 200, np.uint8)
    folder = tmp_path / "report"
    stale = folder / "gallery/stale.photo.jpg"
    stale.parent.mkdir(parents=True)
    stale.write_text("of another report")
    digests = {"fcn8": "abc", "unet": "def"}
    shown = {1: (image, truth, {"fcn8": 1 - truth // 2, "unet": truth})}
    gallery.save_gallery(folder, [1], confusions, photos, shown, digests)

    saved = {path.name for path in stale.parent.iterdir()}
    assert saved == {"pug_2.photo.jpg", "pug_2.truth.png", "pug_2.fcn8.png", "pug_2.unet.png", "photos.json"}
    assert (np.asarray(Image.open(stale.with_name("pug_2.fcn8.png"))) == 1 - truth // 2).all()
    assert np.abs(np.asarray(Image.open(stale.with_name("pug_2.photo.jpg"))).astype(int) - 200).max() <= 2
    found = read_gallery(tmp_path)
    assert found["sha256"] == digests and found["rule"] == gallery.RULE
    (photo,) = found["photos"]
    assert photo["name"] == "pug_2" and photo["breed"] == "pug"
    assert photo["confusions"]["fcn8"] == [40, 10, 0, 0, 40, 0, 0, 0, 10]
    assert photo["mean_iou"]["unet"] == 1 and photo["mean_iou"]["fcn8"] == pytest.approx((0.8 + 0.8 + 1) / 3, abs=1e-4)


@pytest.mark.parametrize("content", ["", "[]", "{}", json.dumps({"sha256": {}, "rule": "", "photos": [{"name": "a"}]})])
def test_a_gallery_of_another_version_is_none(tmp_path, content):
    (tmp_path / "report/gallery").mkdir(parents=True)
    (tmp_path / "report/gallery/photos.json").write_text(content)
    assert read_gallery(tmp_path) is None
