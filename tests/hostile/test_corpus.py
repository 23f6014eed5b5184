"""A third of the corpus through the running app; `run.py` sends all of it and measures time and memory too."""

import html
import json
import uuid

import pytest
from run import GOOD_PHOTO, good_photo_is_right, is_a_sentence, right_masks, try_case

from corpus import MASK, corpus
from visitor import MARK, Visitor

pytestmark = pytest.mark.slow

LIGHT = [case for case in corpus() if not case.heavy]
BATCHES = [LIGHT[start::33] for start in range(0, 33, 3)]
"""Files of every kind in each; what is about the same is in another one."""


@pytest.fixture(scope="module")
def masks():
    return right_masks()


@pytest.mark.parametrize("batch", BATCHES, ids=lambda batch: f"{batch[0].name} and {len(batch) - 1} more")
def test_each_file_ends_in_a_mask_or_a_sentence_and_the_server_stays_right(app, masks, batch):
    visitor = Visitor(app[0], timeout=30)
    wrong = {case.name: outcome for case in batch if (outcome := try_case(visitor, case)).wrong}
    assert not wrong
    assert good_photo_is_right(visitor, masks)
    log = app[1].read_text()
    assert "Traceback" not in log and "site-packages" not in log


def test_the_corpus_is_large_and_always_the_same():
    again = {case.name: case for case in corpus()}
    assert len(again) >= 80 and sum(map(len, BATCHES)) >= 80
    for case in LIGHT[::9]:
        assert case.make() == again[case.name].make(), case.name


def run_event(visitor, trigger, *data, session=None):
    """Runs the page's event that an element triggers; returns how it ended, and its last outputs."""
    config = json.loads(visitor.ask("/config")[1])
    (element,) = [
        component["id"] for component in config["components"] if component["props"].get("elem_id") == trigger[0]
    ]
    event = next(
        event
        for event in config["dependencies"]
        if [element, trigger[1]] in event["targets"] and len(event["inputs"]) == len(data)
    )
    session = session or uuid.uuid4().hex
    body = json.dumps({"data": data, "fn_index": event["id"], "session_hash": session})
    visitor.ask("/gradio_api/queue/join", body, {"Content-Type": "application/json"})
    text = visitor.ask(f"/gradio_api/queue/data?session_hash={session}")[1].decode()
    messages = [json.loads(line.removeprefix("data: ")) for line in text.split("\n\n") if line.startswith("data: ")]
    ended = next(message for message in messages if message["msg"] == "process_completed")
    outputs = [
        message["output"]["data"]
        for message in messages
        if message["msg"] in ("process_generating", "process_completed") and message["output"].get("data")
    ]
    return ended, outputs


def uploaded(visitor, name, content):
    return {"path": visitor.upload((name, content))[1][0], "meta": MARK}


def test_several_hostile_files_at_once(app, masks):
    visitor = Visitor(app[0])
    cases = [
        case
        for case in LIGHT
        if case.name
        in (
            "whole JPEG",
            "whole EPS",
            "nothing",
            "SVG as JPEG",
            "name: HTML",
            "immense PNG",
            "animated GIF",
            "JPEG as HTML",
        )
    ]
    assert len(cases) == 8
    files = [uploaded(visitor, case.filename, case.make()) for case in cases]
    ended, outputs = run_event(visitor, ("several-start", "click"), files)
    assert ended["success"]
    said = " ".join(map(str, (output for output in outputs)))
    assert (
        said.count("is not a photo that can be read") >= 3
        and "megapixels" in said
        and "<img src=x" not in html.unescape(said).replace("&lt;", "")
    )
    assert sum(case.ends == MASK for case in cases) == 4 and "4 of 8 photos done, 4 refused." in said
    assert good_photo_is_right(visitor, masks)


def test_hostile_trimaps(app, masks):
    visitor = Visitor(app[0])
    photo = uploaded(visitor, GOOD_PHOTO.name, GOOD_PHOTO.read_bytes())
    session = uuid.uuid4().hex  # the server keeps which comparison is on its page

    def judged(trimap):
        return run_event(visitor, ("trimap", "upload"), trimap, None, session=session)[0]

    ended, _ = run_event(visitor, ("photo", "change"), photo, "1 photo", None, None, session=session)
    assert ended["success"]
    assert judged(uploaded(visitor, "truth.png", GOOD_PHOTO.with_suffix(".png").read_bytes()))["success"]
    names = (
        "whole PNG",
        "whole JPEG",
        "nothing",
        "HTML as JPEG",
        "immense PNG",
        "PNG of 0 x 0",
        "text chunk that unpacks to 1 GB",
        "PNG's start alone as JPEG",
        "animated PNG",
    )
    for case in [case for case in LIGHT if case.name in names or case.name.startswith("PNG, ")]:
        ended = judged(uploaded(visitor, "truth.png", case.make()))
        assert not ended["success"] and is_a_sentence(ended["output"]["error"]), case.name
    ended = judged({"path": "/etc/passwd", "meta": MARK})
    assert not ended["success"] and "not uploaded here" in ended["output"]["error"]
    assert good_photo_is_right(visitor, masks)


@pytest.mark.parametrize(
    "choice", [None, "", "x", "1e999 /etc/passwd", "nan x", [], {"path": "/etc/passwd"}, 1e308, True]
)
def test_hostile_choices(app, masks, choice):
    visitor = Visitor(app[0])
    photo = uploaded(visitor, GOOD_PHOTO.name, GOOD_PHOTO.read_bytes())
    for inputs in ((photo, choice), (photo, choice, None, None), (photo, "1 photo", None, choice)):
        ended, _ = run_event(visitor, ("photo", "change"), *inputs)
        told = ended["output"].get("error")
        # A pair of networks is one of Gradio's choices, which it checks in words of its own.
        assert ended["success"] or is_a_sentence(told) or "is not in the list of choices" in told
    assert "Traceback" not in app[1].read_text()
    assert good_photo_is_right(visitor, masks)
