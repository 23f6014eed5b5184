"""Draws the report of `seg.report`."""

from pathlib import Path

from seg.images.photo_sheet import SheetRow, draw_sheet
from seg.networks import TITLES


def draw_report(folder: Path, report: dict, shown: dict) -> None:
    """Writes the report's pictures.

    Args:
        report: as `seg.report.write` makes it.
        shown: the photos that it names, as `seg.report.measure.shown_photos` returns them.
    """
    contest = report["contest"]
    pictures = {"most-different": contest["most_different"]} | {
        f"worst-{name}": worst for name, worst in contest["worst"].items()
    }
    for picture, chosen in pictures.items():
        rows = []
        for photo in chosen:
            image, truth, class_maps = shown[photo["index"]]
            seen = [(f"IoU {photo['mean_iou'][name]:.2f}", class_map) for name, class_map in class_maps.items()]
            rows.append(SheetRow(photo["file_name"], image, truth, seen))
        draw_sheet([TITLES[name] for name in contest["order"]], rows).save(folder / f"{picture}.jpg", quality=80)
