"""One Work stream, from ``hello`` to its end."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import Any

import grpc
import grpc.aio

from .._connection import is_cancelled_elsewhere
from .._methods import WORK
from .._spans import seconds_in
from .._status import error_of_call
from ..errors import CallError, DeadlineExceededError, UnavailableError
from ..v1.worker_service_pb2 import DrainReason, WorkRequest, WorkResponse
from ._session import Session

log = logging.getLogger("sitq")

_WELCOME_TIMEOUT = 10.0
"""How long the server has for its welcome, in seconds."""
_SILENT_INTERVALS = 2
"""A stream is dead if nothing was heard for more than so many heartbeat intervals."""
_END_TIMEOUT = 1.0
"""How long the server has to end a stream that the worker has ended, in seconds."""
_CATCH_UP = 0.2
"""How long what came while this process stood still has to be read, before silence is judged, in seconds."""
_HEARTBEAT = WorkRequest(heartbeat=WorkRequest.Heartbeat()).SerializeToString()


class Stream:
    """Speaks for a session over a call."""

    def __init__(self, session: Session, channel: grpc.aio.Channel, address: str) -> None:
        self._session = session
        self._channel = channel
        self._address = address
        self._call: Any = None
        self._is_welcome = False
        self._is_ending = False
        self._beat_due = False
        self._interval = 10.0
        self._something = asyncio.Event()
        self._welcomed = asyncio.Event()
        self._over = asyncio.Event()
        self._heard = self._spoke = time.monotonic()
        self.server_stops = asyncio.Event()
        """Set when the server has said that it stops."""
        self._cut: CallError | None = None
        self._speaking: asyncio.Task[CallError] | None = None

    async def run(self, metadata: tuple[tuple[str, str], ...] | None) -> CallError:
        """Returns when the stream is over, with why; every end is a broken stream, also a good one."""
        self._speaking = asyncio.ensure_future(self._speak(metadata))
        try:
            return await self._speaking
        except asyncio.CancelledError:
            if self._cut is None:
                raise
            return self._cut
        finally:
            self._speaking.cancel()
            self._over.set()

    async def _speak(self, metadata: tuple[tuple[str, str], ...] | None) -> CallError:
        call: Any = self._channel.stream_stream(WORK, response_deserializer=WorkResponse.FromString)
        self._call = call(metadata=metadata)
        helpers: list[asyncio.Task[None]] = []
        try:
            await self._say(self._session.hello())
            self._session.bind(self.poke)
            helpers = [asyncio.ensure_future(self._write()), asyncio.ensure_future(self._watch())]
            while (message := await self._call.read()) is not grpc.aio.EOF:
                self._hear(message)
            return self._cut or UnavailableError("The server ended the stream.")
        except grpc.RpcError as error:
            return self._cut or error_of_call(error, self._address)
        except asyncio.InvalidStateError:
            return self._cut or UnavailableError(f"cannot reach {self._address}: the stream has ended", unreached=True)
        except asyncio.CancelledError:
            if self._cut is None and await is_cancelled_elsewhere(self._call):
                return UnavailableError(f"cannot reach {self._address}: cancelled", unreached=True)
            raise
        finally:
            self._session.bind(lambda: None)
            for helper in helpers:
                helper.cancel()
            self._call.cancel()

    def poke(self) -> None:
        """Sends what the session has to say, soon."""
        self._something.set()

    async def end(self) -> None:
        """Ends the stream in order, once everything was sent."""
        self._is_ending = True
        self._something.set()
        if not self._is_welcome:
            self.cut(UnavailableError("The worker is stopping."))
        try:
            await asyncio.wait_for(self._over.wait(), _END_TIMEOUT)
        except asyncio.TimeoutError:
            self.cut(UnavailableError("The worker is stopping."))

    def cut(self, reason: CallError) -> None:
        """Ends the stream at once."""
        self._cut = self._cut or reason
        # The call too: what waits for its connection does not notice its own cancellation.
        if self._call is not None:
            self._call.cancel()
        if self._speaking is not None:
            self._speaking.cancel()

    async def _say(self, message: bytes) -> None:
        await self._call.write(message)
        self._spoke = time.monotonic()

    def _hear(self, message: WorkResponse) -> None:
        self._heard = time.monotonic()
        kind = self._session.on_message(message)
        if kind == "welcome":
            self._is_welcome = True
            self._interval = max(0.001, seconds_in(message.welcome.heartbeat_interval) or 10.0)
            self._welcomed.set()
        elif kind == "heartbeat":
            self._beat_due = True
        elif kind == "drain":
            if message.drain.reason == DrainReason.DRAIN_REASON_SERVER_STOPPING:
                self.server_stops.set()
            log.info(
                "the server at %s drains the worker %s: it sends no more tasks", self._address, self._session.worker_id
            )
        # What was heard can be answered: lost leases free no slots, and a rejected outcome is replaced.
        if self._beat_due or kind == "welcome" or self._session.has_more:
            self._something.set()

    async def _write(self) -> None:
        """The only writer: gRPC takes one message at a time, and holds the writer back while the server does not read."""
        try:
            while True:
                await self._something.wait()
                self._something.clear()
                while self._is_welcome and (message := self._session.next()) is not None:
                    await self._say(message)
                    self._beat_due = False
                if self._beat_due:
                    self._beat_due = False
                    await self._say(_HEARTBEAT)
                if self._is_ending and self._is_welcome:
                    await self._call.done_writing()
                    return
        except (grpc.RpcError, asyncio.InvalidStateError):
            return  # The reader sees the end too, with its reason.

    async def _watch(self) -> None:
        """Says something if nothing was said for an interval, and looks whether something was heard."""
        try:
            await asyncio.wait_for(self._welcomed.wait(), _WELCOME_TIMEOUT)
        except asyncio.TimeoutError:
            self.cut(_silence("The server did not welcome the worker."))
            return
        while True:
            quiet = time.monotonic() - self._spoke
            if quiet >= self._interval:
                self._beat_due = True
                self._something.set()
                quiet = 0.0
            await asyncio.sleep(self._interval - quiet)
            longest = _SILENT_INTERVALS * self._interval
            if time.monotonic() - self._heard <= longest:
                continue
            # If this process stood still, what came meanwhile is read first.
            await asyncio.sleep(min(_CATCH_UP, self._interval))
            silent = time.monotonic() - self._heard
            if silent > longest:
                self.cut(_silence(f"Nothing was heard of the server for {silent:.1f} s."))
                return


def _silence(text: str) -> CallError:
    return DeadlineExceededError(text, reason="SERVER_SILENT")
