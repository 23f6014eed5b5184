"""Layout of the page: a tab for each subject."""

from pathlib import Path

import gradio as gr
from starlette.middleware import Middleware

from seg.classes import CLASS_NAMES, OTHER_NAMES, PET
from seg.networks import TITLES, chosen_pair
from seg.ui import links
from seg.ui.about import tab as about_tab
from seg.ui.compare import tab as compare_tab
from seg.ui.contest import tab as contest_tab
from seg.ui.scripts import script
from seg.ui.server import compare_api, gradio_internals
from seg.ui.server.api_documents import OwnAddress
from seg.ui.server.gradio_internals import GuardedBlocks
from seg.ui.server.request_limits import RequestLimits, silence_mcp
from seg.ui.server.serving import Service
from seg.ui.server.stopping import lifespan
from seg.ui.server.turns import MAX_WAITING
from seg.ui.server.uploads import KEEP_SECONDS, SWEEP_SECONDS
from seg.ui.several import tab as several_tab

_HERE = Path(__file__).parent

LAUNCH = {
    "theme": (
        gr.themes.Default(
            primary_hue="teal",  # no colour of a class or of a network
            font=["system-ui", "sans-serif"],
            font_mono=["ui-monospace", "monospace"],
        ).set(
            body_text_color_subdued="*neutral_600",  # Gradio's own grey is too faint to read on white
            button_primary_background_fill="*primary_700",  # and so is white on its orange
            button_primary_background_fill_dark="*primary_700",
            button_primary_background_fill_hover="*primary_800",
            button_primary_background_fill_hover_dark="*primary_800",
            link_text_color_dark="*secondary_400",
        )
    ),
    # The page's own style sheet, and that of each tab.
    "css_paths": [_HERE / "page.css", *sorted(_HERE.glob("*/tab.css"))],
    "head": f"<script>{script('event_stream.js')}</script>\n<script>{links.HEAD}</script>",
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
    title = f"{' and '.join(TITLES[name] for name in chosen_pair())} on your pet photo"
    with GuardedBlocks(title=title, analytics_enabled=False, delete_cache=(SWEEP_SECONDS, KEEP_SECONDS)) as page:
        gr.Markdown(
            f"# {title}\nTwo classic segmentation networks mark the same pet: "
            + ", ".join(f"what is **{name}**" for name in (CLASS_NAMES[PET], *OTHER_NAMES))
            + "?",
            elem_id="lead",
        )
        compare_api.register(service)
        notice = gr.HTML(visible=False, elem_id="link-notice", elem_classes="flush")
        with gr.Tabs() as tabs:
            with gr.Tab("Compare", id=links.FIRST_TAB):
                photo, view = compare_tab.build(page, service)
            with gr.Tab("Several photos", id="several"):
                several_tab.build(service)
            with gr.Tab("The contest", id="contest"):
                contest_tab.build(page, service, tabs, photo)
            with gr.Tab("How it works", id="about"):
                about_tab.build(page, service)
        page.is_ready = service.is_complete
        page.queue(max_size=MAX_WAITING)
        gradio_internals.check(page)
        page.rest()
        links.follow(page, service, tabs, photo, view, notice)
    return page


def launch(page: gr.Blocks, **settings):
    """Serves a page of `build_page`: `gradio.Blocks.launch` with what the page needs, and further ``settings``."""
    silence_mcp()
    # Gradio writes into app_kwargs: a second page must have its own.
    return page.launch(
        **LAUNCH,
        app_kwargs={"middleware": [Middleware(RequestLimits), Middleware(OwnAddress)], "lifespan": lifespan},
        **settings,
    )
