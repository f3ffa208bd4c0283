"""Publishing events, watching them, and what became of them."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ._base import Base
from ._batches import Batcher
from ._credentials import Security, invalid
from ._new_event import NewEvent, item_of
from ._payload import EMPTY, decode
from ._reconnecting import is_refused, reconnecting
from ._retry import retry
from ._spans import Span, seconds_of
from ._status import error_of_status
from ._subscriptions import EventStart, Position, event_start
from ._tracing import sending
from ._views import Event, TaskError, error_in, word_of
from ._waiting import poll
from .errors import CallError, DeadlineExceededError
from .v1 import event_pb2
from .v1 import event_service_pb2 as pb

if TYPE_CHECKING:
    from .tasks import Tasks


@dataclass(frozen=True)
class PublishedEvent:
    """An event that is on the server's disk, with its deliveries."""

    id: str
    source_service: str
    position: str
    """Its place among all events."""
    created: bool
    """This call stored it. False: it existed already."""
    delivered_to: int
    """How many subscriptions matched it."""


class Delivery:
    """The state of one delivery of an event."""

    def __init__(self, message: pb.Delivery) -> None:
        self.message = message
        self.subscription = message.subscription
        self.task_id = message.task_id
        """The task that delivers it."""
        self.state = word_of(message, "state")
        self.attempt = message.attempt
        self.last_error: TaskError | None = error_in(message, "last_error")

    @property
    def result(self) -> Any:
        """What the handler returned, as a plain value."""
        return decode(self.message.result)

    @property
    def is_finished(self) -> bool:
        """Whether it has ended, one way or the other."""
        return self.state in ("COMPLETED", "FAILED", "CANCELLED")


@dataclass(frozen=True)
class EventReport:
    """An event and its deliveries."""

    event: Event
    delivered_to: int
    deliveries: list[Delivery]


class Events(Base):
    """The part of a client that is about events."""

    def __init__(self, address: str, service: str, security: Security, retry_timeout: Span, call_timeout: Span) -> None:
        super().__init__(address, service, security, retry_timeout, call_timeout)
        self._publisher: Batcher[pb.PublishResult] = Batcher(self._publish, self._retry_within, self._connection.enter)

    async def publish(
        self,
        type: str,
        data: object = EMPTY,
        *,
        id: str = "",
        source_service: str = "",
        subject: str = "",
        time: datetime | None = None,
        correlation_id: str = "",
        causation_id: str = "",
        attributes: Mapping[str, str | bool | int] | None = None,
    ) -> PublishedEvent:
        """Publishes an event; returns when it and its deliveries are on the server's disk.

        Calls that are made at the same time share a batch. A call whose answer was lost is repeated, which makes no second event.
        ``source_service``: the client's service, if it has one. The rest is as :class:`NewEvent` has it. Raises CallError.
        """
        event = NewEvent(
            type,
            data,
            id=id or str(uuid.uuid4()),
            source_service=source_service or self.service,
            subject=subject,
            time=time,
            correlation_id=correlation_id,
            causation_id=causation_id,
            attributes=attributes,
        )
        if not event.source_service:
            raise invalid("event.source_service", "is required: here, or as the service of connect()")
        own = {name: str(value) for name, value in (attributes or {}).items()}
        with sending(type, own, correlation_id) as span:
            answer = _published(await self._publisher.add(item_of(event, span.headers)))
            if isinstance(answer, CallError):
                raise answer
            span.answered(answer.id)
        return answer

    async def watch_events(
        self,
        *types: str,
        start: EventStart = "now",
        source_service: str = "",
        subject: str = "",
        correlation_id: str = "",
        attributes: Mapping[str, str] | None = None,
    ) -> AsyncGenerator[Event, None]:
        """The events as they are stored, without end: none is missed and none comes twice, whatever happens to the connection.

        ``types``: patterns such as ``order.*``; none: all. To continue after a restart, keep the ``position`` of the last event that was
        dealt with; to have events delivered durably, use ``Worker.on``. Raises CallError, such as PositionExpired.
        """
        selected = event_pb2.EventFilter(
            types=types,
            source_service=source_service,
            subject=subject,
            correlation_id=correlation_id,
            attributes=attributes or {},
        )
        place: EventStart = start

        def open() -> AsyncGenerator[pb.SubscribeResponse, None]:
            request = pb.SubscribeRequest(filter=selected, start=event_start(place))
            return self._connection.watch(request, pb.SubscribeResponse)

        messages = reconnecting("the watch of events", open, is_final=is_refused)
        async with contextlib.aclosing(messages):
            async for message in messages:
                for event in message.events:
                    yield Event(event)
                place = Position(message.position)

    async def get_event(self, event: PublishedEvent | str, *, source_service: str = "") -> EventReport:
        """Reads an event with its deliveries. Raises EventNotFound."""
        event_id, source = (event, source_service) if isinstance(event, str) else (event.id, event.source_service)
        request = pb.GetEventRequest(event_id=event_id, source_service=source)
        answer = await self.call(request, pb.GetEventResponse)
        return EventReport(Event(answer.event), answer.delivered_to, [Delivery(each) for each in answer.deliveries])

    async def wait_delivered(self, event: PublishedEvent | str, *, timeout: Span | None = None) -> EventReport:
        """Waits until every delivery of an event is finished, one way or the other, and returns its report.

        Raises DeadlineExceededError, a TimeoutError, after ``timeout``, which names what is not delivered.
        """
        open: list[Delivery] = []

        async def look(seconds: float) -> EventReport | None:
            nonlocal open
            if open:
                with contextlib.suppress(DeadlineExceededError):
                    await self._tasks.wait(open[0].task_id, timeout=seconds)
            report = await self.get_event(event)
            open = [each for each in report.deliveries if not each.is_finished]
            return None if open else report

        found = await poll(look, timeout=timeout, retry_within=self._retry_within)
        if found is not None:
            return found
        why = ", ".join(f"{each.subscription} is {each.state}" for each in open[:3])
        text = (
            f"The event was not delivered to each subscription within {seconds_of('timeout', timeout or 0):g} s: {why}."
        )
        raise DeadlineExceededError(text, reason="EVENT_NOT_DELIVERED")

    @property
    def _tasks(self) -> Tasks:
        raise NotImplementedError

    async def close(self) -> None:
        """Waits for what is being published, and closes the connections. Idempotent."""
        await self._publisher.flush()
        await super().close()

    async def _publish(self, items: Sequence[bytes], until: float | None) -> Sequence[pb.PublishResult]:
        request = pb.PublishBatchRequest.FromString(b"".join(items))
        answer = await retry(
            lambda: self._connection.unary(request, pb.PublishBatchResponse, timeout=self._call_timeout),
            within=self._retry_within,
            until=until,
        )
        return answer.results


def _published(result: pb.PublishResult) -> PublishedEvent | CallError:
    if result.HasField("error"):
        return error_of_status(result.error, of_item=True)
    event = result.event
    return PublishedEvent(event.id, event.source_service, event.position, result.created, result.delivered_to)
