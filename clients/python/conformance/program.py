"""The program of the Python SDK for the conformance kit: conformance/README.md says what it has to do."""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import sitq


def say(**event: Any) -> None:
    """Prints an event."""
    print(json.dumps(event), flush=True)


@contextmanager
def told(ctx: sitq.Context) -> Iterator[None]:
    """Says when a handler begins, and how it ends."""
    say(event="started", task=ctx.task_id, attempt=ctx.attempt)
    how = "returned"
    try:
        yield
    except asyncio.CancelledError:
        how = "cancelled"
        raise
    except BaseException:
        how = "failed"
        raise
    finally:
        say(event="ended", task=ctx.task_id, attempt=ctx.attempt, how=how)


@dataclass
class Article:
    """The input of ``typed``."""

    name: str
    count: int


def worker_of(options: argparse.Namespace) -> sitq.Worker:
    """The worker with its handlers."""
    worker = sitq.Worker(options.queue, capacity=options.capacity, worker_id=options.worker_id)

    @worker.task("echo")
    async def echo(payload: Any, ctx: sitq.Context) -> Any:
        with told(ctx):
            return payload

    @worker.task("fail")
    async def fail(payload: dict[str, Any], ctx: sitq.Context) -> None:
        with told(ctx):
            raise RuntimeError(payload["message"])

    @worker.task("fail-terminal")
    async def fail_terminal(payload: dict[str, Any], ctx: sitq.Context) -> None:
        with told(ctx):
            raise sitq.Terminal(payload["message"])

    @worker.task("retry-after")
    async def retry_after(payload: dict[str, Any], ctx: sitq.Context) -> None:
        with told(ctx):
            raise sitq.Retry(after=timedelta(seconds=payload["seconds"]))

    @worker.task("sleep")
    async def sleep(payload: dict[str, Any], ctx: sitq.Context) -> Any:
        with told(ctx):
            await asyncio.sleep(payload["seconds"])
            return payload

    @worker.task("block")
    async def block(payload: dict[str, Any], ctx: sitq.Context) -> Any:
        with told(ctx):
            time.sleep(payload["seconds"])  # noqa: ASYNC251  (That it blocks the loop is the point.)
            return payload

    @worker.task("large")
    async def large(payload: dict[str, Any], ctx: sitq.Context) -> str:
        with told(ctx):
            return "x" * int(payload["bytes"])

    @worker.task("progress")
    async def progress(payload: dict[str, Any], ctx: sitq.Context) -> Any:
        with told(ctx):
            ctx.progress(payload["fraction"], message=payload["message"])
            await asyncio.sleep(payload["seconds"])
            return payload

    @worker.task("typed")
    async def typed(payload: Article, ctx: sitq.Context) -> Article:
        with told(ctx):
            return payload

    return worker


async def work(client: sitq.Client, options: argparse.Namespace) -> int:
    """Works until SIGTERM, which is a drain."""
    running = worker_of(options).running(client, grace=options.grace)
    stopped = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
    stop = asyncio.ensure_future(stopped.wait())
    begin = asyncio.ensure_future(running.start())
    try:
        await asyncio.wait([begin, stop], return_when=asyncio.FIRST_COMPLETED)
        if not stop.done():
            await begin
            end = asyncio.ensure_future(running.ended())
            await asyncio.wait([end, stop], return_when=asyncio.FIRST_COMPLETED)
            if end.done():
                await end
    except sitq.CallError as error:
        await running.stop(grace=0)
        say(event="refused", code=error.code.name, reason=error.reason)
        return 3
    await running.stop(grace=options.grace)
    begin.cancel()
    say(event="closed")
    return 0


async def produce(client: sitq.Client, options: argparse.Namespace) -> int:
    """Enqueues the tasks, all at once."""

    async def one(n: int) -> bool:
        try:
            task = await client.enqueue(options.queue, "echo", {"n": n})
        except sitq.CallError as error:
            after = None if error.retry_after is None else error.retry_after.total_seconds()
            facts = {"code": error.code.name, "reason": error.reason, "field": error.field, "retry_after": after}
            say(event="failed", n=n, **facts, message=error.message)
            return False
        say(event="enqueued", n=n, task=task.id, created=task.created)
        return True

    return 0 if all(await asyncio.gather(*(one(n) for n in range(options.count)))) else 1


async def main(options: argparse.Namespace) -> int:
    """Connects as the options say."""
    tls = options.tls_ca and sitq.Tls(ca=options.tls_ca, cert=options.tls_cert, key=options.tls_key)
    async with sitq.connect(
        options.address, tls=tls or None, token_file=options.token_file, retry_timeout=options.deadline
    ) as client:
        return await (work if options.mode == "worker" else produce)(client, options)


def parser() -> argparse.ArgumentParser:
    """The command line."""
    common = argparse.ArgumentParser(add_help=False)
    for name in ("--address", "--queue"):
        common.add_argument(name, required=True)
    for name in ("--tls-ca", "--tls-cert", "--tls-key", "--token-file"):
        common.add_argument(name)
    modes = argparse.ArgumentParser(description=__doc__)
    commands = modes.add_subparsers(dest="mode", required=True)
    worker = commands.add_parser("worker", parents=[common])
    worker.add_argument("--capacity", type=int, required=True)
    worker.add_argument("--worker-id")
    worker.add_argument("--grace", type=float, default=5.0)
    worker.set_defaults(deadline=30.0)
    producer = commands.add_parser("producer", parents=[common])
    producer.add_argument("--count", type=int, required=True)
    producer.add_argument("--deadline", type=float, default=30.0)
    return modes


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO)
    sys.exit(asyncio.run(main(parser().parse_args())))
