"""Addresses that show an example, a view of it, or a tab, at once: ``?example=boxer_26&show=differences``.

They change with what is shown, and Back and Forward go through them: see ``address.js``.
"""

import html
from urllib.parse import parse_qsl

import gradio as gr

from seg.errors import UserError
from seg.ui.events import QUIET
from seg.ui.example_photos import EXAMPLES, name_of, reported_photos
from seg.ui.scripts import script
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

    known = gr.Textbox(visible=False)

    def named(key):
        try:
            name = recent.glance(key).known_as if key else None
        except UserError:
            name = None
        return name or "", gr.Textbox(visible=name is not None)

    found = look_key.change(named, look_key, [known, link], **QUIET)
    # Only the browser knows the address of the page.
    told = script("link.js", FIRST_VIEW=view.value)
    found.success(None, [known, view], link, js=told.replace("DETAIL", "{example: name || null}"))
    view.change(None, [known, view], link, js=told.replace("DETAIL", "{show}"))


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

    asked, opener, chooser = gr.Textbox(visible=False), _hidden("address-open"), _hidden("address-photo")
    outputs = [photo, view, tabs, notice]

    def opened(wanted: dict, usual: bool):
        """What shows what is wanted; ``usual``: what is not, is shown as at first."""
        example, tab, show = wanted.get("example"), wanted.get("tab"), wanted.get("show")
        if usual:
            tab, show = tab or tab_ids[0], show or view.value
        shows = [value for _, value in view.choices]
        path = next(
            (path for path in (*EXAMPLES, *reported_photos(service.bundled_folder)) if name_of(path) == example),
            None,
        )
        asked_for = (
            ("example", example, path is not None, "choose one of those below"),
            ("tab", tab, tab in tab_ids, f"there are {', '.join(tab_ids)}"),
            ("view", show, show in shows, f"there are {', '.join(shows)}"),
        )
        problems = [
            f"This address asks for the {kind} “{name}”, which is not here; {instead}."
            for kind, name, is_there, instead in asked_for
            if name and not is_there
        ]
        return [
            str(path) if path else gr.skip(),
            show if show in shows else gr.skip(),
            gr.Tabs(selected=tab) if tab in tab_ids else gr.skip(),
            gr.HTML(
                "".join(f"<p role='alert'>⚠ {html.escape(problem)}</p>" for problem in problems),
                visible=bool(problems),
            ),
        ]

    def opened_at_first(request: gr.Request):
        return opened(dict(request.query_params), usual=False)

    def opened_again(address: str):
        return opened(dict(parse_qsl(address.removeprefix("?"))), usual=True)

    page.load(opened_at_first, None, outputs, **QUIET)
    page.load(None, js=script("address.js", FIRST=[tab_ids[0], view.value]))
    opener.click(opened_again, asked, outputs, js="() => [location.search]", trigger_mode="always_last", **QUIET)
    chooser.click(None, None, photo, js="() => document.getElementById('address-photo').photo ?? null")
    for tab in tabs.children:
        tab.select(None, js=script("tab_chosen.js", TAB=tab.id))


def _hidden(name):
    return gr.Button(visible="hidden", elem_id=name)
