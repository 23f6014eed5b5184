"""What lies behind Gradio's documents is where it was, and what has moved is told at the start."""

import asyncio
import re
from pathlib import Path

import gradio as gr
import pytest

from seg.ui.server import gradio_internals

from repository import ROOT, run_async


@pytest.fixture
def page():
    with gradio_internals.GuardedBlocks() as page:
        gr.Textbox().change(list, None, None)
    page.queue()
    return page


def test_a_queue_looks_for_work_often_only_while_somebody_is_here(page, monkeypatch):
    monkeypatch.setattr(gradio_internals, "AWAKE_SECONDS", 0)
    page.rest()
    rests, sleep = [], asyncio.sleep

    async def counted(seconds):
        rests.append(seconds)
        if len(rests) == 2:
            page.wake()
        else:
            await sleep(0.001)
        page._queue.stopped = len(rests) == 4

    monkeypatch.setattr(asyncio, "sleep", counted)
    run_async(page._queue.start_processing())
    assert rests == [0.25, 0.25, 0.02, 0.25]


def test_all_is_there_in_the_gradio_that_is_required(page):
    gradio_internals.check(page)
    assert gr.__version__.startswith(f"{gradio_internals.WRITTEN_FOR}.")


@pytest.mark.parametrize("path", gradio_internals._HELD)
def test_what_a_page_holds_no_longer_is_told_at_the_start(page, path):
    *way, name = path.split(".")
    delattr(getattr(page, *way), name)
    with pytest.raises(RuntimeError, match=rf"has no Blocks\.{re.escape(path)}; seg/ui/server/gradio_internals\.py"):
        gradio_internals.check(page)


@pytest.mark.parametrize("called", gradio_internals._CALLED, ids=lambda called: called[1])
def test_methods_with_other_arguments_are_told_at_the_start(page, monkeypatch, called):
    owner, name, _ = called
    monkeypatch.setattr(owner, name, lambda: None)
    with pytest.raises(RuntimeError, match=rf"has no {owner.__name__}\.{name}\(self"):
        gradio_internals.check(page)


def named(word, text):
    return re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", text)


@pytest.mark.slow
def test_style_sheets_name_classes_that_gradio_still_has():
    files = [path for path in (ROOT / "seg").rglob("*") if path.suffix in (".py", ".js", ".html", ".css")]
    styles = "".join(re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.S) for path in files if path.suffix == ".css")
    ours = "".join(path.read_text() for path in files if path.suffix != ".css")
    assets = (Path(gr.__file__).parent / "templates/frontend/assets").iterdir()
    theirs = "".join(path.read_text() for path in assets if path.suffix in (".css", ".js"))
    named_here = set(re.findall(r"[.]([a-z][\w-]+)(?=[^{}]*{)", styles))
    of_gradio = {
        name for name in named_here if not named(name, ours) and not named(name.partition("-")[0] + "-$", ours)
    }
    assert {"gradio-container", "thumbnail-lg"} <= of_gradio
    assert not [name for name in of_gradio if not named(name, theirs)]
