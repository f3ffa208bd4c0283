"""Runs a worker: ``python -m sitq.worker app:worker``.

``app`` is a module of this directory or of the path, ``worker`` a :class:`sitq.Worker` in it. SIGTERM and Ctrl-C drain it: handlers that
run may finish; a second one cancels them. How the server is reached is also asked of the environment: ``SITQ_ADDRESS``, ``SITQ_TLS_CA``, …
"""

from __future__ import annotations

import argparse
import asyncio
import importlib
import logging
import os
import signal
import sys
from collections.abc import Sequence

import sitq

log = logging.getLogger("sitq")

REFUSED = 3
"""The exit code of a worker that the server refuses for good."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command; returns its exit code."""
    parser = argparse.ArgumentParser(prog="python -m sitq.worker", description="Runs a worker.")
    parser.add_argument("worker", metavar="MODULE:NAME", help="the worker: app:worker")
    parser.add_argument(
        "--address", help="the server, HOST:PORT; several: HOST:PORT,HOST:PORT (SITQ_ADDRESS, or 127.0.0.1:50051)"
    )
    parser.add_argument("--service", default="", help="the service that the worker is part of")
    parser.add_argument("--capacity", type=int, help="how many handlers run at a time (what the worker says)")
    parser.add_argument(
        "--grace", type=float, default=30.0, help="how long handlers may go on at the end, in seconds (30)"
    )
    parser.add_argument("--log-level", default="info", choices=("debug", "info", "warning", "error"))
    options = parser.parse_args(arguments)
    logging.basicConfig(level=options.log_level.upper(), format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    sys.path.insert(0, "")
    try:
        worker = find(options.worker)
    except (ImportError, AttributeError, TypeError, ValueError) as error:
        parser.error(str(error))
    if options.capacity is not None:
        worker.capacity = options.capacity
    return asyncio.run(run(worker, options.address, options.service, options.grace))


def find(name: str) -> sitq.Worker:
    """The worker of a name such as ``app:worker``."""
    module, _, attribute = name.partition(":")
    found: object = importlib.import_module(module)
    for part in (attribute or "worker").split("."):
        found = getattr(found, part)
    if not isinstance(found, sitq.Worker):
        raise TypeError(f"{name} is a {type(found).__name__}, not a sitq.Worker")
    return found


async def run(worker: sitq.Worker, address: str | None, service: str, grace: float) -> int:
    """Runs a worker until a signal comes; returns the exit code."""
    loop = asyncio.get_running_loop()
    ends = asyncio.Event()
    async with sitq.connect(address, service=service) as client:
        running = worker.running(client, grace=grace)

        def on_signal() -> None:
            if ends.is_set():
                running.hurry()
            ends.set()

        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, on_signal)
        begin = asyncio.ensure_future(running.start())
        end = asyncio.ensure_future(ends.wait())
        await asyncio.wait([begin, end], return_when=asyncio.FIRST_COMPLETED)
        try:
            if not end.done():
                await begin
                over = asyncio.ensure_future(running.ended())
                await asyncio.wait([over, end], return_when=asyncio.FIRST_COMPLETED)
                if over.done():
                    await over
        except sitq.CallError as error:
            log.error("the worker is refused: %s", error)
            return REFUSED
        finally:
            end.cancel()
            await running.stop(grace=grace)
            begin.cancel()
    if running.running > 0:
        # Python would wait for the threads of these functions, however long they go on.
        log.warning("%d handlers have not returned: the program ends without them", running.running)
        logging.shutdown()
        os._exit(0)
    return 0


if __name__ == "__main__":
    sys.exit(main())
