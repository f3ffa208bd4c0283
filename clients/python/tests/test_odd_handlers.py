"""Handlers that raise, return and take what no handler should: each attempt ends all the same."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any, cast

import pytest

import sitq
from sitq.v1.task_pb2 import Task
from sitq.worker._attempt import Abort, Attempt
from sitq.worker._handlers import Handler
from sitq.worker._runner import Runner


class Unspeakable(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no text")


class Unreadable:
    def model_dump(self, mode: str) -> object:
        raise OSError("the file is closed")


async def failure_of(client: sitq.Client, queue: str, type: str, payload: object = None) -> sitq.TaskFailed:
    task = await client.enqueue(queue, type, payload, max_attempts=2)
    with pytest.raises(sitq.TaskFailed) as caught:
        await task.result(timeout=10)
    return caught.value


async def test_an_exception_whose_text_cannot_be_read_fails_its_attempt(client: sitq.Client, queue: str) -> None:
    worker = sitq.Worker(queue, capacity=1)

    @worker.task("coroutine")
    async def coroutine(payload: None) -> None:
        raise Unspeakable

    @worker.task("function")
    def function(payload: None) -> None:
        raise Unspeakable

    async with worker.running(client):
        for task_type in ("coroutine", "function"):
            task = await client.enqueue(queue, task_type, max_attempts=1)
            with pytest.raises(sitq.TaskFailed, match="Unspeakable, whose text cannot be read: RuntimeError"):
                await task.result(timeout=10)


ODD_RESULTS = {
    "digits": 10**5000,
    "key": {"\udcff": 1},
    "text": {"text": "\udcff"},
    "nan": float("nan"),
    "unreadable": Unreadable(),
}


@pytest.mark.parametrize("kind", list(ODD_RESULTS))
async def test_a_result_that_cannot_be_encoded_fails_the_task_for_good(
    client: sitq.Client, queue: str, kind: str
) -> None:
    worker = sitq.Worker(queue)

    @worker.task("odd")
    async def odd(payload: None) -> object:
        return ODD_RESULTS[kind]

    async with worker.running(client):
        failure = await failure_of(client, queue, "odd")
        assert failure.type == "INVALID_RESULT"


async def test_a_span_beyond_what_python_holds_does_not_fit(client: sitq.Client, queue: str) -> None:
    worker = sitq.Worker(queue)

    @worker.task("wait")
    async def wait(payload: timedelta) -> None: ...

    async with worker.running(client):
        failure = await failure_of(client, queue, "wait", 1e300)
        assert (failure.type, failure.error) == ("PAYLOAD_MISMATCH", "payload: 1e+300 is not a duration")


def test_a_generator_is_no_handler() -> None:
    worker = sitq.Worker("generators")

    def lines(payload: None) -> Iterator[str]:
        yield "line"

    async def rows(payload: None) -> AsyncIterator[str]:
        yield "row"

    for function in (lines, rows):
        with pytest.raises(TypeError, match="is a generator"):
            worker.task(function.__name__)(function)


async def test_an_attempt_that_is_cancelled_before_its_handler_has_begun_frees_its_place() -> None:
    ended = asyncio.Event()

    class Session:
        def ended(self, attempt: Attempt, outcome: object) -> None:
            ended.set()

        def hurry(self) -> None: ...

    async def forever(payload: None) -> None:
        await asyncio.Event().wait()

    handler = Handler(forever, {})
    with ThreadPoolExecutor(1) as executor:
        runner = Runner(lambda _: handler, cast(Any, None), 1, executor)
        runner.session = cast(Any, Session())
        attempt = Attempt(Task(id="cancelled", attempt=1))
        # Both come before the loop turns again, as after a handler that has blocked it.
        runner.accept_soon([attempt])
        attempt.abort = Abort("CANCELLED")
        runner.give_up_soon([attempt])
        await asyncio.wait_for(ended.wait(), 10)
        await asyncio.wait_for(runner.idle(), 10)
        assert runner.running == 0
