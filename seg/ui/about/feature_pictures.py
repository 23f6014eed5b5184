"""A photo on its way through both networks, as a column of small pictures for each."""

import html

import numpy as np
from PIL import Image

from seg.classes import CLASS_NAMES
from seg.errors import UserError
from seg.images.rendering import data_url, encoded
from seg.inference.feature_maps import SHOWN, feature_maps
from seg.networks import TITLES

_GAP = 2


def draw_feature_maps(segmenters: dict, photo) -> str:
    """HTML of some features at each step of each network.

    Args:
        segmenters: `seg.inference.segmenter.Segmenter` by network name.
        photo: whatever `seg.images.given_photos.as_photo` makes a photo of.

    Raises:
        UserError: there is no network, or the photo cannot be read.
    """
    if not segmenters:
        raise UserError("No network runs here that a photo could go through.")
    return f'<div class="through">{"".join(_column(name, segmenters[name], photo) for name in segmenters)}</div>'


def _column(name, segmenter, photo):
    anatomy = segmenter.anatomy
    skips = {skip.carried.layer: skip for skip in anatomy.skips}
    going_down = {step.layer for level in anatomy.levels for step in (level.pooled, level.down) if step}
    rows = []
    for step, maps in feature_maps(segmenter, photo):
        is_score = step.features == anatomy.scores.features
        what = f"scores: {', '.join(CLASS_NAMES)}" if is_score else f"{len(maps)} of {step.features} features"
        if step.layer not in skips and any(step == level.pooled for level in anatomy.levels):
            continue  # what a pooling gave looks like the features before it, at half the size
        told = [f"{step.size} × {step.size}", what]
        if step.layer in skips:
            told.append(f"<b>{skips[step.layer].name} →</b>")
        way = "down" if step.layer in going_down else "up"
        alternative = html.escape(f"{TITLES[name]}, way {way}, {told[0]} places, {what}")
        width = f"width:{100 * len(maps) / SHOWN:g}%;aspect-ratio:{len(maps)}"
        rows.append(
            f'<figure class="{way}"><img src="{_strip(maps)}" alt="{alternative}" style="{width}"><figcaption>'
            f"{'↓' if way == 'down' else '↑'} {' · '.join(told)}</figcaption></figure>"
        )
    return f"<section><h4>{TITLES[name]}</h4>{''.join(rows)}</section>"


def _strip(maps):
    """A data URL of pictures (n, h, w), side by side."""
    gap = max(1, round(_GAP * maps.shape[2] / 64))
    padded = np.pad(maps, ((0, 0), (0, 0), (0, gap)), constant_values=255)
    strip = Image.fromarray(np.concatenate(list(padded), axis=1)[:, :-gap])
    return data_url(encoded(strip, "PNG", optimize=True))
