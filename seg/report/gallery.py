"""The photos of the test that the page shows: chosen by rule, and kept small, each with its masks."""

import json
import shutil
from pathlib import Path

import numpy as np
from PIL import Image

from seg.evaluation.contest import mean_ious
from seg.evaluation.saved_report import GALLERY, GALLERY_PHOTOS, read_gallery
from seg.images.rendering import mask_image
from seg.report.compare import SHOWN_PHOTOS

_EVERY = 8
_PER_CELL = 3
_JPEG_QUALITY = 90

RULE = (
    f"the {SHOWN_PHOTOS} on which the networks differ most, the {SHOWN_PHOTOS} on which each scores lowest, and of"
    f" every {_EVERY}th photo of the test the {_PER_CELL} with most pixels in each cell of what is taken for what, and"
    " of each breed the one on which they differ most and a typical one, with the median of both networks' mean score"
)
"""What `choose_photos` chooses, in words."""


def candidates(contest: dict, photos: int) -> list[int]:
    """Indices of the photos among which is chosen: the extremes and every so many, which takes only minutes.

    Args:
        contest: as `seg.report.compare.compare_networks` returns it.
        photos: how many the test split has.
    """
    return sorted(_extremes(contest) | set(range(0, photos, _EVERY)))


def choose_photos(contest: dict, confusions: dict, breeds: list[str]) -> list[int]:
    """Indices of the photos to show, ascending; see `RULE`.

    Args:
        contest: as of `candidates`.
        confusions: int array (photos, 3, 3) by network name, of two networks, rows are the truth; of the `candidates`
            at least.
        breeds: of each photo.
    """
    seen = np.arange(0, len(breeds), _EVERY)
    scores = np.array([mean_ious(found[seen]) for found in confusions.values()])
    apart, mean = np.abs(scores[0] - scores[1]), scores.mean(0)
    places = set()
    for found in confusions.values():
        for cell in found[seen].reshape(len(seen), -1).T:
            places |= set(np.argsort(-cell, kind="stable")[:_PER_CELL])
    breeds = np.array(breeds)[seen]
    for breed in set(breeds):
        of_breed = np.flatnonzero(breeds == breed)
        # Of an even number the lower one of the two in the middle: a photo, not a mean of two.
        middle = np.argsort(mean[of_breed], kind="stable")[(len(of_breed) - 1) // 2]
        places |= {of_breed[np.argmax(apart[of_breed])], of_breed[middle]}
    return sorted(_extremes(contest) | {int(seen[place]) for place in places})


def _extremes(contest):
    groups = (contest["most_different"], *contest["worst"].values())
    return {photo["index"] for photos in groups for photo in photos}


def save_gallery(folder: Path, chosen: list[int], confusions: dict, photos, shown: dict, digests: dict) -> None:
    """Writes the gallery below the report's folder, in place of the one before.

    For the photo ``boxer_26.jpg`` these are ``boxer_26.photo.jpg`` at its own aspect ratio, ``boxer_26.truth.png``
    and one such as ``boxer_26.unet.png`` for each network; masks are indexed, their pixel values are the class ids.
    What is known of each is in ``photos.json``, see `seg.evaluation.saved_report.read_gallery`.

    Args:
        chosen: indices of the photos.
        confusions: as of `choose_photos`.
        photos: the test split.
        shown: as `seg.report.measure.shown_photos` returns them.
        digests: of the weights files by network name.
    """
    file = folder / GALLERY / GALLERY_PHOTOS
    shutil.rmtree(file.parent, ignore_errors=True)
    file.parent.mkdir(parents=True)
    entries = []
    for index in chosen:
        name = Path(photos.file_names[index]).stem
        image, truth, class_maps = shown[index]
        Image.fromarray(image).save(file.with_name(f"{name}.photo.jpg"), quality=_JPEG_QUALITY)
        for kind, class_map in {"truth": truth, **class_maps}.items():
            mask_image(class_map).save(file.with_name(f"{name}.{kind}.png"), optimize=True)
        entries.append(
            {
                "name": name,
                "breed": photos.breeds[index],
                "mean_iou": {key: round(float(mean_ious(found[index])), 4) for key, found in confusions.items()},
                "confusions": {key: found[index].reshape(-1).tolist() for key, found in confusions.items()},
            }
        )
    head = json.dumps({"sha256": digests, "rule": RULE})[:-1]
    # A line for each photo.
    file.write_text(f'{head}, "photos": [\n' + ",\n".join(map(json.dumps, entries)) + "\n]}\n", encoding="utf-8")
    read_gallery.cache_clear()
