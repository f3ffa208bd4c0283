from __future__ import annotations

import asyncio
import contextvars
import os
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

import pytest

import sitq
from sitq import blocking
from sitq.testing import Server


async def test_a_worker_goes_on_over_a_restart_of_the_server() -> None:
    with Server() as server:
        async with sitq.connect(server.address) as client:
            worker = sitq.Worker("jobs", capacity=2)
            begun, go_on = asyncio.Event(), asyncio.Event()

            @worker.task("wait")
            async def wait(payload: None, ctx: sitq.Context) -> int:
                begun.set()
                await go_on.wait()
                return ctx.attempt

            async with worker.running(client):
                task = await client.enqueue("jobs", "wait")
                await begun.wait()
                server.kill()
                server.start()
                go_on.set()
                # The same attempt: the lease was held over the restart.
                assert await task.result(timeout=30) == 1


async def test_a_stop_waits_for_handlers_and_then_releases_what_is_left(client: sitq.Client, queue: str) -> None:
    worker = sitq.Worker(queue)
    begun = [asyncio.Event(), asyncio.Event()]
    go_on = asyncio.Event()
    causes: list[str | None] = []

    @worker.task("patient")
    async def patient(payload: None) -> str:
        begun[0].set()
        await go_on.wait()
        return "done"

    @worker.task("endless")
    async def endless(payload: None, ctx: sitq.Context) -> None:
        begun[1].set()
        try:
            await asyncio.Event().wait()
        finally:
            causes.append(ctx.cancelled)

    running = worker.running(client)
    await running.start()
    patients = await client.enqueue(queue, "patient")
    endlesses = await client.enqueue(queue, "endless")
    await asyncio.gather(*(each.wait() for each in begun))
    stop = asyncio.ensure_future(running.stop(grace=60))
    go_on.set()
    assert await patients.result(timeout=10) == "done"
    assert running.state == "stopping"
    await running.stop(grace=0)
    await stop
    assert causes == ["WORKER_STOPPING"]
    released = await client.get_task(endlesses.id)
    assert (released.state, released.message.attempts[0].outcome) == ("PENDING", 3)


async def test_a_drain_says_what_it_does(client: sitq.Client, queue: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "sitq")
    worker = sitq.Worker(queue, worker_id="drained")
    begun, go_on = asyncio.Event(), threading.Event()

    @worker.task("deaf")
    def deaf(payload: None, ctx: sitq.Context) -> None:
        ctx._loop.call_soon_threadsafe(begun.set)
        go_on.wait()

    running = worker.running(client)
    await running.start()
    task = await client.enqueue(queue, "deaf")
    await begun.wait()
    await running.stop(grace=0)
    go_on.set()
    assert [(each.levelname, each.message) for each in caplog.records if "the worker drained" in each.message] == [
        ("INFO", "the worker drained is connected"),
        ("INFO", "the worker drained drains: 1 handlers run, and have 0 s to return"),
        ("WARNING", "the worker drained: 1 handlers have not returned in time; they are cancelled"),
        ("WARNING", "the worker drained: 1 handlers go on; 1 tasks of theirs are released"),
        ("INFO", "the worker drained has stopped"),
    ]
    assert (await client.get_task(task.id)).state == "PENDING"


async def test_a_worker_that_has_nothing_to_settle_stops_though_the_server_is_away() -> None:
    with Server() as server:
        async with sitq.connect(server.address) as client:
            worker = sitq.Worker("jobs")

            @worker.task("nothing")
            async def nothing(payload: None) -> None: ...

            async with worker.running(client) as running:
                server.kill()
                while running.state == "connected":  # noqa: ASYNC110  (Its state has no event.)
                    await asyncio.sleep(0)
            assert running.state == "stopped"


async def test_another_process_with_the_same_id_ends_a_worker(client: sitq.Client, queue: str) -> None:
    def make() -> sitq.Worker:
        worker = sitq.Worker(queue, worker_id="twin")

        @worker.task("nothing")
        async def nothing(payload: None) -> None: ...

        return worker

    async with make().running(client) as first, make().running(client):
        with pytest.raises(sitq.reasons.WorkerReplaced):
            await first.ended()


async def test_a_worker_that_the_server_refuses_does_not_start(client: sitq.Client) -> None:
    worker = sitq.Worker("bad queue")

    @worker.task("nothing")
    async def nothing(payload: None) -> None: ...

    with pytest.raises(sitq.reasons.InvalidField) as caught:
        await worker.run(client)
    assert caught.value.field == "hello.queues[0]"


async def test_handlers_do_not_share_context_variables(client: sitq.Client, queue: str) -> None:
    seen: contextvars.ContextVar[int] = contextvars.ContextVar("seen", default=0)
    worker = sitq.Worker(queue, capacity=1)

    @worker.task("coroutine")
    async def coroutine(payload: int) -> int:
        former = seen.get()
        seen.set(payload)
        return former

    @worker.task("function")
    def function(payload: int) -> int:
        former = seen.get()
        seen.set(payload)
        return former

    async with worker.running(client):
        for task_type in ("coroutine", "function"):
            for n in (1, 2):
                assert await (await client.enqueue(queue, task_type, n)).result(timeout=10) == 0


async def test_a_task_without_a_handler_waits_for_another_worker(client: sitq.Client, queue: str) -> None:
    worker, late = sitq.Worker(queue), sitq.Worker(queue)

    @worker.task("known")
    async def known(payload: None) -> None: ...

    @late.fallback
    async def anything(payload: int, ctx: sitq.Context) -> str:
        return f"{ctx.task.type} {payload}"

    async with worker.running(client):
        task = await client.enqueue(queue, "unknown", 3)
        with pytest.raises(TimeoutError, match=f"no worker on the queue {queue} handles unknown"):
            await client.result(task, timeout=0.2)
        async with late.running(client):
            assert await task.result(timeout=10) == "unknown 3"


