from __future__ import annotations

import asyncio
import threading
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

import sitq
from sitq.testing import Server


@dataclass
class Greet:
    name: str
    times: int = 1


@dataclass
class Text:
    text: str


async def test_a_coroutine_handles_a_task_by_the_types_of_its_annotations(client: sitq.Client, queue: str) -> None:
    worker = sitq.Worker(queue)

    @worker.task("greet")
    async def greet(payload: Greet, ctx: sitq.Context) -> Text:
        assert ctx.task.queue == queue
        return Text(f"Hello, {payload.name}!" * payload.times)

    async with worker.running(client):
        task = await client.enqueue(queue, "greet", Greet("Ada", 2), result=Text)
        assert task.created
        assert await task.result(timeout=10) == Text("Hello, Ada!Hello, Ada!")


async def test_a_plain_function_runs_in_a_thread(client: sitq.Client, queue: str) -> None:
    worker = sitq.Worker(queue)
    threads: list[threading.Thread] = []

    @worker.task("add")
    def add(numbers: list[int]) -> int:
        threads.append(threading.current_thread())
        return sum(numbers)

    async with worker.running(client):
        assert await (await client.enqueue(queue, "add", [1, 2, 39])).result(timeout=10) == 42
    assert threads[0] is not threading.main_thread()


async def test_whole_numbers_stay_whole(client: sitq.Client, queue: str) -> None:
    worker = sitq.Worker(queue)
    seen: list[Any] = []

    @worker.task("echo")
    async def echo(payload: Any) -> Any:
        seen.append(payload)
        return payload

    value = {"n": 7, "x": 7.5, "list": [1, -2, True, None, "ä"], "empty": {}}
    async with worker.running(client):
        result = await (await client.enqueue(queue, "echo", value)).result(timeout=10)
    assert result == seen[0] == value
    assert isinstance(seen[0]["n"], int)


async def test_a_payload_that_does_not_fit_fails_for_good_and_names_its_field(client: sitq.Client, queue: str) -> None:
    worker = sitq.Worker(queue)

    @worker.task("greet")
    async def greet(payload: Greet) -> None:
        raise AssertionError("it never comes here")

    async with worker.running(client):
        task = await client.enqueue(queue, "greet", {"name": "Ada", "times": 1.5})
        with pytest.raises(sitq.TaskFailed, match=r"payload\.times: is a number, expected a whole number") as caught:
            await task.result(timeout=10)
    assert caught.value.type == "PAYLOAD_MISMATCH"
    assert (await client.get_task(task.id)).attempt == 1


async def test_handlers_say_by_raising_how_it_goes_on(client: sitq.Client, queue: str) -> None:
    worker = sitq.Worker(queue)

    @worker.task("retry")
    async def retry(payload: None, ctx: sitq.Context) -> int:
        if ctx.attempt == 1:
            raise sitq.Retry("not yet", after=timedelta(milliseconds=1))
        return ctx.attempt

    @worker.task("terminal")
    async def terminal(payload: None) -> None:
        raise sitq.Terminal("no such article", type="NoArticle")

    @worker.task("release")
    async def release(payload: None, ctx: sitq.Context) -> int:
        if ctx.task.message.attempts or not released:
            released.append(True)
            raise sitq.Release
        return ctx.attempt

    @worker.task("raise")
    async def broken(payload: None) -> None:
        raise KeyError("sku")

    released: list[bool] = []
    async with worker.running(client):
        assert await (await client.enqueue(queue, "retry")).result(timeout=10) == 2
        with pytest.raises(sitq.TaskFailed, match="NoArticle: no such article"):
            await (await client.enqueue(queue, "terminal")).result(timeout=10)
        assert await (await client.enqueue(queue, "release")).result(timeout=10) == 1
        task = await client.enqueue(queue, "raise", max_attempts=1)
        found = await client.wait(task, timeout=10)
        assert found.last_error is not None
        assert (found.last_error.type, found.last_error.message) == ("KeyError", "'sku'")
        assert 'raise KeyError("sku")' in found.last_error.stack_trace
        assert "_runner.py" not in found.last_error.stack_trace


async def test_a_cancelled_task_cancels_its_handler(client: sitq.Client, queue: str) -> None:
    worker = sitq.Worker(queue)
    begun, ended = asyncio.Event(), asyncio.Event()
    causes: list[str | None] = []

    @worker.task("wait")
    async def wait(payload: None, ctx: sitq.Context) -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            causes.append(ctx.cancelled)
            ended.set()
            raise

    async with worker.running(client):
        task = await client.enqueue(queue, "wait")
        await begun.wait()
        await client.cancel_task(task, reason="no more money")
        await ended.wait()
        assert causes == ["CANCELLED"]
        with pytest.raises(sitq.TaskFailed, match="was cancelled"):
            await task.result(timeout=10)


async def test_a_handler_past_its_timeout_is_cancelled(client: sitq.Client, queue: str) -> None:
    worker = sitq.Worker(queue)

    @worker.task("wait")
    async def wait(payload: None) -> None:
        await asyncio.Event().wait()

    async with worker.running(client):
        task = await client.enqueue(queue, "wait", attempt_timeout=timedelta(milliseconds=200), max_attempts=1)
        with pytest.raises(sitq.TaskFailed, match="ATTEMPT_TIMEOUT"):
            await task.result(timeout=10)


async def test_a_heartbeat_lives_while_a_handler_blocks_the_loop(queue: str) -> None:
    with Server(["--lease-duration", "1s", "--heartbeat-interval", "300ms"]) as server:
        async with sitq.connect(server.address) as client:
            worker = sitq.Worker(queue)
            release = threading.Event()

            @worker.task("block")
            async def block(payload: None, ctx: sitq.Context) -> int:
                # Longer than two leases.
                release.wait(2.5)
                return ctx.attempt

            async with worker.running(client):
                task = await client.enqueue(queue, "block")
                assert await task.result(timeout=20) == 1


async def test_an_enqueue_is_refused_with_its_reason(client: sitq.Client) -> None:
    with pytest.raises(sitq.reasons.InvalidField) as caught:
        await client.enqueue("bad queue", "greet")
    assert caught.value.field == "task.queue"
    with pytest.raises(sitq.reasons.TaskNotFound):
        await client.get_task("missing")
    with pytest.raises(sitq.InvalidArgumentError, match=r"task\.payload\.n: nan is no number of JSON"):
        await client.enqueue("numbers", "greet", {"n": float("nan")})


async def test_a_batch_is_answered_one_by_one_or_as_a_whole(client: sitq.Client, queue: str) -> None:
    tasks = [sitq.NewTask(queue, "greet", n) for n in range(3)] + [sitq.NewTask("bad queue", "greet")]
    *stored, refused = await client.enqueue_all(tasks)
    assert [isinstance(each, sitq.EnqueuedTask) for each in stored] == [True] * 3
    assert isinstance(refused, sitq.reasons.InvalidField)
    assert refused.field == "task.queue"
    answers = await client.enqueue_all(tasks, atomic=True)
    assert [type(each) for each in answers] == [sitq.reasons.BatchRefused] * 3 + [sitq.reasons.InvalidField]


async def test_single_enqueues_share_batches(client: sitq.Client, queue: str) -> None:
    tasks = await asyncio.gather(*(client.enqueue(queue, "count", n) for n in range(2_500)))
    assert len({task.id for task in tasks}) == 2_500
    found = {task.payload async for task in client.list_tasks(queue=queue, full=True, page_size=1_000)}
    assert found == set(range(2_500))
