"""A thread with an event loop of its own, which nothing that an application does in its own loop can hold up."""

from __future__ import annotations

import asyncio
import concurrent.futures
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class LoopThread:
    """A thread with an event loop that runs until ``stop``."""

    def __init__(self, name: str) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        asyncio.set_event_loop(self.loop)
        self.loop.run_forever()
        for task in asyncio.all_tasks(self.loop):
            task.cancel()
        self.loop.run_until_complete(asyncio.sleep(0))
        self.loop.run_until_complete(self.loop.shutdown_asyncgens())
        self.loop.close()

    async def call(self, work: Coroutine[Any, Any, T]) -> T:
        """Runs a coroutine there and waits for it here."""
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, self.loop))

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Runs a coroutine there and blocks until it returns."""
        future = asyncio.run_coroutine_threadsafe(work, self.loop)
        try:
            return future.result()
        except BaseException:
            # A KeyboardInterrupt of the waiting thread is the end of the work, and its clean end is waited for.
            if not future.done():
                future.cancel()
                concurrent.futures.wait([future])
            raise

    def stop(self) -> None:
        """Ends the loop and waits for the thread. Idempotent."""
        if self._thread.is_alive():
            self.loop.call_soon_threadsafe(self.loop.stop)
            self._thread.join()
