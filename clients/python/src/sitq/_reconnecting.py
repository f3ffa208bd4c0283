"""Watches: streams of answers that are opened again whenever they break."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from typing import TypeVar

import grpc

from ._retry import DENIED_PAUSES, MAX_PAUSE, Backoff, HeadersJudge, pause_asked
from .errors import CallError

log = logging.getLogger("sitq")

T = TypeVar("T")

_STEADY = 10.0
"""After a stream that lasted so long the pauses begin again with the shortest, in seconds."""


async def reconnecting(
    what: str,
    open: Callable[[], AsyncIterator[T]],
    *,
    is_final: Callable[[CallError], bool],
    within: float = float("inf"),
    ends_well: bool = False,
) -> AsyncGenerator[T, None]:
    """The messages of a stream, which is opened again after a pause whenever it breaks.

    ``within``: how long the server may be out of reach, in seconds; ``ends_well``: whether the end of a stream without an error is the
    end. Raises the error of a stream if it is final, or the last one.
    """
    backoff = Backoff(cap=MAX_PAUSE)
    denied = Backoff(*DENIED_PAUSES)
    headers = HeadersJudge()
    until: float | None = None
    is_said = False
    while True:
        began = time.monotonic()
        try:
            async for message in open():
                until, is_said = None, False
                yield message
            if ends_well:
                return
            pause = backoff.next()
        except CallError as error:
            if error.reason == "CLOSED" or is_final(error):
                raise
            now = time.monotonic()
            until = until or now + within
            pause = (denied if headers.is_in_vain(error) else backoff).next(pause_asked(error))
            if now + pause > until:
                raise
            if not is_said:
                log.warning("%s is interrupted, trying again: %s", what, error)
            is_said = True
        if time.monotonic() - began >= _STEADY:
            backoff.reset()
            denied.reset()
        await asyncio.sleep(pause)


def is_refused(error: CallError) -> bool:
    """Whether a refusal is for good."""
    return error.code in (
        grpc.StatusCode.INVALID_ARGUMENT,
        grpc.StatusCode.NOT_FOUND,
        grpc.StatusCode.FAILED_PRECONDITION,
        grpc.StatusCode.UNIMPLEMENTED,
        grpc.StatusCode.UNAUTHENTICATED,
        grpc.StatusCode.PERMISSION_DENIED,
    )
