"""The queue rests while nobody uses the app, and still does its work."""

import asyncio

import gradio as gr
import pytest

from seg.ui.server import idle

from repository import run_async


@pytest.fixture
def page():
    with gr.Blocks() as page:
        gr.Textbox().change(list, None, None)
    page.queue()
    return page


def test_an_idle_queue_looks_for_work_fifty_times_a_second(page, monkeypatch):
    idle.rest(page)
    rests, sleep = [], asyncio.sleep

    async def counted(seconds):
        rests.append(seconds)
        page._queue.stopped = len(rests) == 3
        await sleep(0)

    monkeypatch.setattr(asyncio, "sleep", counted)
    run_async(page._queue.start_processing())
    assert rests == [0.02] * 3


def test_a_changed_gradio_is_told_at_the_start(page):
    del page._queue.sleep_when_free
    with pytest.raises(RuntimeError, match=r"has no Queue\.sleep_when_free"):
        idle.rest(page)
