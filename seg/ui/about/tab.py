"""The tab that says how it works, and with what."""

import functools
from pathlib import Path

import gradio as gr

from seg.classes import CLASS_NAMES, OTHER_NAMES, PET
from seg.networks import NETWORKS, TITLES, build_network, chosen_pair
from seg.networks.anatomy import anatomy_of
from seg.ui.about.drawings import draw
from seg.ui.about.feature_pictures import draw_feature_maps
from seg.ui.about.glossary import explained
from seg.ui.events import QUIET
from seg.ui.example_photos import EXAMPLES, NAMES
from seg.ui.server.serving import Service
from seg.ui.server.turns import in_turn

_USUAL_SIZE = 128


def build(page: gr.Blocks, service: Service) -> None:
    """Builds the contents of the tab: of the pair that is compared, and of further networks that are there already."""
    steps = gr.Markdown(elem_id="how-it-works", elem_classes="about", sanitize_html=False)
    names = list(dict.fromkeys([*chosen_pair(), *service.networks.segmenters]))
    texts, drawings = [], []
    with gr.Row():
        for name in names:
            with gr.Column(min_width=300):
                texts.append(gr.Markdown(sanitize_html=False))
                drawings.append(gr.HTML(elem_id=f"{name}-drawing", elem_classes=["drawing", "about-drawing", "flush"]))
    gr.Markdown(_said("through"))
    chosen = gr.Radio(
        [(name, path.stem) for name, path in zip(NAMES, EXAMPLES)],
        label="Photo",
        elem_id="through-photo",
    )
    maps = gr.HTML(elem_id="through", elem_classes="flush")
    with gr.Row():
        with gr.Column(min_width=300):
            gr.Markdown(_said("data"))
        with gr.Column(min_width=300):
            gr.Markdown(_said("rebuild"), elem_classes="about")

    def show():
        segmenters = service.networks.segmenters
        found = {name: segmenters[name].anatomy if name in segmenters else _by_default(name) for name in names}
        said = explained(_steps(found), *map(_introduced, names))
        return [*said, *(draw(name, anatomy) for name, anatomy in found.items())]

    def through(example):
        path = next(path for path in EXAMPLES if path.stem == example)
        return in_turn(draw_feature_maps, service.networks.segmenters, path)

    page.load(show, None, [steps, *texts, *drawings], **QUIET)
    chosen.select(through, chosen, maps, api_visibility="private")


def _steps(anatomies):
    """What the drawings show, as Markdown."""
    sizes = " and ".join(
        f"{anatomy.photo.size} × {anatomy.photo.size} pixels for {TITLES[name]}" for name, anatomy in anatomies.items()
    )
    told = ", ".join(
        f"{skip.carried.size} × {skip.carried.size} places in {TITLES[name]} ({skip.name})"
        for name, anatomy in anatomies.items()
        for skip in anatomy.skips[:1]
    )
    *names, last = (f"**{name}**" for name in (CLASS_NAMES[PET], *OTHER_NAMES))
    classes = f"{', '.join(names)} or {last}"
    return _said("steps").format(
        classes=classes, sizes=sizes, finest=f"The finest grid that one brings to the answer: {told}." if told else ""
    )


def _introduced(name):
    """A network's title and paragraph, Markdown."""
    network = NETWORKS[name]
    return f"### {network.title}\n[{network.authors}]({network.paper}). {network.paragraph}"


@functools.cache
def _by_default(name):
    """The anatomy of a network that could not be loaded."""
    return anatomy_of(build_network(name, NETWORKS[name].defaults), _USUAL_SIZE)


def _said(name):
    """A text of this folder, Markdown."""
    return Path(__file__).with_name(f"{name}.md").read_text(encoding="utf-8")
