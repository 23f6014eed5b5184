"""Draws the report of `seg.report`."""

from pathlib import Path

from PIL import Image

from seg.images.photo_sheet import SheetRow, draw_sheet
from seg.images.rendering import mask_image
from seg.networks import TITLES

MOST_DIFFERENT = "most-different"


def draw_report(folder: Path, report: dict, shown: dict) -> None:
    """Writes the report's pictures, and the photos on which the networks differ most as files of their own.

    Args:
        report: as `seg.report.write` makes it.
        shown: the photos that it names, as `seg.report.measure.shown_photos` returns them.
    """
    contest = report["contest"]
    pictures = {"most-different": contest["most_different"]} | {
        f"worst-{name}": worst for name, worst in contest["worst"].items()
    }
    for name, chosen in pictures.items():
        _photos_with_masks(chosen, shown).save(folder / f"{name}.jpg", quality=80)
    save_photos(folder / MOST_DIFFERENT, contest["most_different"], shown)


def save_photos(folder: Path, chosen: list, shown: dict) -> None:
    """Writes photos at their own aspect ratio, each with its masks, for the app to open.

    For the photo ``boxer_26.jpg`` these are ``boxer_26.photo.png``,
    ``boxer_26.truth.png`` and one such as ``boxer_26.unet.png`` for each
    network; masks are indexed, their pixel values are the class ids.

    Args:
        folder: what it holds of earlier reports is deleted.
        chosen: photos as the report names them.
        shown: as `seg.report.measure.shown_photos` returns them.
    """
    folder.mkdir(exist_ok=True)
    for old in folder.glob("*.png"):
        old.unlink()
    for photo in chosen:
        name = Path(photo["file_name"]).stem
        image, truth, class_maps = shown[photo["index"]]
        Image.fromarray(image).save(folder / f"{name}.photo.png", optimize=True)
        for kind, class_map in {"truth": truth, **class_maps}.items():
            mask_image(class_map).save(folder / f"{name}.{kind}.png", optimize=True)


def _photos_with_masks(chosen, shown):
    """A row for each photo: photo, truth, and each network's mask with its mean IoU."""
    rows = []
    for photo in chosen:
        image, truth, class_maps = shown[photo["index"]]
        seen = [(f"IoU {photo['mean_iou'][name]:.2f}", class_map) for name, class_map in class_maps.items()]
        rows.append(SheetRow(photo["file_name"], image, truth, seen))
    return draw_sheet([TITLES[name] for name in shown[chosen[0]["index"]][2]], rows)
