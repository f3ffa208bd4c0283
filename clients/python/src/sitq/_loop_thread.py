"""A thread with an event loop of its own, which nothing that an application does in its own loop can hold up."""

from __future__ import annotations

import asyncio
import concurrent.futures
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

from ._place import Place, closed
from .errors import FailedPreconditionError

T = TypeVar("T")


class LoopThread:
    """A thread with an event loop that runs until ``stop``."""

    def __init__(self, name: str) -> None:
        self.loop = asyncio.new_event_loop()
        self._place = Place()
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

    @property
    def is_elsewhere(self) -> bool:
        """Whether the thread is in another process, from which this one was forked."""
        return self._place.is_forked

    async def call(self, work: Coroutine[Any, Any, T]) -> T:
        """Runs a coroutine there and waits for it here."""
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, self.loop))

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Runs a coroutine there and blocks until it returns. Raises FailedPreconditionError where there is no such thread any more."""
        try:
            self._place.check_process()
            if not self._thread.is_alive():
                raise closed()
        except FailedPreconditionError:
            work.close()
            raise
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
        """Ends the loop and waits for the thread. Idempotent; in a forked process there is none."""
        if self._thread.is_alive():
            self.loop.call_soon_threadsafe(self.loop.stop)
            self._thread.join()
