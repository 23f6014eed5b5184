"""Comparisons in turn, whichever way each came, and not without end."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from seg.errors import UserError
from seg.ui.server import turns

from repository import PATIENCE, run_async


@pytest.fixture
def held(monkeypatch):
    """An event; somebody's turn lasts until it is set, and there is one at a time."""
    monkeypatch.setattr(turns, "_AT_WORK", ThreadPoolExecutor(1))
    let_go = threading.Event()
    holding = threading.Thread(target=turns.in_turn, args=(let_go.wait, PATIENCE))
    holding.start()
    run_async(until(turns.is_at_work))
    yield let_go
    let_go.set()
    holding.join(PATIENCE)


async def until(condition):
    async with asyncio.timeout(PATIENCE):
        while not condition():
            await asyncio.sleep(0.001)


async def waited_for(number):
    await until(lambda: turns.waiting() == number)


def test_turns_come_in_the_order_of_arrival_and_bring_what_is_returned(held):
    came = []

    async def calls():
        tasks = []
        for number in range(4):
            tasks.append(asyncio.create_task(turns.called_in_turn(lambda number=number: came.append(number) or number)))
            await waited_for(number + 1)
        held.set()
        return await asyncio.gather(*tasks)

    assert run_async(calls()) == came == [0, 1, 2, 3]
    assert turns.in_turn(max, 1, 2, key=lambda number: -number) == 1
    assert turns.waiting() == 0 and not turns.is_at_work()


def test_what_a_turn_raises_is_raised(held):
    held.set()
    with pytest.raises(ZeroDivisionError):
        turns.in_turn(lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        run_async(turns.called_in_turn(lambda: 1 / 0))


def test_no_more_than_may_wait(held, monkeypatch):
    monkeypatch.setattr(turns, "MAX_WAITING", 1)

    async def calls():
        first = asyncio.create_task(turns.called_in_turn(lambda: "first"))
        await waited_for(1)
        with pytest.raises(UserError, match="busy"):
            await turns.called_in_turn(lambda: "second")
        held.set()
        return await first

    assert run_async(calls()) == "first"


def test_whoever_waits_when_the_app_ends_is_told(held):
    told = []

    def ask():
        try:
            turns.in_turn(told.append, "compared")
        except UserError as error:
            told.append(str(error))

    async def call():
        asking = threading.Thread(target=ask)
        asking.start()
        call = asyncio.create_task(turns.called_in_turn(told.append, "compared"))
        await waited_for(2)
        turns.break_off()
        with pytest.raises(UserError, match="restarted"):
            await call
        asking.join(PATIENCE)

    run_async(call())
    assert told == [turns.RESTARTS] and turns.is_at_work()


def test_the_turn_of_a_caller_who_has_gone_is_left_out(held):
    compared = []

    async def call():
        call = asyncio.create_task(turns.called_in_turn(compared.append, "for nobody"))
        await waited_for(1)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call

    run_async(call())
    held.set()
    turns.in_turn(compared.append, "next")
    assert compared == ["next"]
