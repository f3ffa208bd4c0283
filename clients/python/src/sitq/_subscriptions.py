"""Where a subscription begins, what it selects, and its creation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Literal, Union

from ._credentials import invalid
from ._retry import retry
from ._spans import Span, to_duration, to_timestamp
from .v1 import event_pb2, event_service_pb2

if TYPE_CHECKING:
    from .client import Client


@dataclass(frozen=True)
class Position:
    """A place among the events, as an event or a watch names it: what follows comes."""

    position: str


EventStart = Union[Literal["now", "earliest"], datetime, Position]
"""Where to begin: behind the newest event, at the oldest that is kept, at a time, or behind a position."""


def event_start(start: EventStart) -> event_pb2.EventStart:
    """The contract's message of a start."""
    if start == "now":
        return event_pb2.EventStart(now=True)
    if start == "earliest":
        return event_pb2.EventStart(earliest=True)
    if isinstance(start, Position):
        return event_pb2.EventStart(position=start.position)
    if isinstance(start, datetime):
        return event_pb2.EventStart(time=to_timestamp("start", start))
    raise invalid("start", f'{start!r} is none of "now", "earliest", a datetime, a Position')


@dataclass(frozen=True)
class Subscription:
    """What a durable subscription selects, and how its deliveries are made."""

    types: Sequence[str]
    name: str = ""
    """Empty: it is made of the service and the name of the handler."""
    start: EventStart = "now"
    source_service: str = ""
    subject: str = ""
    correlation_id: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)
    ordering_key: str = ""
    max_attempts: int = 0
    attempt_timeout: Span | None = None


async def create_subscription(client: Client, name: str, wanted: Subscription) -> bool:
    """Creates a subscription unless it is there; returns whether this call has. Raises SubscriptionExists if it has other content."""
    subscription = event_service_pb2.Subscription(
        name=name,
        filter=event_pb2.EventFilter(
            types=wanted.types,
            source_service=wanted.source_service,
            subject=wanted.subject,
            correlation_id=wanted.correlation_id,
            attributes=wanted.attributes,
        ),
        ordering_key=wanted.ordering_key,
        max_attempts=wanted.max_attempts,
    )
    if wanted.attempt_timeout is not None:
        subscription.attempt_timeout.CopyFrom(to_duration("attempt_timeout", wanted.attempt_timeout))
    request = event_service_pb2.CreateSubscriptionRequest(subscription=subscription, start=event_start(wanted.start))
    answer = await retry(lambda: client.call(request, event_service_pb2.CreateSubscriptionResponse), within=30)
    return answer.created
