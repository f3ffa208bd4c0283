"""Pauses between tries, and calls that are repeated."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from ._unreached import NO_ROOM
from .errors import CallError

T = TypeVar("T")

MAX_PAUSE = 3.0
"""The longest pause between two tries to connect, in seconds: shorter than any lease."""


DENIED_PAUSES = (2.0, 60.0)
"""The first pause and the longest after a refusal of credentials, rights or headers, which lasts until an operator changes something.

The server slows down addresses whose credentials it refuses.
"""


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
    """What the server asked for by RetryInfo, in seconds; nothing if the next call goes to another one."""
    return error.retry_after.total_seconds() if error.retry_after and not error.moved else 0.0


_MOST_WITHOUT_ROOM = 5


class HeadersJudge:
    """Finds out whether calls are refused for their headers.

    A server cuts headers that are far too large, as those of a token can be, in the same way as a call beyond those that the connection
    may have, which has room after some milliseconds. So after some in a row it is the headers.
    """

    def __init__(self) -> None:
        self._in_row = 0

    def is_in_vain(self, error: CallError) -> bool:
        """Takes the error of each try. True: another one is in vain."""
        if error.reason == "HEADERS_TOO_LARGE":
            return True
        self._in_row = self._in_row + 1 if error.unreached and error.message.endswith(NO_ROOM) else 0
        return self._in_row >= _MOST_WITHOUT_ROOM


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
    headers = HeadersJudge()
    while True:
        try:
            return await call()
        except CallError as error:
            if not error.is_transient or headers.is_in_vain(error) or unless(error):
                raise
            until = until or time.monotonic() + within
            pause = backoff.next(pause_asked(error))
            if time.monotonic() + pause > until:
                raise
        await asyncio.sleep(pause)
