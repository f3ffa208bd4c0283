"""Enqueueing tasks, and waiting for what becomes of them."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Generic, TypeVar, overload

import grpc

from ._base import Base
from ._batches import MAX_BYTES, MAX_COUNT, Batcher, helps_to_split
from ._credentials import Security, invalid
from ._enqueue_stream import EnqueueStream, Results
from ._ids import RequestIds
from ._new_task import NewTask, TaskOptions, enum_value, item_of
from ._payload import EMPTY
from ._retry import retry
from ._spans import Span, duration_of, seconds_of, to_timestamp
from ._status import error_of_status
from ._tracing import sending, sending_all
from ._views import TaskError, TaskInfo
from ._waiting import poll, why_unfinished
from .errors import CallError, DeadlineExceededError, TaskFailed
from .v1 import queue_service_pb2 as pb
from .v1.task_pb2 import TaskState

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from .client import Client

R = TypeVar("R")


@dataclass(frozen=True)
class EnqueuedTask(Generic[R]):
    """A task that is on the server's disk."""

    id: str
    created: bool
    """This enqueue stored it. False: it existed already, by its ``request_id`` or ``deduplication_key``."""
    request_id: str
    _client: Client = field(repr=False, compare=False)
    _type: Any = field(repr=False, compare=False)

    async def result(self, *, timeout: Span | None = None) -> R:
        """Waits until it is COMPLETED, through restarts of the server, and returns its result; see ``Client.result``."""
        value: R = await self._client.result(self.id, self._type, timeout=timeout)
        return value


