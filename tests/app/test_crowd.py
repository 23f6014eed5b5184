"""Many visitors at once; tests/benchmarks/load.py does the same at length."""

import numpy as np
import pytest

from seg.images.photos import open_photo
from seg.inference.comparison import Networks
from seg.ui.server import turns

from crowd import flood, send
from repository import EXAMPLES, ROOT, example_photo

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def small_app(running_app, tmp_path_factory):
    with running_app(tmp_path_factory.mktemp("crowd"), {"MAX_WAITING": "6"}) as (url, _):
        yield url


def test_everyone_gets_the_right_masks_and_a_place(small_app, tmp_path):
    photos = [EXAMPLES / "boxer_26.jpg", EXAMPLES / "Bengal_93.jpg", tmp_path / "large.jpg"]
    example_photo("boxer_26").resize((2400, 1800)).save(photos[2])
    networks = Networks(ROOT / "weights", "here")
    expected = {
        path: [seen.class_map for seen in networks.compare(open_photo(path)).segmentations.values()] for path in photos
    }
    answers = send(small_app, photos, clients=4, requests=12)
    assert len(answers) == 12
    for path, answer in answers:
        assert not isinstance(answer, Exception), answer
        assert all(
            (np.asarray(mask) == reference).all() for mask, reference in zip(answer.masks, expected[path], strict=True)
        )
    assert max(place for _, answer in answers for place in answer.places) >= 1  # somebody waited, and knew where


def test_no_more_than_may_wait_and_the_others_are_told(small_app):
    answers, refusals = flood(small_app, EXAMPLES / "boxer_26.jpg", 12)
    assert len(answers) >= 6 and refusals
    assert all("busy" in told and "try again" in told for told in refusals)
    finished = [answer.done for answer in answers]
    assert max(finished[:2]) < min(finished[-2:])  # neighbours are compared at the same time: either may be done first


@pytest.mark.parametrize("way", ["/compare", "several photos"])
def test_no_way_in_passes_the_comparison_at_work(way):
    import asyncio
    import threading
    from types import SimpleNamespace

    import gradio as gr

    from seg.ui.server import compare_api
    from seg.ui.several import tab as several_tab

    compared = threading.Event()
    networks = Networks(ROOT / "weights", "here")
    watched = SimpleNamespace(
        skips={}, compare=lambda photo, **options: compared.set() or networks.compare(photo, **options)
    )
    service = SimpleNamespace(networks=watched, bundled_folder=ROOT / "weights")
    with gr.Blocks() as page:
        (compare_api.register if way == "/compare" else several_tab.build)(service)
    function = next(f.fn for f in page.fns.values() if f.name in ("compare", "compare_all"))
    path = str(EXAMPLES / "boxer_26.jpg")
    if way == "/compare":
        ask = lambda: asyncio.run(function(lambda: open_photo(path)))  # noqa: E731
    else:
        ask = lambda: list(function([path], progress=gr.Progress()))  # noqa: E731
    begun, let_go = threading.Barrier(turns.AT_ONCE + 1), threading.Event()
    for _ in range(turns.AT_ONCE):
        threading.Thread(target=turns.in_turn, args=(lambda: (begun.wait(), let_go.wait()),)).start()
    begun.wait()
    try:
        asking = threading.Thread(target=ask)
        asking.start()
        assert not compared.wait(1)
    finally:
        let_go.set()
    asking.join(60)
    assert compared.is_set()
