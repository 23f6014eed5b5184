"""A gallery of photos that the report stored, to explore: sorted, by breed, and by what was taken for what."""

import functools
import html
import itertools
from collections.abc import Callable

import gradio as gr
from PIL import Image

from seg.classes import CLASS_NAMES, NUM_CLASSES
from seg.evaluation.saved_report import read_gallery
from seg.images.rendering import beside_one_another, encoded
from seg.networks import TITLES
from seg.ui.events import QUIET
from seg.ui.example_photos import reported_path
from seg.ui.scripts import script
from seg.ui.server.serving import Service
from seg.ui.server.uploads import kept

_GAP = 4
_ALL = "all"
_AT_MOST = 24

DIFFERENCE = "difference"

ASK = """element.addEventListener("click", (event) => {
    const asked = event.target.closest(".explorable [data-photos]");
    if (asked) trigger("select", { photos: asked.dataset.photos });
});"""
"""Script of a `gr.HTML` in which a click on an element with ``data-photos``, in
one of class ``explorable``, asks for photos: an order of `orders`, or a breed."""


def build(service: Service, tabs: gr.Tabs, photo: gr.Image, chapters: gr.HTML) -> tuple[list, Callable]:
    """Builds the gallery.

    Args:
        photo: where a chosen photo is opened, in the tab ``compare`` of ``tabs``.
        chapters: have the script `ASK`.

    Returns:
        The components, and a function that gives their values for a report, or for None.
    """
    folder = service.bundled_folder
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
            allow_preview=False,
            height="auto",
            buttons=[],
            interactive=False,
        )

    @functools.cache
    def strip_of(name):
        strip = _strip(reported_path(folder, {"name": name}), _names(read_gallery(folder)))
        path = kept(strip, "strip.webp", strips)
        strips.keep_in_cache.add(path)
        return path

    def chosen(order, breed):
        return chosen_photos(read_gallery(folder), order, breed)

    def shown(order, breed):
        return [(strip_of(photo["name"]), caption(photo, order)) for photo in chosen(order, breed)]

    def values_for(report):
        gallery = gallery_of(folder, report) if report else None
        if gallery is None:
            return {column: gr.Column(visible=False)}
        breeds = sorted({photo["breed"] for photo in gallery["photos"]}, key=str.lower)
        choices = [(label, value) for value, (label, _) in orders(_names(gallery)).items()]
        return {
            column: gr.Column(visible=True),
            about: said_of(report, gallery),
            order: gr.Dropdown(choices, value=DIFFERENCE),
            breed: gr.Dropdown([(name.replace("_", " "), name) for name in (_ALL, *breeds)], value=_ALL),
            strips: shown(DIFFERENCE, _ALL),
        }

    def asked(event: gr.EventData):
        is_order = event.photos in orders(_names(read_gallery(folder)))
        order, breed = (event.photos, _ALL) if is_order else (DIFFERENCE, event.photos)
        return order, breed, shown(order, breed)

    def open_in_compare(order, breed, event: gr.SelectData):
        return str(reported_path(folder, chosen(order, breed)[event.index])), gr.Tabs(selected="compare")

    found = chapters.select(asked, None, [order, breed, strips], **QUIET)
    found.success(None, js="() => document.getElementById('contest-photos').scrollIntoView()")
    gr.on([order.input, breed.input], shown, [order, breed], strips, **QUIET)
    opened = strips.select(open_in_compare, [order, breed], [photo, tabs], **QUIET)
    opened.success(None, js=f"() => {{ window.scrollTo(0, 0); return ({script('compare/to_results.js')})(); }}")
    return [column, about, order, breed, strips], values_for


def gallery_of(weights_folder, report: dict) -> dict | None:
    """The photos of a report, as `seg.evaluation.saved_report.read_gallery` returns them; None unless all are there."""
    gallery = read_gallery(weights_folder)
    if gallery is None or gallery["sha256"] != {name: n["sha256"] for name, n in report["networks"].items()}:
        return None
    is_whole = all(reported_path(weights_folder, photo).is_file() for photo in gallery["photos"])
    return gallery if is_whole else None


