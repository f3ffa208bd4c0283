"""What can be said of a new task, and its encoding."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypedDict

from ._credentials import invalid
from ._payload import EMPTY, encode_into
from ._spans import Span, to_duration, to_timestamp
from ._tracing import with_trace
from ._wire import varint
from .errors import PayloadMismatch
from .v1 import queue_pb2, queue_service_pb2, task_pb2


@dataclass(frozen=True)
class RetryPolicy:
    """When a failed attempt is retried; what is not said is the queue's."""

    initial_backoff: Span | None = None
    """The delay after the first failure: at most 1 day."""
    max_backoff: Span | None = None
    """The longest delay: at most 7 days."""
    multiplier: float = 0
    """The factor from one delay to the next: 1 to 10."""
    jitter: float | None = None
    """The share of the delay that is random: 0 to 1."""

    def to_message(self, path: str) -> task_pb2.RetryPolicy:
        """The contract's message."""
        policy = task_pb2.RetryPolicy(multiplier=self.multiplier, jitter=self.jitter)
        if self.initial_backoff is not None:
            policy.initial_backoff.CopyFrom(to_duration(f"{path}.initial_backoff", self.initial_backoff))
        if self.max_backoff is not None:
            policy.max_backoff.CopyFrom(to_duration(f"{path}.max_backoff", self.max_backoff))
        return policy


class TaskOptions(TypedDict, total=False):
    """What can be said of a new task. The bounds are those of ``sitq.v1.Task``."""

    delay: Span | None
    """How long until the first attempt, by the server's clock. Not together with ``schedule_time``."""
    schedule_time: datetime | None
    """When the first attempt may begin."""
    priority: int
    """The higher goes first: -1000 to 1000."""
    headers: Mapping[str, str] | None
    """What rides along unread."""
    correlation_id: str
    """Ties together what belongs together."""
    deduplication_key: str
    """At most one unfinished task of the queue has this key."""
    duplicate_policy: str
    """What a second task with the key gets: ``return_existing``, ``replace`` or ``refuse``."""
    max_attempts: int
    """How many attempts it has in all: 1 to 1000; 0: the queue's."""
    retry_policy: RetryPolicy | None
    """The delay between attempts; ``None``: the queue's."""
    attempt_timeout: Span | None
    """How long one attempt may run; ``None``: the queue's."""
    time_to_live: Span | None
    """How long the task may wait to be begun. Not together with ``expire_time``."""
    expire_time: datetime | None
    """After this time it is not begun any more."""
    strategy: str
    """The strategy that chooses its worker, over its queue's: ``round_robin``, ``sticky``, …"""
    worker_id: str
    """The worker for its first hand-out."""
    worker_wait: Span | None
    """How long it waits for ``worker_id``; ``None``: 30 s."""
    request_id: str
    """Makes the enqueue safe to repeat, also by another process; empty: one of the client's own."""


@dataclass(slots=True, eq=False)
class NewTask:
    """A task for ``enqueue_all``; its options are those of :class:`TaskOptions`."""

    queue: str
    type: str
    payload: object = field(default_factory=lambda: EMPTY)
    result: Any = Any
    """The type that ``task.result()`` returns."""
    delay: Span | None = None
    schedule_time: datetime | None = None
    priority: int = 0
    headers: Mapping[str, str] | None = None
    correlation_id: str = ""
    deduplication_key: str = ""
    duplicate_policy: str = "return_existing"
    max_attempts: int = 0
    retry_policy: RetryPolicy | None = None
    attempt_timeout: Span | None = None
    time_to_live: Span | None = None
    expire_time: datetime | None = None
    strategy: str = ""
    worker_id: str = ""
    worker_wait: Span | None = None
    request_id: str = ""


def item_of(task: NewTask, request_id: str, source_service: str, trace: Mapping[str, str] | None = None) -> bytes:
    """The request for a task, encoded as an element of a batch. Raises InvalidArgumentError if it cannot be.

    ``trace``: headers that are added.
    """
    request = queue_service_pb2.EnqueueRequest()
    request.request_id = request_id
    request.duplicate_policy = queue_service_pb2.DUPLICATE_POLICY_RETURN_EXISTING
    message = request.task
    try:
        message.queue = task.queue
        message.type = task.type
        if source_service:
            message.source_service = source_service
        _apply(request, message, task, trace)
        encode_into(message.payload, task.payload, "task.payload")
        data = request.SerializeToString()
    except PayloadMismatch as error:
        raise invalid(error.field, error.problem) from error
    except (TypeError, ValueError) as error:
        raise invalid("task", str(error)) from error
    return b"\x0a" + varint(len(data)) + data


_LATER = ("delay", "time_to_live", "attempt_timeout")
_TIMES = ("schedule_time", "expire_time")


def _apply(
    request: queue_service_pb2.EnqueueRequest, message: task_pb2.Task, task: NewTask, trace: Mapping[str, str] | None
) -> None:
    if task.priority:
        message.priority = task.priority
    if task.max_attempts:
        message.max_attempts = task.max_attempts
    if task.correlation_id:
        message.correlation_id = task.correlation_id
    if task.deduplication_key:
        message.deduplication_key = task.deduplication_key
    headers = with_trace(task.headers, trace)
    if headers:
        message.headers.update(headers)
    for name in _LATER:
        span = getattr(task, name)
        if span is not None:
            getattr(message, name).CopyFrom(to_duration(name, span))
    for name in _TIMES:
        time = getattr(task, name)
        if time is not None:
            getattr(message, name).CopyFrom(to_timestamp(name, time))
    if task.retry_policy is not None:
        message.retry_policy.CopyFrom(task.retry_policy.to_message("retry_policy"))
    if task.duplicate_policy != "return_existing":
        value = enum_value(
            "duplicate_policy", queue_service_pb2.DuplicatePolicy, "DUPLICATE_POLICY_", task.duplicate_policy
        )
        request.duplicate_policy = value
    if task.strategy:
        request.dispatch.strategy = strategy_of(task.strategy)
    if task.worker_id:
        request.dispatch.worker_id = task.worker_id
        if task.worker_wait is not None:
            request.dispatch.worker_wait.CopyFrom(to_duration("worker_wait", task.worker_wait))


def enum_value(field: str, enum: Any, prefix: str, word: str) -> Any:
    """The value of an enum by its word, in either case. Raises InvalidArgumentError with those that there are."""
    words = [name.removeprefix(prefix).lower() for name in dict(enum.items()) if not name.endswith("_UNSPECIFIED")]
    if word.lower() not in words:
        raise invalid(field, f"{word!r} is none of {', '.join(words)}")
    return enum.Value(prefix + word.upper())


def strategy_of(word: str) -> Any:
    """A balancing strategy by its word."""
    return enum_value("strategy", queue_pb2.BalancingStrategy, "BALANCING_STRATEGY_", word)
