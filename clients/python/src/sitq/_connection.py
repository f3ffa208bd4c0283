"""Channels to the server, and calls over them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from typing import Any, TypeVar

import grpc
import grpc.aio
from google.protobuf.message import Message

from ._addresses import Rotation
from ._credentials import Security, Token
from ._methods import path_of
from ._place import Place, closed, use_grpc
from ._retry import MAX_PAUSE
from ._status import error_of_call
from .errors import CallError, UnauthenticatedError, UnavailableError

M = TypeVar("M", bound=Message)
T = TypeVar("T")

CALL_TIMEOUT = 10.0
"""How long a call may take, in seconds, where nothing else is said."""
_HELD_PER_CHANNEL = 75
"""How many calls that stay open share a channel: a connection has 150 at most."""

_ILL = ("DRAINING", "STORE_FAILED", "STORE_UNREACHABLE", "TOO_MANY_CONNECTIONS")
"""What servers say that are of no use for now, though others may be."""

CANCELLED_HERE = "Locally cancelled by application!"
"""What grpc.aio says of a call whose task was cancelled."""

OPTIONS: list[tuple[str, Any]] = [
    # gRPC's own pauses grow to two minutes, which outlives every lease.
    ("grpc.initial_reconnect_backoff_ms", 200),
    ("grpc.min_reconnect_backoff_ms", 5_000),
    ("grpc.max_reconnect_backoff_ms", int(MAX_PAUSE * 1_000)),
    # A connection that is dead but not closed is found in this time.
    ("grpc.keepalive_time_ms", 10_000),
    ("grpc.keepalive_timeout_ms", 5_000),
    ("grpc.http2.max_pings_without_data", 0),
    # Each channel has its own connection: a new one never continues over a dead one.
    ("grpc.use_local_subchannel_pool", 1),
    ("grpc.primary_user_agent", "sitq-python"),
]


async def is_ended_as_cancelled(call: Any) -> bool:
    """Whether the call, and not only the task that waits for it, was cancelled. A call with its answer was not."""
    return bool(call.done()) and await call.code() is grpc.StatusCode.CANCELLED and not is_being_cancelled()


async def is_cancelled_elsewhere(call: Any) -> bool:
    """Whether the other side cancelled the call, such as a proxy."""
    return await is_ended_as_cancelled(call) and await call.details() != CANCELLED_HERE


def is_being_cancelled() -> bool:
    """Whether the current task was asked to end. Python says it from 3.11 on."""
    task: Any = asyncio.current_task()
    return hasattr(task, "cancelling") and task.cancelling() > 0


def open_channel(address: str, security: Security) -> grpc.aio.Channel:
    """Opens a channel with a connection of its own, in the running event loop."""
    use_grpc()
    if security.tls is None:
        return grpc.aio.insecure_channel(address, options=OPTIONS)
    options = list(OPTIONS)
    if security.tls.server_name is not None:
        options.append(("grpc.ssl_target_name_override", security.tls.server_name))
    return grpc.aio.secure_channel(address, security.tls.credentials(), options=options)


class Channel:
    """A channel to one server."""

    __slots__ = ("address", "calls", "channel", "is_left", "since")

    def __init__(self, address: str, security: Security) -> None:
        self.address = address
        self.channel = open_channel(address, security)
        self.since = time.monotonic()
        self.calls = 0
        """Calls over it that are open."""
        self.is_left = False
        """It gets no more calls, and is closed when none is open."""


class Connection:
    """The calls of one client, in one event loop. They go to one of its servers, and to another one once that is of no use."""

    def __init__(self, addresses: Sequence[str], security: Security) -> None:
        self.security = security
        self.token = None if security.token is None else Token(security.token)
        self.place = Place()
        self._addresses = addresses
        self._servers = Rotation(addresses)
        self._short: Channel | None = None
        self._held: list[Channel] = []
        self._calls: dict[tuple[int, str], Any] = {}
        self._retired: set[asyncio.Task[None]] = set()
        self._closed = False

    async def unary(self, request: Message, answer: type[M], *, timeout: float = CALL_TIMEOUT, held: bool = False) -> M:
        """Makes a call. ``held``: it may stay open for long, and has a place on a channel for such calls."""
        until = time.monotonic() + timeout

        async def attempt() -> M:
            channel = self._channel(held)
            channel.calls += 1
            try:
                return await self._unary_over(channel, request, answer, until - time.monotonic())
            except CallError as error:
                self.gone(channel, error)
                raise
            finally:
                self._end_call(channel)

        return await self.at_one(attempt)

    async def at_one(self, attempt: Callable[[], Awaitable[T]]) -> T:
        """Makes a call at a server that can be reached: one that cannot have begun it is left for the next, until each was asked."""
        problems: list[str] = []
        while True:
            try:
                return await attempt()
            except CallError as error:
                problems.append(error.message)
                if not error.moved or not (error.unsent or error.reason == "DRAINING"):
                    raise
                if len(problems) == len(self._addresses):
                    error.message = "; ".join(problems)
                    error.args = (error.message,)
                    raise

    async def _unary_over(self, channel: Channel, request: Message, answer: type[M], timeout: float) -> M:
        try:
            return await self._unary(channel, request, answer, timeout)
        except UnauthenticatedError:
            if self.token is None or not self.token.refused():
                raise
            return await self._unary(channel, request, answer, timeout)

    async def _unary(self, channel: Channel, request: Message, answer: type[M], timeout: float) -> M:
        path = path_of(request)
        key = (id(channel), path)
        call = self._calls.get(key)
        if call is None:
            call = self._calls[key] = channel.channel.unary_unary(
                path, request_serializer=type(request).SerializeToString, response_deserializer=answer.FromString
            )
        metadata = None if self.token is None else await self.token.metadata()
        under_way = call(request, timeout=timeout, metadata=metadata)
        try:
            response: M = await under_way
            return response
        except grpc.RpcError as error:
            raise error_of_call(error, channel.address) from None
        except asyncio.CancelledError:
            raise await self._cancelled(under_way, channel.address) from None

    async def watch(self, request: Message, answer: type[M]) -> AsyncGenerator[M, None]:
        """The messages of a stream. It ends with the error that the stream ended with, or well."""
        channel = self._channel(True)
        call: Any = channel.channel.unary_stream(
            path_of(request),
            request_serializer=type(request).SerializeToString,
            response_deserializer=answer.FromString,
        )
        metadata = None if self.token is None else await self.token.metadata()
        channel.calls += 1
        stream = call(request, metadata=metadata)
        try:
            async for message in stream:
                yield message
        except grpc.RpcError as error:
            found = error_of_call(error, channel.address)
            if isinstance(found, UnauthenticatedError) and self.token is not None:
                self.token.refused()
            self.gone(channel, found)
            raise found from None
        except asyncio.CancelledError:
            raise await self._cancelled(stream, channel.address) from None
        finally:
            stream.cancel()
            self._end_call(channel)

    async def bidi(self, path: str) -> tuple[grpc.aio.StreamStreamCall[bytes, bytes], Channel]:
        """Opens a stream of encoded messages, beside the short calls. Returns the channel that it is on too, for ``gone``."""
        channel = self._channel(False)
        metadata = None if self.token is None else await self.token.metadata()
        call: Any = channel.channel.stream_stream(path)
        stream: grpc.aio.StreamStreamCall[bytes, bytes] = call(metadata=metadata)
        return stream, channel

    async def _cancelled(self, call: Any, address: str) -> BaseException:
        """Why a call was cancelled: by its caller, by the end of the client, or by the other side, such as a proxy."""
        if self._closed and await is_ended_as_cancelled(call):
            return closed()
        if await is_cancelled_elsewhere(call):
            return UnavailableError(f"cannot reach {address}: cancelled", unreached=True)
        return asyncio.CancelledError()

    async def close(self) -> None:
        """Closes the channels: calls that are open fail. Idempotent."""
        if self.abandon():
            return
        self._closed = True
        channels = self._held if self._short is None else [*self._held, self._short]
        self._held, self._short = [], None
        self._calls.clear()
        for each in channels:
            await each.channel.close()
        for task in self._retired:
            task.cancel()

    def abandon(self) -> bool:
        """Closes it where nothing is left that could be waited for. False: it is to be closed in order, in this event loop."""
        if self.place.is_gone:
            self._closed = True
        elif not self._closed:
            self.place.enter()
        return self.place.is_gone

    def _channel(self, held: bool) -> Channel:
        self.enter()
        if not held:
            if self._short is None:
                self._short = Channel(self._servers.current, self.security)
            return self._short
        for each in self._held:
            if each.calls < _HELD_PER_CHANNEL and not each.is_left:
                return each
        self._held.append(Channel(self._servers.current, self.security))
        return self._held[-1]

    def _end_call(self, channel: Channel) -> None:
        channel.calls -= 1
        if channel.is_left and channel.calls == 0 and channel in self._held:
            self._held.remove(channel)
            self._retire(channel)

    def enter(self) -> asyncio.AbstractEventLoop:
        """The running event loop, in which a call may be made. Raises FailedPreconditionError where none may."""
        if self._closed:
            raise closed()
        return self.place.enter()

    def gone(self, channel: Channel, error: CallError) -> None:
        """Takes in that a call over a channel failed: if the server is of no use any more, the next calls go to another one."""
        is_silent = error.code is grpc.StatusCode.DEADLINE_EXCEEDED
        is_new = time.monotonic() - channel.since < MAX_PAUSE
        if self._servers.is_single:
            # A connection that is dead but not closed would be used again and again, and certificates may have been replaced meanwhile.
            if error.unreached and channel is self._short and (is_silent or self.security.tls) and not is_new:
                self._give_up_short()
        elif (error.unreached and not (is_silent and is_new)) or error.reason in _ILL:
            error.moved = True
            if channel.address == self._servers.current and not channel.is_left:
                self._servers.leave()
                self._give_up_short()
                for each in list(self._held):
                    each.is_left = True
                    each.calls += 1
                    self._end_call(each)

    def _give_up_short(self) -> None:
        """Gives up the channel of short calls, and opens another one for the next call."""
        if self._short is not None:
            self._short.is_left = True
            self._retire(self._short)
            self._short = None

    def _retire(self, channel: Channel) -> None:
        """Closes a channel once its calls have ended."""
        self._calls = {key: call for key, call in self._calls.items() if key[0] != id(channel)}
        task = asyncio.get_running_loop().create_task(channel.channel.close(grace=CALL_TIMEOUT))
        self._retired.add(task)
        task.add_done_callback(self._retired.discard)
