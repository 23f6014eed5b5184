"""Addresses that show an example, a view of it, or a tab, at once: ``?example=boxer_26&show=differences``.

They change with what is shown, and Back and Forward go through them: see ``address.js``.
"""

import contextlib
import html
from urllib.parse import parse_qsl

import gradio as gr

from seg.errors import UserError
from seg.ui.events import QUIET
from seg.ui.example_photos import EXAMPLES, name_of, reported_photos
from seg.ui.scripts import script
from seg.ui.server.recent import RecentLooks
from seg.ui.server.serving import Service

FIRST_TAB, FIRST_VIEW = "compare", "side"
"""What an address that names neither tab nor view shows."""

HEAD = script("address.js", FIRST=[FIRST_TAB, FIRST_VIEW])
"""The script that keeps the address, for the page's head."""


def build_link(look_key: gr.State, recent: RecentLooks, view: gr.Radio) -> None:
    """Builds the field with the address of the example and view shown; there is none for a person's own photo.

    Args:
        look_key: key of the comparison on the page, or None; ``recent`` recalls it.
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
        name = None
        with contextlib.suppress(UserError):  # forgotten, or none
            name = recent.glance(key).known_as
        return name or "", gr.Textbox(visible=name is not None)

    found = look_key.change(named, look_key, [known, link], **QUIET)
    # Only the browser knows the address of the page.
    told = script("link.js", FIRST_VIEW=FIRST_VIEW)
    found.success(None, [known, view], link, js=told.replace("DETAIL", "{example: name || null}"))
    view.change(None, [known, view], link, js=told.replace("DETAIL", "{show}"))


def follow(page: gr.Blocks, service: Service, tabs: gr.Tabs, photo: gr.Image, view: gr.Radio, notice: gr.HTML) -> None:
    """Opens what the page's address asks for.

    Args:
        tabs: what ``tab`` chooses from.
        photo: where ``example`` is opened.
        view: what ``show`` chooses from.
        notice: place for a sentence on what is not here.
    """
    asked = gr.Textbox(visible=False)
    opener, chooser = (gr.Button(visible="hidden", elem_id=name) for name in ("address-open", "address-photo"))
    outputs = [photo, view, tabs, notice]
    tab_ids, shows = [tab.id for tab in tabs.children], [value for _, value in view.choices]
    usual = {"tab": FIRST_TAB, "show": FIRST_VIEW}

    def opened(wanted: dict):
        example, tab, show = map(wanted.get, ("example", "tab", "show"))
        paths = {name_of(path): path for path in (*reported_photos(service.bundled_folder), *EXAMPLES)}
        asked_for = (
            ("example", example, paths, "choose one of those below"),
            ("tab", tab, tab_ids, f"there are {', '.join(tab_ids)}"),
            ("view", show, shows, f"there are {', '.join(shows)}"),
        )
        problems = [
            f"This address asks for the {kind} “{name}”, which is not here; {instead}."
            for kind, name, there, instead in asked_for
            if name and name not in there
        ]
        return [
            str(paths[example]) if example in paths else gr.skip(),
            show if show in shows else gr.skip(),
            gr.Tabs(selected=tab) if tab in tab_ids else gr.skip(),
            gr.HTML(
                "".join(f"<p role='alert'>⚠ {html.escape(problem)}</p>" for problem in problems),
                visible=bool(problems),
            ),
        ]

    def opened_at_first(request: gr.Request):
        return opened(dict(request.query_params))

    def opened_again(address: str):
        return opened(usual | dict(parse_qsl(address.removeprefix("?"))))

    page.load(opened_at_first, None, outputs, **QUIET)
    page.load(None, js="() => { document.dispatchEvent(new Event('page-begins')); return []; }")
    opener.click(opened_again, asked, outputs, js="() => [location.search]", trigger_mode="always_last", **QUIET)
    chooser.click(None, None, photo, js="() => document.getElementById('address-photo').photo ?? null")
    for tab in tabs.children:
        tab.select(None, js=script("tab_chosen.js", TAB=tab.id))
