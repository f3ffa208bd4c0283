"""Sends batches of tasks over one stream that is open while it is used, at a fraction of what a call for each costs."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Sequence
from typing import Any

import grpc
import grpc.aio

from ._batches import LEAST_BYTES
from ._connection import Channel, Connection
from ._methods import ENQUEUE_STREAM
from ._status import error_of_call, error_of_status
from .errors import CallError, DeadlineExceededError, UnauthenticatedError, UnavailableError
from .v1.queue_service_pb2 import (
    EnqueueBatchRequest,
    EnqueueBatchResponse,
    EnqueueStreamResponse,
    EnqueueStreamResult,
)

_IDLE = 5.0
"""A stream that was not used for so long is closed, in seconds."""

Results = Sequence[EnqueueStreamResult]


class EnqueueStream:
    """The stream of a client, opened when there is something to send.

    A batch that some server may refuse as too large has a call of its own: on the stream it would end all others with it. So has every
    batch if the server does not know the stream.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._open: _OpenStream | None = None
        self._left: list[_OpenStream] = []
        """Streams to servers that were left, which may still answer."""
        self._opening: asyncio.Lock = asyncio.Lock()
        self._is_unknown = False

    async def send(self, items: Sequence[bytes], *, atomic: bool, timeout: float) -> Results:
        """Sends a batch once; the items are tagged. Raises also when the stream broke before the answer: it may be sent again."""
        return await self._connection.at_one(lambda: self._send(items, atomic, timeout))

    async def _send(self, items: Sequence[bytes], atomic: bool, timeout: float) -> Results:
        if self._is_unknown or sum(map(len, items)) > LEAST_BYTES:
            return await self._send_apart(items, atomic, timeout)
        stream = self._open
        if stream is None or not stream.is_usable:
            async with self._opening:
                stream = self._open
                if stream is None or not stream.is_usable:
                    self._left = [each for each in (*self._left, stream) if each is not None and not each.is_over]
                    stream = self._open = _OpenStream(*await self._connection.bidi(ENQUEUE_STREAM), self._connection)
        try:
            return await stream.send(b"".join(items) + (b"\x10\x01" if atomic else b""), timeout)
        except CallError as error:
            if error.code is not grpc.StatusCode.UNIMPLEMENTED or error.reason == "UNSUPPORTED_ENCODING":
                raise
            self._is_unknown = True
            return await self._send_apart(items, atomic, timeout)

    async def close(self) -> None:
        """Ends the stream."""
        for each in (*self._left, self._open):
            if each is not None:
                await each.close()

    async def _send_apart(self, items: Sequence[bytes], atomic: bool, timeout: float) -> Results:
        request = EnqueueBatchRequest.FromString(b"".join(items))
        request.atomic = atomic
        answer = await self._connection.unary(request, EnqueueBatchResponse, timeout=timeout)
        return [
            EnqueueStreamResult(
                task_id=each.task.id,
                created=each.created,
                request_id=each.task.request_id,
                error=each.error if each.HasField("error") else None,
            )
            for each in answer.results
        ]


class _OpenStream:
    def __init__(self, call: grpc.aio.StreamStreamCall[bytes, bytes], channel: Channel, connection: Connection) -> None:
        self.is_over = False
        self._call: Any = call
        self._channel = channel
        self._connection = connection
        self._unanswered: deque[asyncio.Future[Results]] = deque()
        self._unsent: deque[bytes] = deque()
        self._something = asyncio.Event()
        self._heard = time.monotonic()
        self._timeout = _IDLE
        self._error: CallError | None = None
        self._tasks = [asyncio.ensure_future(work) for work in (self._read(), self._write(), self._look())]

    @property
    def is_usable(self) -> bool:
        """Whether it is open, to the server that is used."""
        return not self.is_over and not self._channel.is_left

    async def send(self, message: bytes, timeout: float) -> Results:
        answer: asyncio.Future[Results] = asyncio.get_running_loop().create_future()
        if not self._unanswered:
            self._heard = time.monotonic()
        self._timeout = timeout
        self._unanswered.append(answer)
        self._unsent.append(message)
        self._something.set()
        return await answer

    async def close(self) -> None:
        self._end(UnavailableError("The client is closed."))
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _read(self) -> None:
        try:
            while (data := await self._call.read()) is not grpc.aio.EOF:
                response = EnqueueStreamResponse.FromString(data)
                self._heard = time.monotonic()
                answer = self._unanswered.popleft()
                if answer.done():
                    continue
                if response.HasField("error"):
                    refusal = error_of_status(response.error)
                    self._connection.gone(self._channel, refusal)
                    answer.set_exception(refusal)
                else:
                    answer.set_result(response.results)
            self._end(self._lost())
        except grpc.RpcError as error:
            found = error_of_call(error, self._channel.address)
            # A proxy cancels what was silent for too long.
            if found.code is grpc.StatusCode.CANCELLED:
                found = self._lost()
            if isinstance(found, UnauthenticatedError) and self._connection.token and self._connection.token.refused():
                found = UnavailableError(found.message, reason=found.reason)
            self._end(found)
        except asyncio.CancelledError:
            self._end(self._lost())
            raise

    async def _write(self) -> None:
        try:
            while True:
                await self._something.wait()
                self._something.clear()
                while self._unsent:
                    await self._call.write(self._unsent.popleft())
        except (grpc.RpcError, asyncio.InvalidStateError):
            pass  # The reader sees the end too, with its reason.

    async def _look(self) -> None:
        """Ends the stream when it is idle, or the server silent."""
        while True:
            limit = self._timeout if self._unanswered else _IDLE
            left = self._heard + limit - time.monotonic()
            if left > 0:
                await asyncio.sleep(left)
                # If this process stood still, what came meanwhile is read first.
                await asyncio.sleep(0.05)
            elif self._unanswered:
                text = f"cannot reach {self._channel.address}: it does not answer"
                silent = DeadlineExceededError(text, unreached=True)
                self._end(silent)
                return
            else:
                self._end(self._lost())
                return

    def _lost(self) -> CallError:
        return UnavailableError(f"cannot reach {self._channel.address}: the stream has ended", unreached=True)

    def _end(self, error: CallError) -> None:
        if self.is_over:
            return
        self.is_over = True
        if self._unanswered:
            self._connection.gone(self._channel, error)
        for answer in self._unanswered:
            if not answer.done():
                answer.set_exception(error)
        self._unanswered.clear()
        self._call.cancel()
        current = asyncio.current_task()
        for task in self._tasks:
            if task is not current:
                task.cancel()
