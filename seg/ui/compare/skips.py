"""The view "Without skips": what the networks see once some of their skip connections are switched off."""

from collections.abc import Callable

import gradio as gr

from seg.errors import UserError
from seg.evaluation.metrics import confusion_matrix, scores
from seg.images.photos import open_photo
from seg.networks import TITLES
from seg.ui.compare.stage import LONG_SIDE, Stage, figure, mark, reduced
from seg.ui.events import QUIET
from seg.ui.scripts import script
from seg.ui.server.recent import Look
from seg.ui.server.serving import Service
from seg.ui.server.turns import IN_TURN, in_turn


def build(service: Service, views: Stage, look_key: gr.State, look_of: Callable[[str | None], Look]) -> None:
    """Answers the switches on the stage.

    Args:
        look_key: key of the comparison on the page, or None.
        look_of: what is on the page by that key; may raise `UserError`.
    """
    # The second shows nothing: it brings what the disturbed networks see to the browser, which puts it on the stage.
    off, silenced = gr.Textbox(visible=False), gr.HTML(visible="hidden")

    def silence(key: str | None, names: str):
        networks = service.networks
        look = look_of(key)
        if look.digests != networks.digests:
            raise UserError("Other weights have arrived since; choose the photo again.")
        return _described(look, in_turn(networks.disturbed, open_photo(look.source), names.split()))

    tried = views.silence(
        silence,
        [look_key, off],
        silenced,
        js=script("compare/switched_off.js"),
        trigger_mode="always_last",
        **QUIET,
        **IN_TURN,
    )
    tried.then(None, [views, silenced], views, js=script("compare/silenced.js"))


def _described(look, disturbed):
    """What the template shows, as JSON can hold it."""
    scale = min(1, LONG_SIDE / max(look.width, look.height))
    size = max(1, round(scale * look.width)), max(1, round(scale * look.height))
    figures = []
    for name, seen in disturbed.items():
        without = ", ".join(look.skips[f"{name}.{skip}"] for skip in seen.without)
        whole = look.comparison.segmentations[name].class_map
        told = figure(name, f"{TITLES[name]} without {without}", reduced(seen.class_map, size), seen.shares)
        told["without"] = without
        told["off"] = " ".join(f"{name}.{skip}" for skip in seen.without)
        told["changed"] = 100 * float((seen.class_map != whole).mean())
        if look.truth is not None:
            told["iou"] = scores(confusion_matrix(look.truth, seen.class_map))["mean_iou"]
        figures.append(told)
    return {"of": mark(look), "figures": figures}