class Tasks(Base):
    """The part of a client that is about tasks."""

    def __init__(self, address: str, service: str, security: Security, retry_timeout: Span, call_timeout: Span) -> None:
        super().__init__(address, service, security, retry_timeout, call_timeout)
        self._ids = RequestIds()
        self._stream = EnqueueStream(self._connection)
        self._batcher: Batcher[pb.EnqueueStreamResult] = Batcher(self._send, self._retry_within, self._connection.enter)

    @overload
    async def enqueue(
        self, queue: str, type: str, payload: object = EMPTY, *, result: type[R], **options: Unpack[TaskOptions]
    ) -> EnqueuedTask[R]: ...
    @overload
    async def enqueue(
        self, queue: str, type: str, payload: object = EMPTY, **options: Unpack[TaskOptions]
    ) -> EnqueuedTask[Any]: ...
    async def enqueue(
        self, queue: str, type: str, payload: object = EMPTY, *, result: Any = Any, **options: Unpack[TaskOptions]
    ) -> EnqueuedTask[Any]:
        """Enqueues a task; returns when it is on the server's disk.

        Calls that are made at the same time share a batch, and each gets its own answer. A call whose answer was lost is repeated, which
        makes no second task. ``payload``: a value of JSON, a dataclass, a model of pydantic, bytes, a Protobuf message, or ``None``;
        ``result``: the type that ``task.result()`` returns; the options are those of :class:`TaskOptions`. Raises CallError.
        """
        task = NewTask(queue, type, payload, result=result, **options)
        item_id = task.request_id or self._ids.next()
        with sending(queue, task.headers, task.correlation_id, **{"sitq.task.type": type}) as span:
            item = item_of(task, item_id, self.service, span.headers)
            answer = self._enqueued(task, item_id, await self._batcher.add(item))
            if isinstance(answer, CallError):
                raise answer
            span.answered(answer.id)
        return answer

    async def enqueue_all(
        self, tasks: Sequence[NewTask], *, atomic: bool = False
    ) -> list[EnqueuedTask[Any] | CallError]:
        """Enqueues tasks in one batch: at most 1000, and 3 MiB in all. Returns for each, in order, the task or its refusal.

        ``atomic``: all of them are stored or none; the error of each that was refused only because of another has the reason
        BATCH_REFUSED. Raises CallError if the batch as a whole is refused.
        """
        if not tasks:
            return []
        ids = [task.request_id or self._ids.next() for task in tasks]
        with sending_all([(task.queue, task.headers, task.correlation_id) for task in tasks]) as spans:
            items = [
                item_of(task, item_id, self.service, span.headers)
                for task, item_id, span in zip(tasks, ids, spans, strict=True)
            ]
            size = sum(map(len, items))
            if len(items) > MAX_COUNT or size > MAX_BYTES:
                raise invalid(
                    "requests", f"{len(items)} tasks of {size} bytes; at most {MAX_COUNT} of {MAX_BYTES} bytes fit"
                )
            results = await self._send_all(items, atomic, None)
            answers = [self._enqueued(*each) for each in zip(tasks, ids, results, strict=True)]
            for span, answer in zip(spans, answers, strict=True):
                if isinstance(answer, EnqueuedTask):
                    span.answered(answer.id)
        return answers

    @overload
    async def result(self, task: EnqueuedTask[R], *, timeout: Span | None = None) -> R: ...
    @overload
    async def result(self, task: EnqueuedTask[Any] | str, type: type[R], *, timeout: Span | None = None) -> R: ...
    @overload
    async def result(self, task: str, *, timeout: Span | None = None) -> Any: ...
    async def result(self, task: EnqueuedTask[Any] | str, type: Any = None, *, timeout: Span | None = None) -> Any:
        """Waits until a task is COMPLETED, through restarts of the server, and returns its result, as a plain value or of a type.

        Raises TaskFailed if it ends otherwise; DeadlineExceededError, a TimeoutError, after ``timeout``, which says what it waits for;
        PayloadMismatch; DataLossError if the result is damaged on the server's disk.
        """
        found = await self.wait(task, timeout=timeout)
        if found.state != "COMPLETED":
            raise _failure(found)
        wanted = type if type is not None else Any if isinstance(task, str) else task._type
        return found.result(wanted)

    async def wait(self, task: EnqueuedTask[Any] | str, *, timeout: Span | None = None) -> TaskInfo:
        """Waits until a task is finished, one way or the other, and returns it. Raises DeadlineExceededError after ``timeout``."""
        task_id = task if isinstance(task, str) else task.id

        last: TaskInfo | None = None

        async def look(seconds: float) -> TaskInfo | None:
            nonlocal last
            request = pb.AwaitTaskRequest(task_id=task_id, timeout=duration_of(seconds))
            answer = await self._connection.unary(request, pb.AwaitTaskResponse, timeout=seconds + 10, held=True)
            last = TaskInfo(answer.task)
            return last if last.is_finished else None

        found = await poll(look, timeout=timeout, retry_within=self._retry_within)
        if found is not None:
            return found
        why = "" if last is None else await why_unfinished(self, last)
        text = f"The task {task_id} was not finished within {seconds_of('timeout', timeout or 0):g} s"
        raise DeadlineExceededError(
            f"{text}: {why}." if why else f"{text}.", reason="TASK_NOT_FINISHED", metadata={"why": why}
        )

    async def get_task(self, task_id: str) -> TaskInfo:
        """Reads a task. Raises TaskNotFound."""
        return TaskInfo((await self.call(pb.GetTaskRequest(task_id=task_id), pb.GetTaskResponse)).task)

    async def list_tasks(
        self,
        *,
        queue: str = "",
        type: str = "",
        states: Sequence[str] = (),
        correlation_id: str = "",
        created_after: datetime | None = None,
        created_before: datetime | None = None,
        full: bool = False,
        page_size: int = 50,
    ) -> AsyncGenerator[TaskInfo, None]:
        """The tasks that match, newest first; pages are fetched as the loop takes them. ``full``: with payloads and results."""
        selected = pb.TaskFilter(queue=queue, type=type, correlation_id=correlation_id)
        selected.states.extend(enum_value("states", TaskState, "TASK_STATE_", state) for state in states)
        if created_after is not None:
            selected.created_after.CopyFrom(to_timestamp("created_after", created_after))
        if created_before is not None:
            selected.created_before.CopyFrom(to_timestamp("created_before", created_before))
        view = pb.TASK_VIEW_FULL if full else pb.TASK_VIEW_BASIC
        request = pb.ListTasksRequest(filter=selected, page_size=page_size, view=view)
        while True:
            page = await self.call(request, pb.ListTasksResponse)
            for task in page.tasks:
                yield TaskInfo(task)
            if not page.next_page_token:
                return
            request.page_token = page.next_page_token

    async def cancel_task(self, task: EnqueuedTask[Any] | str, *, reason: str = "") -> TaskInfo:
        """Cancels a task that is not finished; a handler that runs is cancelled. Raises TaskNotFound, TaskFinished."""
        task_id = task if isinstance(task, str) else task.id
        request = pb.CancelTaskRequest(task_id=task_id, reason=reason)
        return TaskInfo((await self.call(request, pb.CancelTaskResponse)).task)

    async def retry_task(self, task: EnqueuedTask[Any] | str) -> TaskInfo:
        """Retries a FAILED or CANCELLED task with fresh attempts. Raises TaskNotFound, TaskNotRetryable."""
        task_id = task if isinstance(task, str) else task.id
        return TaskInfo((await self.call(pb.RetryTaskRequest(task_id=task_id), pb.RetryTaskResponse)).task)

    async def flush(self) -> None:
        """Returns when no enqueue waits for its answer."""
        await self._batcher.flush()

    async def close(self) -> None:
        """Waits for what is being enqueued, and closes the connections: calls that are open fail. Idempotent."""
        if self._connection.abandon():
            return
        await self._batcher.flush()
        await self._stream.close()
        await super().close()

    async def _send(self, items: Sequence[bytes], until: float | None, atomic: bool = False) -> Results:
        def is_split(error: CallError) -> bool:
            return not atomic and len(items) > 1 and error.code is grpc.StatusCode.DEADLINE_EXCEEDED

        return await retry(
            lambda: self._stream.send(items, atomic=atomic, timeout=self._call_timeout),
            within=self._retry_within,
            unless=is_split,
            until=until,
        )

    async def _send_all(self, items: Sequence[bytes], atomic: bool, until: float | None) -> Results:
        """Sends a batch, and in parts if it is larger than the server takes or does not get through in time."""
        try:
            return await self._send(items, until, atomic)
        except CallError as error:
            until = until or time.monotonic() + self._retry_within
            if atomic or not helps_to_split(error, len(items), sum(map(len, items)), until):
                raise
        half = (len(items) + 1) // 2
        return [*await self._send_all(items[:half], False, until), *await self._send_all(items[half:], False, until)]

    def _enqueued(self, task: NewTask, item_id: str, result: pb.EnqueueStreamResult) -> EnqueuedTask[Any] | CallError:
        if result.HasField("error"):
            return error_of_status(result.error, of_item=True)
        found_id = result.request_id or item_id
        # An id of our own is unique: what a repeat finds was stored by the first try.
        created = result.created or (not task.request_id and found_id == item_id)
        return EnqueuedTask(result.task_id, created, found_id, self, task.result)  # type: ignore[arg-type]


def _failure(task: TaskInfo) -> TaskFailed:
    error = task.last_error or TaskError(type(task.message.last_error)())
    if task.state == "CANCELLED":
        end = "was cancelled"
    elif task.attempt == 0:
        end = "failed before its first attempt"
    else:
        end = f"failed after {task.attempt} attempt{'' if task.attempt == 1 else 's'}"
    why = f": {error}" if str(error) else "."
    return TaskFailed(
        f"The task {task.id} ({task.type}) {end}{why}",
        task_id=task.id,
        task_type=task.type,
        state=task.state,
        type=error.type,
        error=error.message,
    )
