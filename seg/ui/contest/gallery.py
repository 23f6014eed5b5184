"""A gallery of photos that the report stored, to explore: sorted, and by breed or by what was taken for what."""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import gradio as gr
from PIL import Image

from seg.evaluation.saved_report import read_report
from seg.networks import TITLES
from seg.ui.example_photos import reported_path
from seg.ui.scripts import TO_RESULTS
from seg.ui.server.serving import Service

_GAP = 4
_ALL = "all"
_AT_MOST = 24

DIFFERENCE = "largest difference first"


@dataclass(frozen=True)
class PhotoGallery:
    """The gallery's components, and what to show in them of a report, or of None."""

    outputs: list
    of: Callable


def build(service: Service, tabs: gr.Tabs, photo: gr.Image) -> PhotoGallery:
    """Builds the gallery.

    Args:
        photo: where a chosen photo is opened, in the tab ``compare`` of ``tabs``.
    """
    with gr.Column(elem_id="contest-photos") as column:
        about = gr.Markdown(elem_id="contest-photos-said")
        with gr.Row():
            order = gr.Dropdown([DIFFERENCE], value=DIFFERENCE, label="Order", elem_id="contest-order")
            breed = gr.Dropdown([_ALL], value=_ALL, label="Breed", elem_id="contest-breed")
        strips = gr.Gallery(
            label="Photos of the test",
            show_label=False,
            container=False,
            elem_id="most-different",
            elem_classes="strips",
            format="png",
            allow_preview=False,
            height="auto",
            buttons=[],
            interactive=False,
        )

    def of(report):
        photos = photos_of(service.bundled_folder) if report else []
        if not photos:
            return [gr.Column(visible=False), *[gr.skip()] * 4]
        breeds = sorted({breed_of(photo) for photo in photos})
        return [
            gr.Column(visible=True),
            said_of(report, photos),
            gr.Dropdown(orders(report), value=DIFFERENCE),
            gr.Dropdown([(breed.replace("_", " "), breed) for breed in (_ALL, *breeds)], value=_ALL),
            _strips(service, photos),
        ]

    def chosen(order, breed):
        return chosen_photos(photos_of(service.bundled_folder), order, breed)

    def open_in_compare(order, breed, event: gr.SelectData):
        picked = chosen(order, breed)[event.index]
        return str(reported_path(service.bundled_folder, picked)), gr.Tabs(selected="compare")

    gr.on(
        [order.input, breed.input],
        lambda order, breed: _strips(service, chosen(order, breed)),
        [order, breed],
        strips,
        api_visibility="private",
        show_progress="hidden",
    )
    opened = strips.select(
        open_in_compare, [order, breed], [photo, tabs], api_visibility="private", show_progress="hidden"
    )
    opened.success(None, js=f"() => {{ window.scrollTo(0, 0); return ({TO_RESULTS})(); }}")
    return PhotoGallery([column, about, order, breed, strips], of)


def photos_of(weights_folder) -> list[dict]:
    """The photos of the saved report whose pictures are there, as it has them."""
    try:
        contest = read_report(weights_folder)["contest"]
        found = contest.get("gallery") or contest["most_different"]
        return [photo for photo in found if reported_path(weights_folder, photo).is_file()]
    except (KeyError, TypeError, AttributeError):  # none, or written by another version
        return []


def breed_of(photo: dict) -> str:
    """Such as ``newfoundland`` of ``newfoundland_9.jpg``."""
    return Path(photo["file_name"]).stem.rpartition("_")[0]


def orders(report: dict) -> list[str]:
    """By what the photos can be sorted."""
    names = report["contest"]["order"]
    return [
        DIFFERENCE,
        *(f"{TITLES[name]} furthest ahead first" for name in names),
        *(f"lowest mean IoU of {TITLES[name]} first" for name in names),
    ]


def chosen_photos(photos: list[dict], order: str, breed: str) -> list[dict]:
    """The first photos in an order of `orders`, of a breed or of all."""
    told = ("{} furthest ahead first", "lowest mean IoU of {} first")
    name = next((name for name, title in TITLES.items() if order in [each.format(title) for each in told]), None)

    def place(photo):
        scores = photo["mean_iou"]
        if name is None:
            first, second = scores.values()
            return -abs(first - second)
        return (
            scores[name] if order.startswith("lowest") else max(scores[o] for o in scores if o != name) - scores[name]
        )

    return sorted((photo for photo in photos if breed in (_ALL, breed_of(photo))), key=place)[:_AT_MOST]


def said_of(report: dict, photos: list[dict]) -> str:
    """What the gallery shows, as Markdown; why its winners can be other ones than the headline's."""
    names = report["contest"]["order"]
    wins = {name: sum(_winner(photo) == name for photo in photos) for name in names}
    shares = dict(zip(names, (report["contest"]["wins"][rank] for rank in ("first", "second"))))
    columns = ", ".join(("photo", "truth", *(TITLES[name] for name in names)))
    here = ", ".join(f"{TITLES[name]} wins {count}" for name, count in wins.items())
    everywhere = ", ".join(f"{TITLES[name]} {100 * share:.0f} %" for name, share in shares.items())
    return (
        f"### Photos to explore\nEach strip: {columns}. Of these {len(photos)} photos {here}; of all"
        f" {report['photos']:,} test photos {everywhere}. These are extremes and say where the networks differ, not"
        " which one is better. Choose a strip to open its photo in Compare."
    )


def caption(photo: dict) -> str:
    """Who wins on a photo, and by how much."""
    name = Path(photo["file_name"]).stem.replace("_", " ")
    winner = _winner(photo)
    scores = ", ".join(f"{TITLES[network]} {score:.2f}" for network, score in photo["mean_iou"].items())
    return f"{name}: {f'{TITLES[winner]} wins' if winner else 'level'} ({scores})"


def _winner(photo):
    (first, a), (second, b) = photo["mean_iou"].items()
    return None if a == b else first if a > b else second


def _strips(service, photos):
    return [(_strip(reported_path(service.bundled_folder, photo)), caption(photo)) for photo in photos]


@functools.lru_cache(maxsize=256)
def _strip(path):
    pictures = [Image.open(path).convert("RGB")]
    for kind in ("truth", *TITLES):
        mask = path.with_name(path.name.replace(".photo.", f".{kind}."))
        if mask.is_file():
            with Image.open(mask) as image:
                pictures.append(image.convert("RGB"))
    width, height = pictures[0].size
    strip = Image.new("RGB", (len(pictures) * (width + _GAP) - _GAP, height), "white")
    for place, picture in enumerate(pictures):
        strip.paste(picture, (place * (width + _GAP), 0))
    return strip
