"""Draws the report of `seg.report`."""

from pathlib import Path

import numpy as np
from PIL import Image

from seg.classes import CLASS_NAMES
from seg.images.photo_sheet import SheetRow, draw_sheet
from seg.images.rendering import mask_image
from seg.networks import NETWORKS, TITLES
from seg.training.curves import draw_curves

MOST_DIFFERENT = "most-different"


def draw_report(folder: Path, report: dict, shown: dict, histories: dict) -> None:
    """Writes the report's pictures, and the photos on which the networks differ most as files of their own.

    Args:
        report: as `seg.report.write` makes it.
        shown: the photos that it names, as `seg.report.measure.shown_photos` returns them.
        histories: rows of each network's ``history.csv`` by name.
    """
    (folder / "curves.png").write_bytes(draw_curves({TITLES[name]: rows for name, rows in histories.items()}))
    _confusions(report["networks"]).savefig(folder / "confusion.png", dpi=100)
    _breeds(report["contest"]["order"], report["contest"]["breeds"]).savefig(folder / "breeds.png", dpi=100)
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


def _figure(width, height, title=None):
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    if title:
        figure.suptitle(title)
    return figure


def _confusions(networks):
    figure = _figure(8.5, 3.8)
    for axes, (name, numbers) in zip(figure.subplots(1, 2), networks.items()):
        counts = np.array(numbers["confusion_matrix"], float)
        shares = counts / counts.sum(1, keepdims=True)
        axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
        for row, column in np.ndindex(shares.shape):
            value = shares[row, column]
            axes.text(
                column, row, f"{100 * value:.1f} %", ha="center", va="center", color="white" if value > 0.5 else "black"
            )
        axes.set_xticks(range(len(CLASS_NAMES)), CLASS_NAMES)
        axes.set_yticks(range(len(CLASS_NAMES)), CLASS_NAMES)
        axes.set(title=TITLES[name], xlabel="predicted", ylabel="true")
    return figure


def _breeds(names, breeds):
    order = sorted(breeds, key=lambda breed: np.mean([breeds[breed][name] for name in names]))
    figure = _figure(8, max(3, 0.24 * len(order) + 1))
    axes = figure.subplots()
    for name in names:
        axes.plot(
            [breeds[breed][name] for breed in order],
            range(len(order)),
            "o",
            color=NETWORKS[name].colour,
            label=TITLES[name],
        )
    for place, breed in enumerate(order):
        axes.plot([breeds[breed][name] for name in names], [place, place], color="0.7", zorder=0)
    axes.set_yticks(range(len(order)), [breed.replace("_", " ") for breed in order])
    axes.set(xlabel="Mean IoU of the breed's test photos", ylim=(-0.7, len(order) - 0.3))
    axes.grid(axis="x", alpha=0.3)
    axes.legend()
    return figure


def _photos_with_masks(chosen, shown):
    """A row for each photo: photo, truth, and each network's mask with its mean IoU."""
    rows = []
    for photo in chosen:
        image, truth, class_maps = shown[photo["index"]]
        seen = [(f"IoU {photo['mean_iou'][name]:.2f}", class_map) for name, class_map in class_maps.items()]
        rows.append(SheetRow(photo["file_name"], image, truth, seen))
    return draw_sheet([TITLES[name] for name in shown[chosen[0]["index"]][2]], rows)
