"""Pauses between tries, and calls that are repeated."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from .errors import CallError

T = TypeVar("T")

MAX_PAUSE = 3.0
"""The longest pause between two tries to connect, in seconds: shorter than any lease."""


class Backoff:
    """Exponential pauses with full jitter, so that clients that failed together do not retry together."""

    def __init__(self, base: float = 0.1, cap: float = MAX_PAUSE) -> None:
        self._base = base
        self._cap = cap
        self._tries = 0

    def next(self, at_least: float = 0.0) -> float:
        """The next pause, in seconds. ``at_least``: what the server asked for; the jitter comes on top."""
        bound = min(self._cap, self._base * 2.0 ** min(self._tries, 20))
        self._tries += 1
        return at_least + random.random() * bound

    def reset(self) -> None:
        """Begins again with the shortest."""
        self._tries = 0


def pause_asked(error: CallError) -> float:
    """What the server asked for by RetryInfo, in seconds."""
    return error.retry_after.total_seconds() if error.retry_after else 0.0


async def retry(
    call: Callable[[], Awaitable[T]],
    *,
    within: float,
    unless: Callable[[CallError], bool] = lambda _: False,
    until: float | None = None,
) -> T:
    """Makes a call that is safe to repeat, and repeats it while its failures are transient.

    ``within``: for how many seconds after its first failure; ``until``: or until when, by ``time.monotonic()``; ``unless``: failures
    that are not repeated although they are transient. Raises the last failure.
    """
    backoff = Backoff(cap=5.0)
    while True:
        try:
            return await call()
        except CallError as error:
            if not error.is_transient or unless(error):
                raise
            until = until or time.monotonic() + within
            pause = backoff.next(pause_asked(error))
            if time.monotonic() + pause > until:
                raise
        await asyncio.sleep(pause)
