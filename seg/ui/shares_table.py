"""Pixel shares of both networks, as numbers and bars on one scale."""

import gradio as gr
import numpy as np

from seg.classes import CLASS_NAMES, PALETTE
from seg.comparison import Comparison
from seg.calibration import probabilities
from seg.confidence import disputed_confidence, mean_confidence
from seg.layers import error_shares
from seg.metrics import class_shares, confusion_matrix, scores
from seg.networks import TITLES

# Values reach the template as JSON; nothing in it comes from a visitor.
_TEMPLATE = """
${value ? `
<table>
  <caption>Share of the photo's pixels${value.agreement === null ? "" :
    ` &ndash; the networks agree on <strong>${(100 * value.agreement).toFixed(1)}&nbsp;%</strong> of them`}</caption>
  <thead><tr><th scope="col">Class</th>${value.networks.map(n => `<th scope="col">${n.title}</th>`).join("")}${value.truth ? `<th scope="col">Truth</th>` : ""}</tr></thead>
  <tbody>${value.classes.map(c => `<tr>
    <th scope="row"><span class="swatch" style="background:${c.colour}"></span>${c.name}</th>
    ${value.networks.map(n => `<td>
      <span class="number">${(100 * n.shares[c.name]).toFixed(1)}&nbsp;%</span>
      <span class="track"><span class="bar" style="width:${100 * n.shares[c.name]}%;background:${c.colour}"></span></span>
    </td>`).join("")}${value.truth ? `<td>
      <span class="number">${(100 * value.truth[c.name]).toFixed(1)}&nbsp;%</span>
      <span class="track"><span class="bar" style="width:${100 * value.truth[c.name]}%;background:${c.colour}"></span></span>
    </td>` : ""}
  </tr>`).join("")}
  ${value.truth ? value.classes.map(c => `<tr class="score"><th scope="row">${c.name}: IoU, Dice</th>
    ${value.networks.map(n => `<td>${n.iou[c.name] === null ? "&ndash;" : `${n.iou[c.name].toFixed(3)}, ${n.dice[c.name].toFixed(3)}`}</td>`).join("")}<td></td></tr>`).join("") : ""}
  <tr><th scope="row">Time</th>${value.networks.map(n => `<td>${(1000 * n.seconds).toFixed(0)}&nbsp;ms</td>`).join("")}</tr>
  </tbody>
</table>` : ""}
"""

_STYLE = """
table { width: 100%; border-collapse: collapse; table-layout: fixed; color: var(--body-text-color); }
table, tr, th, td { border: 0 !important; }
caption { text-align: left; padding: 6px 4px; }
th, td { text-align: left; padding: 6px 4px; font-weight: 400; vertical-align: middle; }
thead th:first-child { width: 12.5em; }
@media (max-width: 500px) { thead th:first-child { width: 118px; } }
thead th { font-weight: 600; box-shadow: 0 1px var(--border-color-primary); }
.swatch { display: inline-block; width: .9em; height: .9em; border-radius: 3px; margin-right: .5em; vertical-align: -1px; }
.number { display: inline-block; font-variant-numeric: tabular-nums; }
.track { display: block; height: 8px; border-radius: 4px; background: var(--border-color-primary); overflow: hidden; margin-top: 3px; }
.bar { display: block; height: 100%; border-radius: 4px; box-shadow: inset 0 0 0 1px #8886; }
"""


_SCORES = ("pixel_accuracy", "mean_iou", "iou", "dice", "errors")


class SharesTable(gr.HTML):
    """Shows `numbers_of` a comparison; the API returns them as JSON."""

    def __init__(self, **kwargs):
        super().__init__(html_template=_TEMPLATE, css_template=_STYLE, **kwargs)

    def api_info(self):
        return {
            "type": "object",
            "title": "agreement; agreement_iou by class; networks: name, title, shares by class, seconds, confidence, pixel_accuracy, mean_iou, iou and dice by class; truth; classes",
        }


def numbers_of(comparison: Comparison, truth: np.ndarray | None = None) -> dict:
    """The numbers of a comparison as JSON can hold them.

    Args:
        truth: true class ids, integer array (height, width), where known.

    Returns:
        ``{"agreement": 0..1, "agreement_iou": {class: 0..1}, "networks":
        [{"name", "title", "shares": {class: 0..1}, "seconds", "confidence",
        "pixel_accuracy", "mean_iou", "iou", "dice", "errors"}], "truth": {class: 0..1}, "classes": [{"id", "name",
        "colour"}]}``. ``agreement`` and ``agreement_iou`` are None unless both
        networks ran; ``confidence`` is `seg.confidence.mean_confidence` with
        ``disputed``, `seg.confidence.disputed_confidence` or None, and ``calibrated``,
        whether the saved report knows the temperature; ``pixel_accuracy``, ``mean_iou``,
        ``iou`` and ``dice`` by class, ``errors`` by kind (`seg.layers.error_shares`), and ``truth``, the true shares, are None
        where the truth is not known.
    """
    networks = []
    disputed = _disputed(comparison)
    for name, seen in comparison.segmentations.items():
        score = dict.fromkeys(_SCORES)
        if truth is not None:
            counts = confusion_matrix(truth, seen.class_map)
            score = scores(counts) | {"errors": error_shares(counts)}
        temperature = comparison.temperature(name)
        confidence = mean_confidence(seen.logits, temperature or 1) | {
            "disputed": disputed.get(name),
            "calibrated": temperature is not None,
        }
        numbers = {
            "name": name,
            "title": TITLES[name],
            "shares": seen.shares,
            "seconds": seen.seconds,
            "confidence": confidence,
        }
        networks.append(numbers | {key: score[key] for key in _SCORES})
    return {
        "agreement": comparison.agreement,
        "agreement_iou": comparison.agreement_iou,
        "networks": networks,
        "truth": class_shares(truth) if truth is not None else None,
        "classes": [
            {"id": class_id, "name": name, "colour": "#{:02x}{:02x}{:02x}".format(*PALETTE[class_id])}
            for class_id, name in enumerate(CLASS_NAMES)
        ],
    }


def _disputed(comparison):
    """By network name, how sure each is where they differ; empty where that cannot be said."""
    logits = {name: seen.logits for name, seen in comparison.segmentations.items()}
    if len(logits) < len(TITLES) or len({each.shape for each in logits.values()}) > 1:
        return {}
    confidences = [probabilities(each, comparison.temperature(name) or 1).max(axis=-1) for name, each in logits.items()]
    means = disputed_confidence([each.argmax(axis=-1) for each in logits.values()], confidences)
    return dict(zip(logits, means)) if means else {}
