"""Requests of several threads share a batch, and each gets its own answer."""

import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from seg.inference.shared_batches import LARGEST, SharedBatches


class SlowNetwork:
    """Adds one to photos; the first batch lasts until it is let go."""

    def __init__(self):
        self.sizes = []
        self.started, self.let_go = threading.Event(), threading.Event()

    def __call__(self, photos):
        self.sizes.append(len(photos))
        if len(self.sizes) == 1:
            self.started.set()
            assert self.let_go.wait(30)
        if (photos == 13).any():
            raise ValueError("unlucky")
        return photos + 1.0


def photo(value, count=1):
    return np.full((count, 2, 2, 3), value, np.uint8)


def ask(network, requests):
    """The first request alone, all others while it runs; what came of each."""
    shared = SharedBatches(network)
    with ThreadPoolExecutor(len(requests)) as threads:
        answers = [threads.submit(shared, requests[0])]
        assert network.started.wait(30)
        for request in requests[1:]:
            before = len(shared._waiting)
            answers.append(threads.submit(shared, request))
            while len(shared._waiting) == before:
                pass
        network.let_go.set()
        return answers


def test_what_comes_meanwhile_shares_batches_in_order():
    network = SlowNetwork()
    answers = ask(network, [photo(value) for value in range(LARGEST + 2)])
    for value, answer in enumerate(answers):
        np.testing.assert_array_equal(answer.result(30), photo(value) + 1.0)
    assert network.sizes == [1, LARGEST, 1]


def test_requests_of_several_photos_stay_whole():
    network = SlowNetwork()
    answers = ask(network, [photo(0), photo(1, 3), photo(2, 2), photo(3, LARGEST + 1)])
    assert [len(answer.result(30)) for answer in answers] == [1, 3, 2, LARGEST + 1]
    assert network.sizes == [1, 3, 2, LARGEST + 1]
    assert (answers[2].result() == 3.0).all()


def test_what_goes_wrong_is_told_to_those_it_concerns():
    network = SlowNetwork()
    first, unlucky, beside = ask(network, [photo(0), photo(13), photo(1)])
    assert (first.result(30) == 1.0).all()
    for answer in (unlucky, beside):
        with pytest.raises(ValueError, match="unlucky"):
            answer.result(30)


def test_nobody_waits_who_is_alone():
    assert (SharedBatches(lambda photos: photos + 1.0)(photo(4)) == 5.0).all()
