"""Layout of the page: a tab for each subject."""

import gradio as gr

from seg.serving import Service
from seg.ui import compare_api, compare_tab

TITLE = "FCN-8 and U-Net on your pet photo"

# Uploaded photos and their masks are deleted from the server after this time.
_KEEP_SECONDS = 3600
_SWEEP_SECONDS = 600

_STYLE = """
.gradio-container { max-width: 1280px !important; }
"""

LAUNCH = {
    "theme": gr.themes.Default(primary_hue="orange", font=["system-ui", "sans-serif"], font_mono=["ui-monospace", "monospace"]),
    "css": _STYLE + compare_tab.STYLE,
    "max_file_size": "64mb",
    "footer_links": ["api", "gradio", "settings"],
    # A visitor's photos stay out of any list of past runs.
    "run_history": False,
    # Offers `/compare` to language models too.
    "mcp_server": True,
}
"""What the page needs of `gradio.Blocks.launch`."""


def build_page(service: Service) -> gr.Blocks:
    """Builds the page; each photo goes to the networks that the service holds then."""
    with gr.Blocks(title=TITLE, analytics_enabled=False, delete_cache=(_SWEEP_SECONDS, _KEEP_SECONDS)) as page:
        gr.Markdown(f"# {TITLE}\nTwo classic segmentation networks mark the same pet: what is **pet**, what is **outline**, what is **background**?")
        compare_api.register(service)
        with gr.Tabs():
            with gr.Tab("Compare", id="compare"):
                compare_tab.build(page, service)
    return page
