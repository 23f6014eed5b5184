"""A third of the corpus through the running app; `run.py` sends all of it and measures time and memory too."""

import pytest
from corpus import corpus
from run import good_photo_is_right, right_masks, try_case
from visitor import Visitor

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
    assert "Traceback" not in app[1].read_text()


def test_the_corpus_is_large_and_always_the_same():
    again = {case.name: case for case in corpus()}
    assert len(again) >= 80 and sum(map(len, BATCHES)) >= 80
    for case in LIGHT[::9]:
        assert case.make() == again[case.name].make(), case.name
