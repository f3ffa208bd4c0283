"""What can be said of a new event, and its encoding."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from ._credentials import invalid
from ._payload import EMPTY, encode_into
from ._spans import to_timestamp
from ._wire import varint
from .errors import PayloadMismatch
from .v1 import event_service_pb2 as pb


@dataclass(frozen=True)
class NewEvent:
    """An event that is to be published. The bounds are those of ``sitq.v1.Event``."""

    type: str
    """What happened: ``order.created``."""
    data: object = field(default_factory=lambda: EMPTY)
    id: str = ""
    """Unique within its source; publishing it again returns the first event."""
    source_service: str = ""
    """The service that publishes it."""
    subject: str = ""
    """What it is about: the number of an order."""
    time: datetime | None = None
    """When it happened; ``None``: when it is stored."""
    correlation_id: str = ""
    """Shared by everything that one request caused."""
    causation_id: str = ""
    """What caused it: the id of an event, a task or a workflow."""
    attributes: Mapping[str, str | bool | int] | None = None
    """Extension attributes: texts, booleans, whole numbers of 32 bits."""


def item_of(event: NewEvent, trace: Mapping[str, str] | None = None) -> bytes:
    """The request for an event, encoded as an element of a batch. Raises InvalidArgumentError if it cannot be.

    ``trace``: attributes that are added.
    """
    request = pb.PublishRequest()
    message = request.event
    try:
        message.id = event.id
        message.type = event.type
        message.source_service = event.source_service
        message.subject = event.subject
        message.correlation_id = event.correlation_id
        message.causation_id = event.causation_id
        if event.time is not None:
            message.time.CopyFrom(to_timestamp("event.time", event.time))
        for name, value in {**(event.attributes or {}), **(trace or {})}.items():
            _set_attribute(message.attributes[name], name, value)
        encode_into(message.data, event.data, "event.data")
        data = request.SerializeToString()
    except PayloadMismatch as error:
        raise invalid(error.field, error.problem) from error
    except (TypeError, ValueError) as error:
        raise invalid("event", str(error)) from error
    return b"\x0a" + varint(len(data)) + data


def _set_attribute(into: object, name: str, value: str | bool | int) -> None:
    if isinstance(value, bool):
        into.bool_value = value  # type: ignore[attr-defined]
    elif isinstance(value, int):
        into.number_value = value  # type: ignore[attr-defined]
    elif isinstance(value, str):
        into.string_value = value  # type: ignore[attr-defined]
    else:
        raise PayloadMismatch(f"event.attributes.{name}", "is no text, boolean or whole number")
