"""A worker's connection to the server: one stream after the other, until the worker stops.

Each stream has a connection of its own, which is closed with it: one that went silent would otherwise be opened again over the
connection that is dead. It runs in the thread of the streams, so that no handler can hold up a heartbeat.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable

import grpc

from .._connection import open_channel
from .._credentials import Security, Token
from .._retry import DENIED_PAUSES, Backoff, HeadersJudge, pause_asked
from ..errors import CallError
from ._session import Session
from ._stream import Stream

log = logging.getLogger("sitq")

_STEADY = 10.0
"""After a stream that lasted so long the pauses begin again with the shortest, in seconds."""
_REFUSALS = (grpc.StatusCode.UNAUTHENTICATED, grpc.StatusCode.PERMISSION_DENIED)
_FINAL = (*_REFUSALS, grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.UNIMPLEMENTED)


class Link:
    """Keeps a session connected."""

    def __init__(
        self,
        session: Session,
        *,
        name: str,
        address: str,
        security: Security,
        on_state: Callable[[str, CallError | None], None],
    ) -> None:
        self._session = session
        self._name = name
        self._address = address
        self._security = security
        self._on_state = on_state
        self._token = None if security.token is None else Token(security.token)
        self._stream: Stream | None = None
        self._hurried = asyncio.Event()
        self._closing = False
        self._is_away = False

    async def run(self) -> CallError | None:
        """Connects again whenever it must. Returns ``None`` after ``close``, or the error of a final refusal."""
        backoff = Backoff()
        denied = Backoff(*DENIED_PAUSES)
        headers = HeadersJudge()
        while not self._closing:
            began = time.monotonic()
            error = await self._one()
            if self._closing:
                break
            if error.code is grpc.StatusCode.RESOURCE_EXHAUSTED and error.reason in (None, "MESSAGE_TOO_LARGE"):
                said = error.metadata.get("max_bytes", "")
                self._session.outbox.fit(int(said) if said.isdigit() else None)
            if self._is_final(error):
                log.error("the server refuses the worker %s: %s", self._name, error)
                self._session.abandon()
                return error
            if time.monotonic() - began >= _STEADY:
                backoff.reset()
                denied.reset()
            self._say(error)
            self._on_state("connecting", error)
            is_lasting = headers.is_in_vain(error) or error.code in _REFUSALS
            pause = (denied if is_lasting else backoff).next(pause_asked(error))
            await self._wait(pause)
        return None

    def hurry(self) -> None:
        """Ends a pause: connects now."""
        self._hurried.set()

    async def close(self) -> None:
        """Ends the stream in order, or within a second by force."""
        self._closing = True
        self._hurried.set()
        if self._stream is not None:
            await self._stream.end()

    async def _one(self) -> CallError:
        channel = None
        try:
            metadata = None if self._token is None else await self._token.metadata()
            channel = open_channel(self._address, self._security)
            self._stream = Stream(self._session, channel, self._address)
            self._session.on_welcome = self._on_welcome
            return await self._stream.run(metadata)
        except CallError as error:
            return error
        finally:
            self._stream = None
            if channel is not None:
                await channel.close()

    def _on_welcome(self) -> None:
        if self._is_away:
            log.info("reached %s again", self._address)
        self._is_away = False
        log.info("the worker %s is connected", self._name)
        self._on_state("connected", None)

    def _is_final(self, error: CallError) -> bool:
        if error.code is grpc.StatusCode.UNAUTHENTICATED and self._token is not None and self._token.refused():
            return False
        return error.reason == "WORKER_REPLACED" or (not self._session.welcomed and error.code in _FINAL)

    def _say(self, error: CallError) -> None:
        if not self._is_away:
            log.warning("the worker %s is disconnected, trying again: %s", self._name, error)
        self._is_away = True

    async def _wait(self, pause: float) -> None:
        self._hurried.clear()
        if self._closing:
            return
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._hurried.wait(), pause)
