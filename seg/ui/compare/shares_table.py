"""Pixel shares of both networks, as numbers and bars on one scale."""

from pathlib import Path

import gradio as gr

_HERE = Path(__file__).parent


class SharesTable(gr.HTML):
    """Shows `numbers_of` a comparison; the API returns them as JSON."""

    def __init__(self, **kwargs):
        super().__init__(
            html_template=_HERE.joinpath("shares_table.html").read_text(encoding="utf-8"),
            css_template=_HERE.joinpath("shares_table.css").read_text(encoding="utf-8"),
            **kwargs,
        )

    def api_info(self):
        return {
            "type": "object",
            "title": (
                "agreement; agreement_iou by class; networks: name, title, shares by class, seconds, confidence,"
                " pixel_accuracy, mean_iou, iou and dice by class; truth; classes"
            ),
        }
