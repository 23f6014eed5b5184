"""Both networks on photos of their own size."""

import csv
from pathlib import Path

import numpy as np
from PIL import Image

from seg.errors import UserError, check_listable, reading
from seg.evaluation.boundary import boundary_f_score
from seg.evaluation.contest import mean_ious, paired_bootstrap
from seg.evaluation.metrics import confusion_matrix, scores
from seg.images.geometry import class_map_at, fit_mask, fit_photo


def measure_native(contestants: list, folder: Path) -> dict:
    """Scores masks at each photo's own size, against the same at the network's size.

    Args:
        contestants: `seg.report.measure.Contestant`.
        folder: holds images/*.jpg, trimaps/*.png (1, 2, 3), and splits.csv where some are not of the test split.

    Raises:
        UserError: the folder holds no such photos, or one cannot be read.
    """
    names = _native_names(folder)
    own, small, boundary_f = ({c.name: [] for c in contestants} for _ in range(3))
    for name in names:
        try:
            photo = Image.open(folder / "images" / f"{name}.jpg").convert("RGB")
            trimap = Image.open(folder / "trimaps" / f"{name}.png")
            truth = np.asarray(trimap) - 1
        except OSError as error:
            raise UserError(
                f"The photo {name} or its trimap in {folder} cannot be read ({error.strerror or 'damaged'}); fetch it"
                " again."
            ) from error
        for contestant in contestants:
            size = contestant.image_size
            logits = contestant.forward(fit_photo(photo, size)[np.newaxis])[0]
            predicted = class_map_at(logits, *photo.size)
            own[contestant.name].append(confusion_matrix(truth, predicted))
            boundary_f[contestant.name].append(boundary_f_score(truth, predicted))
            small[contestant.name].append(confusion_matrix(fit_mask(trimap, size) - 1, logits.argmax(axis=-1)))
    return {
        "photos": len(names),
        "networks": {
            name: {
                **scores(np.sum(own[name], 0)),
                "boundary_f_score": float(np.mean([f for f in boundary_f[name] if f is not None])),
                "mean_iou_at_network_size": float(mean_ious(np.sum(small[name], 0))),
                "less_network_size": paired_bootstrap(np.array(own[name]), np.array(small[name])),
            }
            for name in own
        },
    }


def _native_names(folder):
    check_listable(folder / "images")
    names = sorted(path.stem for path in (folder / "images").glob("*.jpg"))
    splits = folder / "splits.csv"
    if splits.exists():
        with reading(splits), splits.open(encoding="utf-8") as file:
            test = {row["image_id"] for row in csv.DictReader(file) if row["split"] == "test"}
        names = [name for name in names if name in test]
    if not names:
        raise UserError(f"{folder} holds no images/*.jpg of the test split; give a folder with images/ and trimaps/.")
    return names
