"""Pixel shares of both networks, as numbers and bars on one scale."""

import gradio as gr

from seg.ui.scripts import script


class SharesTable(gr.HTML):
    """Shows `numbers_of` a comparison; the API returns them as JSON."""

    def __init__(self, **kwargs):
        super().__init__(
            html_template=script("compare/shares_table.html"),
            css_template=script("compare/shares_table.css"),
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
