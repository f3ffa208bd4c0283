"""A worker's connection to the server: one stream after the other, until the worker stops.

Each stream has a connection of its own, which is closed with it: one that went silent would otherwise be opened again over the
connection that is dead. With the addresses of several servers each stream goes to the next one, and leaves a server that stops as soon as
there is a connection to another. It runs in the thread of the streams, so that no handler can hold up a heartbeat.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Sequence

import grpc
import grpc.aio

from .._addresses import Rotation
from .._connection import open_channel
from .._credentials import Security, Token
from .._retry import DENIED_PAUSES, Backoff, HeadersJudge, pause_asked
from ..errors import CallError, UnavailableError
from ._session import Session
from ._stream import Stream

log = logging.getLogger("sitq")

_STEADY = 10.0
"""After a stream that lasted so long the pauses begin again with the shortest, in seconds."""
_CONNECT_TIMEOUT = 2.0
"""How long the connection to another server may take while the one that stops is still there, in seconds."""
_REFUSALS = (grpc.StatusCode.UNAUTHENTICATED, grpc.StatusCode.PERMISSION_DENIED)
_FINAL = (*_REFUSALS, grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.UNIMPLEMENTED)


class Link:
    """Keeps a session connected."""

    def __init__(
        self,
        session: Session,
        *,
        name: str,
        addresses: Sequence[str],
        security: Security,
        on_state: Callable[[str, CallError | None], None],
    ) -> None:
        self._session = session
        self._name = name
        self._servers = Rotation(addresses)
        self._security = security
        self._ready: grpc.aio.Channel | None = None
        """A connection to the next server, made before the former one was left."""
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
                self._servers.begin_round()
            if self._ready is None:
                self._say(error)
            self._on_state("connecting", error)
            is_lasting = headers.is_in_vain(error) or error.code in _REFUSALS
            goes_on = self._servers.has_more and not is_lasting
            self._servers.leave()
            if goes_on:
                continue
            self._servers.begin_round()
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
        channel, self._ready = self._ready, None
        is_successor = channel is not None
        leaving: asyncio.Task[None] | None = None
        try:
            metadata = None if self._token is None else await self._token.metadata()
            channel = channel or open_channel(self._servers.current, self._security)
            stream = self._stream = Stream(self._session, channel, self._servers.current)
            self._session.on_welcome = self._on_welcome
            leaving = asyncio.ensure_future(self._leave_when_it_stops(stream, is_successor))
            return await stream.run(metadata)
        except CallError as error:
            return error
        finally:
            self._stream = None
            if leaving is not None:
                leaving.cancel()
            if channel is not None:
                await channel.close()
            if self._closing and self._ready is not None:
                await self._ready.close()

    async def _leave_when_it_stops(self, stream: Stream, is_successor: bool) -> None:
        """Ends the stream of a server that stops once there is a connection to another one.

        What failed before may work by now. Only a server that was taken in place of one that stops (``is_successor``) is not exchanged for
        another that stops without end.
        """
        began = time.monotonic()
        await stream.server_stops.wait()
        if not is_successor or time.monotonic() - began >= _STEADY:
            self._servers.begin_round()
        while self._servers.has_more and not self._closing:
            channel = open_channel(self._servers.next, self._security)
            try:
                await asyncio.wait_for(channel.channel_ready(), _CONNECT_TIMEOUT)
                self._ready = channel
            except asyncio.TimeoutError:
                self._servers.skip()
                continue
            finally:
                if self._ready is None:
                    await channel.close()
            log.info("the worker %s goes on at %s", self._name, self._servers.next)
            stream.cut(UnavailableError("The server is stopping."))
            return

    def _on_welcome(self) -> None:
        if self._is_away:
            log.info("reached %s again", self._servers.current)
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
