"""Durations and times: ``timedelta`` and ``datetime`` here, google.protobuf messages on the wire."""

from __future__ import annotations

import math
from datetime import datetime, timedelta, timezone
from typing import Union

from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp

Span = Union[timedelta, int, float]
"""A length of time: a ``timedelta``, or a number of seconds."""


def seconds_of(name: str, span: Span) -> float:
    """The seconds of a span. Raises ValueError, naming it, for what is none."""
    if isinstance(span, timedelta):
        return span.total_seconds()
    if isinstance(span, bool) or not isinstance(span, (int, float)) or not math.isfinite(span):
        raise ValueError(f"{name}: {span!r} is neither a timedelta nor a number of seconds")
    return float(span)


def to_duration(name: str, span: Span) -> Duration:
    """The message of a span."""
    return duration_of(seconds_of(name, span))


def duration_of(seconds: float) -> Duration:
    """The message of seconds."""
    nanos = round(seconds * 1e9)
    sign = -1 if nanos < 0 else 1
    whole, rest = divmod(abs(nanos), 1_000_000_000)
    return Duration(seconds=sign * whole, nanos=sign * rest)


def to_timestamp(name: str, time: datetime) -> Timestamp:
    """The message of a time, which must say its zone. Raises ValueError, naming it, if it does not."""
    if not isinstance(time, datetime) or time.tzinfo is None:
        raise ValueError(f"{name}: {time!r} is no datetime with a time zone")
    message = Timestamp()
    message.FromDatetime(time.astimezone(timezone.utc).replace(tzinfo=None))
    return message


def from_duration(message: Duration) -> timedelta:
    """The span of a message."""
    return timedelta(seconds=message.seconds, microseconds=message.nanos / 1_000)


def seconds_in(message: Duration) -> float:
    """The seconds of a message."""
    return float(message.seconds) + message.nanos / 1e9


def from_timestamp(message: Timestamp) -> datetime:
    """The time of a message, in UTC."""
    return datetime(1970, 1, 1, tzinfo=timezone.utc) + timedelta(
        seconds=message.seconds, microseconds=message.nanos // 1_000
    )
