"""Gathers what comes one by one into batches."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

import grpc

from .errors import CallError, InternalError

R = TypeVar("R")

MAX_COUNT = 1_000
MAX_BYTES = 3 * 1_048_576
LEAST_BYTES = 65_536
"""What every server takes in one message."""
_UNDER_WAY = 4
"""Batches out at a time: while one commits, the next is read, and the third is on the wire."""
_QUICK = 1.0

Send = Callable[[Sequence[bytes], "float | None"], Awaitable[Sequence[R]]]
"""Sends a batch and returns the result of each item. It may repeat it until a time of ``time.monotonic()``."""


class _Item(Generic[R]):
    __slots__ = ("answer", "data", "until")

    def __init__(self, data: bytes, answer: asyncio.Future[R]) -> None:
        self.data = data
        self.answer = answer
        self.until: float | None = None


class Batcher(Generic[R]):
    """A batch leaves at the end of a turn of the event loop, and few are out at a time; while they are, the next one fills.

    So one item that is awaited costs no delay, and many at a time share messages, commits and fsyncs. A batch that is larger than the
    server takes, or did not get through in time, is sent again in halves. What is repeated makes nothing twice: items carry ids.
    """

    def __init__(self, send: Send[R], retry_within: float, enter: Callable[[], asyncio.AbstractEventLoop]) -> None:
        self._enter = enter
        self._send = send
        self._retry_within = retry_within
        self._waiting: deque[_Item[R]] = deque()
        self._under_way: set[asyncio.Task[None]] = set()
        self._scheduled = False
        self._max_bytes = MAX_BYTES
        self._most_bytes = MAX_BYTES
        self._idle = asyncio.Event()
        self._idle.set()

    def add(self, data: bytes) -> asyncio.Future[R]:
        """Adds an item. A future that is cancelled takes it back, if it was not sent yet."""
        loop = self._enter()
        answer: asyncio.Future[R] = loop.create_future()
        self._waiting.append(_Item(data, answer))
        if not self._scheduled:
            self._schedule(loop)
        return answer

    async def flush(self) -> None:
        """Returns when nothing waits for its answer."""
        while self._waiting or self._under_way:
            self._idle.clear()
            await self._idle.wait()

    def _schedule(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._waiting and len(self._under_way) < _UNDER_WAY:
            self._scheduled = True
            loop.call_soon(self._send_waiting)

    def _send_waiting(self) -> None:
        self._scheduled = False
        loop = asyncio.get_running_loop()
        while self._waiting and len(self._under_way) < _UNDER_WAY:
            batch: list[_Item[R]] = []
            size = 0
            while self._waiting and len(batch) < MAX_COUNT:
                item = self._waiting[0]
                if item.answer.done():
                    self._waiting.popleft()
                    continue
                size += len(item.data)
                if batch and size > self._max_bytes:
                    break
                batch.append(self._waiting.popleft())
            if batch:
                task = loop.create_task(self._send_batch(batch))
                self._under_way.add(task)
                task.add_done_callback(self._returned)
        if not self._waiting and not self._under_way:
            self._idle.set()

    def _returned(self, task: asyncio.Task[None]) -> None:
        self._under_way.discard(task)
        if not self._scheduled:
            self._schedule(asyncio.get_running_loop())
        if not self._waiting and not self._under_way:
            self._idle.set()

    async def _send_batch(self, batch: list[_Item[R]]) -> None:
        began = time.monotonic()
        failed = [item.until for item in batch if item.until is not None]
        try:
            results = await self._send([item.data for item in batch], max(failed, default=None))
        except CallError as error:
            self._refused(batch, error)
            return
        except BaseException as error:
            for item in batch:
                if not item.answer.done():
                    item.answer.set_exception(error)
            raise
        if time.monotonic() - began < _QUICK:
            self._max_bytes = min(self._most_bytes, self._max_bytes * 2)
        for item, result in zip(batch, results, strict=False):
            if not item.answer.done():
                item.answer.set_result(result)
        for item in batch[len(results) :]:
            if not item.answer.done():
                item.answer.set_exception(InternalError("The server did not answer for this item."))

    def _refused(self, batch: list[_Item[R]], error: CallError) -> None:
        """Sends a batch again that can be sent in smaller parts, and refuses the rest."""
        now = time.monotonic()
        size = sum(len(item.data) for item in batch)
        again: list[_Item[R]] = []
        for item in batch:
            item.until = item.until or now + self._retry_within
            if helps_to_split(error, len(batch), size, item.until):
                again.append(item)
            elif not item.answer.done():
                item.answer.set_exception(error)
        if again:
            self._max_bytes = max(LEAST_BYTES, min(self._max_bytes, (size + 1) // 2))
            if is_too_large(error):
                self._most_bytes = self._max_bytes
            self._waiting.extendleft(reversed(again))


def is_too_large(error: CallError) -> bool:
    """Whether a message was larger than the server takes."""
    return error.code is grpc.StatusCode.RESOURCE_EXHAUSTED and error.reason in (None, "MESSAGE_TOO_LARGE")


def helps_to_split(error: CallError, count: int, size: int, until: float) -> bool:
    """Whether it helps to send a batch that failed again in parts."""
    if count < 2:
        return False
    if is_too_large(error):
        return size > LEAST_BYTES
    return error.code is grpc.StatusCode.DEADLINE_EXCEEDED and time.monotonic() < until
