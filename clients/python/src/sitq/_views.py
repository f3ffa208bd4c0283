"""What the server tells, as Python has it: texts for states, datetimes, timedeltas, decoded payloads."""

from __future__ import annotations

import builtins
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, TypeVar, overload

from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from ._payload import decode, plain
from ._spans import from_duration, from_timestamp
from ._typed import read
from .errors import DataLossError
from .v1 import event_pb2, task_pb2
from .v1.payload_pb2 import Payload

T = TypeVar("T")


def time_in(message: Message, field: str) -> datetime | None:
    """The time of a field; ``None``: it is not set."""
    time: Timestamp = getattr(message, field)
    return from_timestamp(time) if message.HasField(field) else None


def word_of(message: Message, field: str) -> str:
    """The value of an enum field as a text without its prefix: ``COMPLETED``. One that a newer server sends is its number."""
    descriptor = message.DESCRIPTOR.fields_by_name[field].enum_type
    assert descriptor is not None
    names = {value.number: value.name for value in descriptor.values}
    number = getattr(message, field)
    return names[number].removeprefix(names[0].removesuffix("UNSPECIFIED")) if number in names else str(number)


class TaskError:
    """Why an attempt did not complete."""

    def __init__(self, message: task_pb2.TaskError) -> None:
        self.message = message.message
        self.type = message.type
        """The error for programs: the exception's class, or one of the server's own, such as ``LEASE_LOST``."""
        self.stack_trace = message.stack_trace

    def __str__(self) -> str:
        """The type and the text."""
        return ": ".join(part for part in (self.type, self.message) if part and part != "CANCELLED")


def error_in(message: Message, field: str) -> TaskError | None:
    """The error of a field; ``None``: it is not set."""
    return TaskError(getattr(message, field)) if message.HasField(field) else None


class TaskInfo:
    """A task as the server has it. ``message`` is the contract's own, with everything."""

    def __init__(self, message: task_pb2.Task) -> None:
        self.message = message

    def __repr__(self) -> str:
        """The id, the type and the state."""
        return f"<Task {self.id} {self.type} {self.state}>"

    @property
    def id(self) -> str:
        """Its id."""
        return self.message.id

    @property
    def queue(self) -> str:
        """Its queue."""
        return self.message.queue

    @property
    def type(self) -> str:
        """Its type."""
        return self.message.type

    @property
    def state(self) -> str:
        """``BLOCKED``, ``SCHEDULED``, ``PENDING``, ``RUNNING``, ``COMPLETED``, ``FAILED`` or ``CANCELLED``."""
        return word_of(self.message, "state")

    @property
    def is_finished(self) -> bool:
        """Whether it has ended, one way or the other."""
        return self.state in ("COMPLETED", "FAILED", "CANCELLED")

    @property
    def attempt(self) -> int:
        """The number of its newest attempt; 0: it has none."""
        return self.message.attempt

    @property
    def max_attempts(self) -> int:
        """The most attempts that it has."""
        return self.message.max_attempts

    @property
    def priority(self) -> int:
        """Its priority."""
        return self.message.priority

    @property
    def headers(self) -> dict[str, str]:
        """What rides along unread."""
        return dict(self.message.headers)

    @property
    def correlation_id(self) -> str:
        """Shared by everything that one request caused."""
        return self.message.correlation_id

    @property
    def source_service(self) -> str:
        """The service that enqueued it."""
        return self.message.source_service

    @property
    def worker_id(self) -> str:
        """The worker that holds its newest attempt, or held it."""
        return self.message.worker_id

    @property
    def workflow_id(self) -> str | None:
        """The workflow whose step it is; ``None``: it is none."""
        return self.message.origin.workflow_id or None

    @property
    def step_id(self) -> str | None:
        """The step of a workflow that it is; ``None``: it is none."""
        return self.message.origin.step_id or None

    @property
    def create_time(self) -> datetime | None:
        """When it was stored."""
        return time_in(self.message, "create_time")

    @property
    def schedule_time(self) -> datetime | None:
        """The earliest time of its next attempt."""
        return time_in(self.message, "schedule_time")

    @property
    def start_time(self) -> datetime | None:
        """When its newest attempt was handed out."""
        return time_in(self.message, "start_time")

    @property
    def finish_time(self) -> datetime | None:
        """When it was finished."""
        return time_in(self.message, "finish_time")

    @property
    def attempt_timeout(self) -> timedelta | None:
        """How long one attempt may run; ``None``: as long as its worker is there."""
        return from_duration(self.message.attempt_timeout) if self.message.HasField("attempt_timeout") else None

    @property
    def progress(self) -> float:
        """The fraction that its handler reported last."""
        return self.message.progress.fraction

    @property
    def last_error(self) -> TaskError | None:
        """Why its newest attempt that did not complete ended."""
        return error_in(self.message, "last_error")

    @cached_property
    def payload(self) -> Any:
        """Its input as a plain value."""
        return decode(self.message.payload)

    @overload
    def result(self) -> Any: ...
    @overload
    def result(self, type: builtins.type[T]) -> T: ...
    def result(self, type: Any = Any) -> Any:
        """Its result, as a plain value or of a type. Raises PayloadMismatch, or DataLossError if it is damaged on the disk."""
        if "result" in self.message.damaged_fields:
            raise DataLossError(f"the result of the task {self.id} is damaged on the server's disk", reason="DATA_LOSS")
        return read(self.message.result, type, "result")


class Event:
    """An event. ``message`` is the contract's own."""

    def __init__(self, message: event_pb2.Event, data: Payload | None = None) -> None:
        self.message = message
        self._data = message.data if data is None else data

    def __repr__(self) -> str:
        """The type and the id."""
        return f"<Event {self.type} {self.id}>"

    @property
    def id(self) -> str:
        """Its id, unique within its source."""
        return self.message.id

    @property
    def type(self) -> str:
        """What happened: ``order.created``."""
        return self.message.type

    @property
    def source_service(self) -> str:
        """The service that published it."""
        return self.message.source_service

    @property
    def subject(self) -> str:
        """What it is about."""
        return self.message.subject

    @property
    def time(self) -> datetime | None:
        """When it happened."""
        return time_in(self.message, "time")

    @property
    def correlation_id(self) -> str:
        """Shared by everything that one request caused."""
        return self.message.correlation_id

    @property
    def causation_id(self) -> str:
        """What caused it."""
        return self.message.causation_id

    @property
    def attributes(self) -> dict[str, Any]:
        """Its extension attributes."""
        return {name: plain(value) for name, value in self.message.attributes.items()}

    @property
    def position(self) -> str:
        """Its place among all events."""
        return self.message.position

    @overload
    def data(self) -> Any: ...
    @overload
    def data(self, type: builtins.type[T]) -> T: ...
    def data(self, type: Any = Any) -> Any:
        """Its data, as a plain value or of a type. Raises PayloadMismatch."""
        return read(self._data, type, "data")
