"""The program of the Python SDK for the benchmark of clients: bench/clients/programs.ts says what it has to do."""

from __future__ import annotations

import argparse
import asyncio
import signal

import sitq

PAYLOAD = bytes(n % 255 + 1 for n in range(200))
"""What a task carries in every benchmark."""
SAY_EVERY = 0.02


class Count:
    """How many tasks there were, said whenever that has changed."""

    def __init__(self) -> None:
        self.n = 0

    async def say(self) -> None:
        """Says it without end."""
        said = 0
        while True:
            await asyncio.sleep(SAY_EVERY)
            if self.n != said:
                said = self.n
                print(said, flush=True)


async def drain(client: sitq.Client, options: argparse.Namespace, count: Count, stopped: asyncio.Event) -> None:
    """Works until it is stopped."""
    worker = sitq.Worker(options.queue, capacity=options.capacity)

    @worker.task("work")
    async def work(payload: bytes) -> None:
        count.n += 1

    async with worker.running(client):
        print("connected", flush=True)
        await stopped.wait()


async def enqueue(client: sitq.Client, options: argparse.Namespace, count: Count, stopped: asyncio.Event) -> None:
    """Enqueues until it is stopped."""

    async def lane() -> None:
        while not stopped.is_set():
            await client.enqueue(options.queue, "work", PAYLOAD)
            count.n += 1

    await asyncio.gather(*(lane() for _ in range(options.in_flight)))


async def main(options: argparse.Namespace) -> None:
    """Runs a mode until SIGTERM."""
    stopped, count = asyncio.Event(), Count()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
    saying = asyncio.ensure_future(count.say())
    async with sitq.connect(options.address) as client:
        await (drain if options.mode == "drain" else enqueue)(client, options, count, stopped)
    saying.cancel()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("mode", choices=("drain", "enqueue"))
    parser.add_argument("--address", required=True)
    parser.add_argument("--queue", required=True)
    parser.add_argument("--capacity", type=int, default=64)
    parser.add_argument("--in-flight", type=int, default=64)
    asyncio.run(main(parser.parse_args()))