def orders(names: list[str]) -> dict:
    """By what photos can be sorted.

    Args:
        names: of the two networks.

    Returns:
        A label, and a function of a photo whose value is least for the first one, by what a page calls the order.
    """
    first, second = names

    def behind(photo):
        return photo["mean_iou"][second] - photo["mean_iou"][first]

    found = {
        DIFFERENCE: ("largest difference first", lambda photo: -abs(behind(photo))),
        f"ahead {first}": (f"{TITLES[first]} furthest ahead first", behind),
        f"ahead {second}": (f"{TITLES[second]} furthest ahead first", lambda photo: -behind(photo)),
    }
    for (sign, word), name in itertools.product(((1, "lowest"), (-1, "highest")), names):
        found[f"{word} {name}"] = (
            f"{word} mean IoU of {TITLES[name]} first",
            lambda photo, sign=sign, name=name: sign * photo["mean_iou"][name],
        )
    for cell in itertools.product(names, range(NUM_CLASSES), range(NUM_CLASSES)):
        found[cell_order(*cell)] = (f"most {_in_words(*cell)} first", lambda photo, cell=cell: -_share(photo, *cell))
    return found


def cell_order(network: str, true: int, seen: int) -> str:
    """What the page calls the order by a cell of a network's confusion matrix."""
    return f"cell {network} {true} {seen}"


def chosen_photos(gallery: dict, order: str, breed: str) -> list[dict]:
    """The first photos in an order of `orders`, of a breed or of all.

    Args:
        gallery: as of `gallery_of`.
    """
    _, key = orders(_names(gallery))[order]
    return sorted((photo for photo in gallery["photos"] if breed in (_ALL, photo["breed"])), key=key)[:_AT_MOST]


def said_of(report: dict, gallery: dict) -> str:
    """What the gallery shows, as Markdown; why its winners can be other ones than the headline's."""
    names, photos = report["contest"]["order"], gallery["photos"]
    wins = {name: sum(_winner(photo) == name for photo in photos) for name in names}
    shares = dict(zip(names, (report["contest"]["wins"][rank] for rank in ("first", "second"))))
    columns = ", ".join(("photo", "truth", *(TITLES[name] for name in names)))
    here = ", ".join(f"{TITLES[name]} wins {count}" for name, count in wins.items())
    everywhere = ", ".join(f"{TITLES[name]} {100 * share:.0f} %" for name, share in shares.items())
    return (
        f"### Photos to explore\nEach strip: {columns}. Of these {len(photos)} photos {here}; of all"
        f" {report['photos']:,} test photos {everywhere}. They say where the networks differ and fail, not which one is"
        f" better, for they were chosen by rule: {html.escape(gallery['rule'])}. At most {_AT_MOST} are shown at once."
        " Choose a strip to open its photo in Compare."
    )


def caption(photo: dict, order: str = DIFFERENCE) -> str:
    """Who wins on a photo, and by how much; where photos are sorted by a cell, what share of the pixels is in it."""
    name = photo["name"].replace("_", " ")
    winner = _winner(photo)
    scores = ", ".join(f"{TITLES[network]} {score:.2f}" for network, score in photo["mean_iou"].items())
    told = f"{name}: {f'{TITLES[winner]} wins' if winner else 'level'} ({scores})"
    kind, *cell = order.split()
    if kind == "cell":
        network, true, seen = cell[0], int(cell[1]), int(cell[2])
        told += f"; {100 * _share(photo, network, true, seen):.1f} % of it is {_in_words(network, true, seen)}"
    return told


def _in_words(network, true, seen):
    return f"{CLASS_NAMES[true]} seen as {CLASS_NAMES[seen]} by {TITLES[network]}"


def _names(gallery):
    return list(gallery["sha256"])


def _winner(photo):
    (first, a), (second, b) = photo["mean_iou"].items()
    return None if a == b else first if a > b else second


def _share(photo, network, true, seen):
    counts = photo["confusions"][network]
    return counts[NUM_CLASSES * true + seen] / sum(counts)


def _strip(path, networks):
    """A photo of the gallery and its masks side by side, as a WebP file."""
    masks = [path.with_name(path.name.replace(".photo.jpg", f".{kind}.png")) for kind in ("truth", *networks)]
    pictures = [Image.open(each).convert("RGB") for each in (path, *masks)]
    return encoded(beside_one_another(pictures, _GAP), "WEBP", quality=85)
