"""Addresses that show an example, a view of it, or a tab, at once: ``?example=boxer_26&show=differences``."""

import html
from urllib.parse import urlencode

import gradio as gr

from seg.errors import UserError
from seg.ui.example_photos import EXAMPLES, most_different_photos, name_of
from seg.ui.server.recent import RecentLooks
from seg.ui.server.serving import Service


def build_link(look_key: gr.State, recent: RecentLooks, view: gr.Radio) -> None:
    """Builds the field with the address of the example and view shown; there is none for a person's own photo.

    Args:
        look_key: key of the comparison on the page, or None.
        recent: recalls it.
        view: the chosen view.
    """
    link = gr.Textbox(
        label="Link to this example and view",
        interactive=False,
        visible=False,
        buttons=["copy"],
        elem_id="link",
        max_lines=1,
    )

    def query_of(key, chosen):
        try:
            name = recent.known_as(key) if key else None
        except UserError:
            name = None
        # ``view`` is a key of Gradio's own.
        shown = {"example": name} | ({"show": chosen} if chosen != view.value else {}) if name else {}
        return gr.Textbox(f"?{urlencode(shown)}" if name else "", visible=name is not None)

    found = gr.on(
        [look_key.change, view.change],
        query_of,
        [look_key, view],
        link,
        api_visibility="private",
        show_progress="hidden",
    )
    # Only the browser knows the address of the page.
    found.success(None, link, link, js="query => query && new URL(query, location.origin + location.pathname).href")


def build_notice() -> gr.HTML:
    """Builds the place for a sentence on an address that names nothing."""
    return gr.HTML(visible=False, elem_id="link-notice", elem_classes="flush")


def follow(
    page: gr.Blocks, service: Service, tabs: gr.Tabs, tab_ids: tuple, photo: gr.Image, view: gr.Radio, notice: gr.HTML
) -> None:
    """Opens what the page's address asks for.

    Args:
        tab_ids: what ``tab`` may be.
        photo: where ``example`` is opened.
        view: what ``show`` chooses from.
        notice: of `build_notice`.
    """

    def opened(request: gr.Request):
        wanted = dict(request.query_params)
        problems, example, tab, show = [], wanted.get("example"), wanted.get("tab"), wanted.get("show")
        shows = [value for _, value in view.choices]
        path = next(
            (path for path in (*EXAMPLES, *most_different_photos(service.bundled_folder)) if name_of(path) == example),
            None,
        )
        if example and path is None:
            problems.append(
                f"This address asks for the example “{example}”, which is not here; choose one of those below."
            )
        if tab and tab not in tab_ids:
            problems.append(
                f"This address asks for the tab “{tab}”, which is not here; there are {', '.join(tab_ids)}."
            )
        if show and show not in shows:
            problems.append(
                f"This address asks for the view “{show}”, which is not here; there are {', '.join(shows)}."
            )
        return [
            str(path) if path else gr.skip(),
            show if show in shows else gr.skip(),
            gr.Tabs(selected=tab) if tab in tab_ids else gr.skip(),
            gr.HTML(
                "".join(f"<p role='alert'>⚠ {html.escape(problem)}</p>" for problem in problems),
                visible=bool(problems),
            ),
        ]

    page.load(opened, None, [photo, view, tabs, notice], api_visibility="private", show_progress="hidden")
