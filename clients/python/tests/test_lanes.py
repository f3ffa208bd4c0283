"""Handlers that never suspend share a task of asyncio, one that does has it for itself: no handler sees which it is."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

import sitq

COUNT = 12


async def ends_of(client: sitq.Client, worker: sitq.Worker, queue: str, payloads: list[Any]) -> list[Any]:
    """How tasks end whose handlers all begin in one turn: their results, or the types of their errors."""
    handles = await asyncio.gather(*(client.enqueue(queue, "work", each, max_attempts=1) for each in payloads))
    async with worker.running(client):
        ends = await asyncio.gather(*(handle.result(timeout=10) for handle in handles), return_exceptions=True)
    return [end.type if isinstance(end, sitq.TaskFailed) else end for end in ends]


async def test_a_handler_that_suspends_holds_up_no_other(client: sitq.Client, queue: str) -> None:
    worker = sitq.Worker(queue, capacity=COUNT)
    tasks: set[asyncio.Task[Any] | None] = set()
    all_run = asyncio.Event()

    @worker.task("work")
    async def work(payload: int) -> int:
        tasks.add(asyncio.current_task())
        if len(tasks) == COUNT:
            all_run.set()
        await all_run.wait()
        return payload

    assert await ends_of(client, worker, queue, list(range(COUNT))) == list(range(COUNT))
    assert len(tasks) == COUNT
    assert None not in tasks


async def test_handlers_that_suspend_and_others_take_turns(client: sitq.Client, queue: str) -> None:
    worker = sitq.Worker(queue, capacity=COUNT)

    @worker.task("work")
    async def work(payload: int) -> int:
        if payload % 3 == 0:
            await asyncio.wait_for(asyncio.sleep(0), timeout=10)
        return payload

    assert await ends_of(client, worker, queue, list(range(40))) == list(range(40))


async def test_a_handler_that_cancels_itself_cancels_no_other(client: sitq.Client, queue: str) -> None:
    worker = sitq.Worker(queue, capacity=COUNT)

    @worker.task("work")
    async def work(payload: str) -> str:
        if payload == "cancels":
            task = asyncio.current_task()
            assert task is not None
            task.cancel()
        elif payload == "suspends":
            await asyncio.sleep(0)
        return payload

    payloads = ["cancels", "suspends", "returns"]
    assert await ends_of(client, worker, queue, payloads) == payloads


@pytest.mark.parametrize("suspends", [False, True])
async def test_an_exception_ends_its_own_attempt_only(client: sitq.Client, queue: str, suspends: bool) -> None:
    worker = sitq.Worker(queue, capacity=COUNT)

    @worker.task("work")
    async def work(payload: int) -> int:
        if suspends:
            await asyncio.sleep(0)
        if payload == 1:
            raise LookupError(payload)
        return payload

    assert await ends_of(client, worker, queue, [0, 1, 2]) == [0, "LookupError", 2]
