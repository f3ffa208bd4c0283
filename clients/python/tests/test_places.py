from __future__ import annotations

import asyncio
import multiprocessing
import subprocess
import sys
import textwrap
from multiprocessing.connection import Connection

import pytest

import sitq
from sitq.testing import Server

FORKING_OFTEN = textwrap.dedent("""
    import os, sys
    import sitq, sitq.blocking

    with sitq.blocking.connect(sys.argv[1]) as client:
        client.enqueue("forked", "t")
        for _ in range(30):
            child = os.fork()
            if child == 0:
                os._exit(0)
            _, status = os.waitpid(child, 0)
            assert status == 0, status
        print(client.enqueue("forked", "t").created)
""")

FORKING = textwrap.dedent("""
    import multiprocessing, sys
    import sitq, sitq.blocking

    unused = sitq.blocking.connect(sys.argv[1])

    def child():
        try:
            unused.enqueue("forked", "t")
        except sitq.FailedPreconditionError as error:
            print(error.reason, error, flush=True)
        with sitq.blocking.connect(sys.argv[1]) as client:
            print("created", client.enqueue("forked", "t").created, flush=True)

    process = multiprocessing.get_context("fork").Process(target=child)
    process.start()
    process.join(30)
    print("ended", process.exitcode)
    print("parent", unused.enqueue("forked", "t").created)
    unused.close()
""")


def refusals_in_child(address: str, used: sitq.blocking.Client, made: sitq.Client, answers: Connection) -> None:
    """What the calls in a process say that was forked from one in which gRPC is used."""
    with sitq.blocking.connect(address) as fresh:
        for call in (used.enqueue, fresh.enqueue, lambda *of: asyncio.run(_enqueue(made, *of))):
            try:
                call("forked", "t")
            except sitq.CallError as error:
                answers.send((error.reason, str(error)))
    used.close()
    answers.send(("closed", ""))


async def _enqueue(client: sitq.Client, queue: str, type: str) -> None:
    async with client:
        await client.enqueue(queue, type)


def test_a_forked_process_says_that_it_cannot_use_what_its_parent_used(sitq_server: Server) -> None:
    address = sitq_server.address
    ours, theirs = multiprocessing.Pipe()
    made = sitq.connect(address)
    with sitq.blocking.connect(address) as used:
        used.enqueue("forked", "t")
        process = multiprocessing.get_context("fork").Process(
            target=refusals_in_child, args=(address, used, made, theirs)
        )
        process.start()
        try:
            answers = []
            for _ in range(4):
                assert ours.poll(30)
                answers.append(ours.recv())
            process.join(30)
            assert process.exitcode == 0
        finally:
            process.kill()
        assert [reason for reason, _ in answers] == ["FORKED", "FORKED", "FORKED", "closed"]
        assert "made in another process" in answers[0][1]
        assert "fork before the first call" in answers[1][1]
        assert used.enqueue("forked", "t").created


def test_a_client_that_is_made_in_a_forked_process_works_where_the_parent_has_not_called(sitq_server: Server) -> None:
    program = subprocess.run(
        [sys.executable, "-c", FORKING, sitq_server.address], capture_output=True, text=True, timeout=60, check=True
    )
    first, *others = program.stdout.splitlines()
    assert first.startswith("FORKED The client was made in another process")
    assert others == ["created True", "ended 0", "parent True"]


async def _enqueue_once(client: sitq.Client) -> bool:
    return (await client.enqueue("loops", "t")).created


def test_a_client_says_that_it_belongs_to_another_event_loop(sitq_server: Server) -> None:
    client = sitq.connect(sitq_server.address)
    assert asyncio.run(_enqueue_once(client))
    for call in (client.enqueue("loops", "t"), client.get_task("x"), client.publish("t", source_service="s")):
        with pytest.raises(
            sitq.FailedPreconditionError, match="event loop of its first call, which is closed"
        ) as caught:
            asyncio.run(call)
        assert caught.value.reason == "OTHER_EVENT_LOOP"
    asyncio.run(client.close())
    with pytest.raises(sitq.FailedPreconditionError, match="closed") as caught:
        asyncio.run(client.get_task("x"))
    assert caught.value.reason == "CLOSED"


async def test_a_client_is_refused_in_a_loop_beside_its_own(client: sitq.Client) -> None:
    assert await _enqueue_once(client)
    with pytest.raises(sitq.FailedPreconditionError, match="which is another one"):
        await asyncio.to_thread(asyncio.run, _enqueue_once(client))
    with pytest.raises(sitq.FailedPreconditionError, match="which is another one"):
        await asyncio.to_thread(asyncio.run, client.close())
    assert await _enqueue_once(client)


def test_a_blocking_client_that_is_closed_refuses_calls(sitq_server: Server) -> None:
    with sitq.blocking.connect(sitq_server.address) as client:
        client.enqueue("loops", "t")
    with pytest.raises(sitq.FailedPreconditionError) as caught:
        client.enqueue("loops", "t")
    assert caught.value.reason == "CLOSED"
    client.close()


def test_grpc_does_nothing_at_a_fork(sitq_server: Server) -> None:
    program = subprocess.run(
        [sys.executable, "-c", FORKING_OFTEN, sitq_server.address], capture_output=True, text=True, timeout=60
    )
    # Where gRPC does something, it says so, and some of the processes crash.
    assert (program.returncode, program.stdout, program.stderr) == (0, "True\n", "")