async def test_progress_reaches_the_task(client: sitq.Client, queue: str) -> None:
    worker = sitq.Worker(queue)
    go_on = asyncio.Event()

    @worker.task("sort")
    async def sort(payload: None, ctx: sitq.Context) -> None:
        ctx.progress(3, 4, "sorting")
        await go_on.wait()

    async with worker.running(client):
        task = await client.enqueue(queue, "sort")
        while (found := await client.get_task(task.id)).progress != 0.75:  # noqa: ASYNC110  (No watch tells of progress.)
            await asyncio.sleep(0)
        assert found.message.progress.message == "sorting"
        go_on.set()


def test_handlers_are_checked_when_they_are_declared() -> None:
    worker = sitq.Worker("checked")

    @worker.task("once")
    async def once(payload: int) -> None: ...

    with pytest.raises(ValueError, match="the task type once has a handler: once"):
        worker.task("once")(once)
    with pytest.raises(TypeError, match="two parameters for the payload: a, b"):
        worker.task("two")(lambda a, b: None)
    with pytest.raises(TypeError, match="is no type of a payload"):

        @worker.task("strange")
        async def strange(payload: asyncio.Event) -> None: ...

    with pytest.raises(ValueError, match="capacity"):
        sitq.Worker("checked", capacity=0)


def test_the_blocking_face_enqueues_and_works(sitq_address: str, queue: str) -> None:
    worker = sitq.Worker(queue)

    @worker.task("double")
    def double(payload: int, ctx: sitq.Context) -> str:
        return ctx.run(ctx.client.enqueue(queue, "other", payload)).id

    with blocking.connect(service="tests") as client, client.running(worker):
        task = client.enqueue(queue, "double", 21, result=str)
        assert client.get_task(task.result(timeout=10)).payload == 21
        assert [each.type for each in client.list_tasks(queue=queue)] == ["other", "double"]
        answers = client.enqueue_all([sitq.NewTask(queue, "double", 1), sitq.NewTask("bad queue", "double")])
        assert isinstance(answers[0], blocking.EnqueuedTask)
        assert isinstance(answers[1], sitq.reasons.InvalidField)


def test_the_command_runs_a_worker_until_sigterm(sitq_server: Server, queue: str, tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(
        f"""
import sitq

worker = sitq.Worker("{queue}")

@worker.task("pid")
def pid(payload: None) -> int:
    import os
    return os.getpid()
"""
    )
    command = [sys.executable, "-m", "sitq.worker", "app:worker", "--capacity", "2"]
    environment = {**os.environ, "SITQ_ADDRESS": sitq_server.address}
    with subprocess.Popen(command, cwd=tmp_path, env=environment, stderr=subprocess.PIPE, text=True) as process:
        with blocking.connect(sitq_server.address) as client:
            assert client.enqueue(queue, "pid").result(timeout=30) == process.pid
        process.send_signal(signal.SIGTERM)
        assert process.stderr is not None
        assert "is connected" in process.stderr.read()
    assert process.returncode == 0


def test_the_command_says_what_is_wrong_with_a_name(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "sitq.worker", "nowhere:worker"]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert ran.returncode == 2
    assert "No module named 'nowhere'" in ran.stderr


async def test_a_payload_may_be_of_a_class_that_is_declared_beside_its_handler(client: sitq.Client, queue: str) -> None:
    @dataclass
    class Local:
        n: int

    worker = sitq.Worker(queue)

    @worker.task("local")
    async def local(payload: Local) -> int:
        return payload.n

    async with worker.running(client):
        assert await (await client.enqueue(queue, "local", Local(7))).result(timeout=10) == 7


async def test_a_coroutine_does_not_wait_for_its_own_loop(client: sitq.Client, queue: str) -> None:
    worker = sitq.Worker(queue)

    @worker.task("wrong")
    async def wrong(payload: None, ctx: sitq.Context) -> None:
        ctx.run(client.flush())

    async with worker.running(client):
        task = await client.enqueue(queue, "wrong", max_attempts=1)
        with pytest.raises(sitq.TaskFailed, match=r"ctx\.run is for plain functions"):
            await task.result(timeout=10)


async def test_a_subscription_has_one_handler(client: sitq.Client) -> None:
    worker = sitq.Worker()
    for _ in range(2):

        @worker.on("two.*", subscription="two")
        async def two(payload: None) -> None: ...

    running = worker.running(client)
    with pytest.raises(ValueError, match="the subscription two has two handlers"):
        await running.start()
    await running.stop()
    assert running.state == "stopped"


def test_the_command_ends_though_a_function_goes_on(sitq_server: Server, queue: str, tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(
        f"""
import threading
import sitq

worker = sitq.Worker("{queue}")

@worker.task("deaf")
def deaf(payload: None) -> None:
    print("begun", flush=True)
    threading.Event().wait()
"""
    )
    command = [sys.executable, "-m", "sitq.worker", "app:worker", "--grace", "0"]
    environment = {**os.environ, "SITQ_ADDRESS": sitq_server.address}
    pipe = subprocess.PIPE
    with (
        subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=pipe, stderr=pipe, text=True) as process,
        blocking.connect(sitq_server.address) as client,
    ):
        assert process.stdout is not None
        assert process.stderr is not None
        task = client.enqueue(queue, "deaf")
        assert process.stdout.readline() == "begun\n"
        process.send_signal(signal.SIGTERM)
        assert "1 handlers have not returned" in process.stderr.read()
        assert client.get_task(task.id).state == "PENDING"
    assert process.returncode == 0
