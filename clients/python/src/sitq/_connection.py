"""Channels to the server, and calls over them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator
from typing import Any, TypeVar

import grpc
import grpc.aio
from google.protobuf.message import Message

from ._credentials import Security, Token
from ._methods import path_of
from ._place import Place, closed, use_grpc
from ._retry import MAX_PAUSE
from ._status import error_of_call
from .errors import CallError, UnauthenticatedError, UnavailableError

M = TypeVar("M", bound=Message)

CALL_TIMEOUT = 10.0
"""How long a call may take, in seconds, where nothing else is said."""
_HELD_PER_CHANNEL = 75
"""How many calls that stay open share a channel: a connection has 150 at most."""

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


def open_channel(address: str, security: Security) -> grpc.aio.Channel:
    """Opens a channel with a connection of its own, in the running event loop."""
    use_grpc()
    if security.tls is None:
        return grpc.aio.insecure_channel(address, options=OPTIONS)
    options = list(OPTIONS)
    if security.tls.server_name is not None:
        options.append(("grpc.ssl_target_name_override", security.tls.server_name))
    return grpc.aio.secure_channel(address, security.tls.credentials(), options=options)


class Connection:
    """The calls of one client, in one event loop."""

    def __init__(self, address: str, security: Security) -> None:
        self.address = address
        self.security = security
        self.token = None if security.token is None else Token(security.token)
        self.place = Place()
        self._short: grpc.aio.Channel | None = None
        self._short_since = 0.0
        self._held: list[tuple[grpc.aio.Channel, list[int]]] = []
        self._calls: dict[tuple[int, str], Any] = {}
        self._retired: set[asyncio.Task[None]] = set()
        self._closed = False

    async def unary(self, request: Message, answer: type[M], *, timeout: float = CALL_TIMEOUT, held: bool = False) -> M:
        """Makes a call. ``held``: it may stay open for long, and has a place on a channel for such calls."""
        channel, count = self._channel(held)
        count[0] += 1
        try:
            return await self._unary(channel, request, answer, timeout)
        except UnauthenticatedError:
            if self.token is None or not self.token.refused():
                raise
            return await self._unary(channel, request, answer, timeout)
        except CallError as error:
            if error.unreached and channel is self._short:
                self.give_up(error)
            raise
        finally:
            count[0] -= 1

    async def _unary(self, channel: grpc.aio.Channel, request: Message, answer: type[M], timeout: float) -> M:
        path = path_of(request)
        key = (id(channel), path)
        call = self._calls.get(key)
        if call is None:
            call = self._calls[key] = channel.unary_unary(
                path, request_serializer=type(request).SerializeToString, response_deserializer=answer.FromString
            )
        metadata = None if self.token is None else await self.token.metadata()
        under_way = call(request, timeout=timeout, metadata=metadata)
        try:
            response: M = await under_way
            return response
        except grpc.RpcError as error:
            raise error_of_call(error, self.address) from None
        except asyncio.CancelledError:
            raise await self._cancelled(under_way) from None

    async def watch(self, request: Message, answer: type[M]) -> AsyncGenerator[M, None]:
        """The messages of a stream. It ends with the error that the stream ended with, or well."""
        channel, count = self._channel(True)
        call: Any = channel.unary_stream(
            path_of(request),
            request_serializer=type(request).SerializeToString,
            response_deserializer=answer.FromString,
        )
        metadata = None if self.token is None else await self.token.metadata()
        count[0] += 1
        stream = call(request, metadata=metadata)
        try:
            async for message in stream:
                yield message
        except grpc.RpcError as error:
            found = error_of_call(error, self.address)
            if isinstance(found, UnauthenticatedError) and self.token is not None:
                self.token.refused()
            raise found from None
        except asyncio.CancelledError:
            raise await self._cancelled(stream) from None
        finally:
            count[0] -= 1
            stream.cancel()

    async def bidi(self, path: str) -> grpc.aio.StreamStreamCall[bytes, bytes]:
        """Opens a stream of encoded messages, beside the short calls."""
        channel, _ = self._channel(False)
        metadata = None if self.token is None else await self.token.metadata()
        call: Any = channel.stream_stream(path)
        stream: grpc.aio.StreamStreamCall[bytes, bytes] = call(metadata=metadata)
        return stream

    async def _cancelled(self, call: Any) -> BaseException:
        """Why a call was cancelled: by its caller, by the end of the client, or by the other side, such as a proxy."""
        if not call.done() or (not self._closed and await call.details() == CANCELLED_HERE):
            return asyncio.CancelledError()
        return closed() if self._closed else UnavailableError(f"cannot reach {self.address}: cancelled", unreached=True)

    async def close(self) -> None:
        """Closes the channels: calls that are open fail. Idempotent."""
        if self.abandon():
            return
        self._closed = True
        channels = [channel for channel, _ in self._held]
        if self._short is not None:
            channels.append(self._short)
        self._held, self._short = [], None
        self._calls.clear()
        for channel in channels:
            await channel.close()
        for task in self._retired:
            task.cancel()

    def abandon(self) -> bool:
        """Closes it where nothing is left that could be waited for. False: it is to be closed in order, in this event loop."""
        if self.place.is_gone:
            self._closed = True
        elif not self._closed:
            self.place.enter()
        return self.place.is_gone

    def _channel(self, held: bool) -> tuple[grpc.aio.Channel, list[int]]:
        self.enter()
        if not held:
            if self._short is None:
                self._short = open_channel(self.address, self.security)
                self._short_since = time.monotonic()
            return self._short, [0]
        for channel, count in self._held:
            if count[0] < _HELD_PER_CHANNEL:
                return channel, count
        self._held.append((open_channel(self.address, self.security), [0]))
        return self._held[-1]

    def enter(self) -> asyncio.AbstractEventLoop:
        """The running event loop, in which a call may be made. Raises FailedPreconditionError where none may."""
        if self._closed:
            raise closed()
        return self.place.enter()

    def give_up(self, error: CallError) -> None:
        """Gives up the channel of short calls after a call over it had no answer, and opens another one for the next call.

        A connection that is dead but not closed would be used again and again, and certificates may have been replaced meanwhile.
        """
        old = self._short
        is_silent = error.code is grpc.StatusCode.DEADLINE_EXCEEDED
        if old is None or not (is_silent or self.security.tls) or time.monotonic() - self._short_since < MAX_PAUSE:
            return
        self._short = None
        self._calls = {key: call for key, call in self._calls.items() if key[0] != id(old)}
        task = asyncio.get_running_loop().create_task(old.close(grace=CALL_TIMEOUT))
        self._retired.add(task)
        task.add_done_callback(self._retired.discard)
