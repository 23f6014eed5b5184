"""A part of the photo: compared as a photo of its own, and taken back with a click."""

from collections.abc import Callable
from dataclasses import replace

import gradio as gr
import numpy as np

from seg.errors import UserError
from seg.images.photos import open_full_size, open_photo
from seg.images.rendering import encoded
from seg.ui.compare.stage import Stage
from seg.ui.scripts import script
from seg.ui.server.recent import Look, RecentLooks
from seg.ui.server.serving import Service
from seg.ui.server.turns import IN_TURN, in_turn
from seg.ui.server.uploads import kept

_LEAST_SIDE = 16


def build(
    service: Service,
    views: Stage,
    trimap: gr.File,
    look_key: gr.State,
    recent: RecentLooks,
    told: list,
    told_of: Callable,
) -> None:
    """Answers the rectangle that is drawn on the stage, and the button that takes it back.

    Args:
        trimap: where a mask of one's own is given.
        look_key: key of the comparison on the page; ``recent`` recalls it.
        told: components that show a comparison.
        told_of: what they show, from a look and its photo.
    """
    box = gr.Textbox(visible=False)

    def part(key: str | None, corners: str):
        look = recent.recall(key)
        cut = _cut(look, _edges(corners), views)
        photo = open_photo(cut.source)
        networks = service.networks
        seen = in_turn(networks.compare, photo, pair=tuple(look.comparison.segmentations))
        cut = replace(cut, comparison=seen, digests=networks.digests, part_of=look.part_of or key)
        return recent.remember(cut), *told_of(cut, photo)

    def whole(key: str | None):
        before = recent.recall(key).part_of
        look = recent.recall(before)
        # A mask that was given to the part is none of the whole photo.
        mask = None if look.truth is look.known_truth else gr.skip()
        return before, *told_of(look, open_photo(look.source)), mask

    shows = {"api_visibility": "private", "show_progress": "minimal", "show_progress_on": views}
    views.part(part, [look_key, box], [look_key, *told], js=script("compare/part_drawn.js"), **shows, **IN_TURN)
    views.whole(whole, look_key, [look_key, *told, trimap], **shows)


def _edges(text: str) -> tuple[float, float, float, float]:
    """Left, top, right and bottom, 0..1 of width and height."""
    try:
        left, top, right, bottom = (min(1.0, max(0.0, float(edge))) for edge in text.split())
    except ValueError as error:
        raise UserError("This is no part of the photo; draw a rectangle on it.") from error
    return left, top, right, bottom


def _cut(look: Look, edges: tuple, views: Stage) -> Look:
    """A look at a part: its photo is a file of its own, its comparison still that of the whole."""
    photo = open_full_size(look.source)
    box = left, top, right, bottom = _pixels(edges, photo.size)
    if right - left < _LEAST_SIDE or bottom - top < _LEAST_SIDE:
        raise UserError(f"This part has less than {_LEAST_SIDE} pixels on a side; draw a larger one.")
    content = encoded(photo.crop(box), "PNG", compress_level=1)
    return replace(
        look,
        source=kept(content, "part.png", views),
        width=right - left,
        height=bottom - top,
        truth=_cut_truth(look.truth, edges),
        known_truth=_cut_truth(look.known_truth, edges),
        known_as=None,
    )


def _cut_truth(truth, edges):
    if truth is None:
        return None
    left, top, right, bottom = _pixels(edges, truth.shape[::-1])
    return np.ascontiguousarray(truth[top:bottom, left:right])


def _pixels(edges, size):
    return tuple(round(edge * side) for edge, side in zip(edges, (*size, *size)))
