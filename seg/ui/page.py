"""Layout of the page: a tab for each subject."""

import gradio as gr

from seg.serving import Service
from seg.ui import about_tab, compare_api, compare_tab, contest_tab, downloads, links, several_tab, svg
from seg.ui.doors import MIDDLEWARE, GuardedBlocks, silence_mcp
from seg.ui.turns import MAX_WAITING
from seg.ui.uploads import KEEP_SECONDS, SWEEP_SECONDS, sweeping

TITLE = "FCN-8 and U-Net on your pet photo"

_STYLE = """
.gradio-container { max-width: 1280px !important; }
button[role=tab].selected { color: var(--primary-700) !important; }
.dark button[role=tab].selected { color: var(--primary-400) !important; }
/* In line with headings and text. */
.flush .html-container { padding: 0 !important; }
"""

LAUNCH = {
    "theme": gr.themes.Default(
        primary_hue="orange", font=["system-ui", "sans-serif"], font_mono=["ui-monospace", "monospace"]
    ).set(
        body_text_color_subdued="*neutral_600",  # Gradio's own grey is too faint to read on white
        button_primary_background_fill="*primary_700",  # and so is white on its orange
        button_primary_background_fill_dark="*primary_700",
        button_primary_background_fill_hover="*primary_800",
        button_primary_background_fill_hover_dark="*primary_800",
        link_text_color_dark="*secondary_400",
    ),
    "css": _STYLE
    + svg.STYLE
    + compare_tab.STYLE
    + downloads.STYLE
    + several_tab.STYLE
    + contest_tab.STYLE
    + about_tab.STYLE,
    "max_file_size": "64mb",
    "footer_links": ["api", "gradio", "settings"],
    # A visitor's photos stay out of any list of past runs.
    "run_history": False,
    # Offers `/compare` to language models too.
    "mcp_server": True,
    "enable_monitoring": False,
    # A visitor's state takes a tenth of a megabyte; Gradio would keep ten thousand.
    "state_session_capacity": 500,
}
"""What `launch` gives to `gradio.Blocks.launch`."""


def build_page(service: Service) -> gr.Blocks:
    """Builds the page; each photo goes to the networks that the service holds then."""
    with GuardedBlocks(title=TITLE, analytics_enabled=False, delete_cache=(SWEEP_SECONDS, KEEP_SECONDS)) as page:
        gr.Markdown(
            f"# {TITLE}\nTwo classic segmentation networks mark the same pet: what is **pet**, what is **outline**, what is **background**?"
        )
        compare_api.register(service)
        notice = links.build_notice()
        with gr.Tabs() as tabs:
            with gr.Tab("Compare", id="compare"):
                compare = compare_tab.build(page, service)
                downloads.build(service, compare.look_key, compare.recent)
                links.build_link(service, compare.look_key, compare.recent, compare.view)
            with gr.Tab("Several photos", id="several"):
                several_tab.build(service)
            with gr.Tab("The contest", id="contest"):
                contest_tab.build(page, service, tabs, compare.photo)
            with gr.Tab("How it works", id="about"):
                about_tab.build(service)
        page.queue(max_size=MAX_WAITING)
        links.follow(
            page, service, tabs, ("compare", "several", "contest", "about"), compare.photo, compare.view, notice
        )
    return page


def launch(page: gr.Blocks, **settings):
    """Serves a page of `build_page`: `gradio.Blocks.launch` with what the page needs, and further ``settings``."""
    silence_mcp()
    # Gradio writes into app_kwargs: a second page must have its own.
    return page.launch(**LAUNCH, app_kwargs={"middleware": MIDDLEWARE, "lifespan": sweeping}, **settings)
