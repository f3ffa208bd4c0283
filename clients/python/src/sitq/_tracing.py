"""Spans by OpenTelemetry, and the trace that travels with tasks, events and workflows.

They are made where the application has loaded OpenTelemetry (``sitq[otel]``); otherwise each function here costs one look-up. Names
are those of the semantic conventions for messaging: docs/tracing.md.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping, Sequence
from contextvars import Context
from types import TracebackType
from typing import Any

from .errors import CallError
from .v1.task_pb2 import Task

_PARENT, _STATE = "traceparent", "tracestate"
_SCHEMA = "https://opentelemetry.io/schemas/1.44.0"
_MOST_HEADERS, _MOST_BYTES = 64, 16_384

Headers = Mapping[str, str]


def _api() -> Any:
    """The module ``opentelemetry.trace``; ``None``: the application has not loaded it."""
    return sys.modules.get("opentelemetry.trace")


_tracer: Any = None
_propagator: Any = None


def _tools(trace: Any) -> tuple[Any, Any]:
    """A tracer, and what reads and writes W3C Trace Context."""
    global _tracer, _propagator
    if _tracer is None:
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        _propagator = TraceContextTextMapPropagator()
        _tracer = trace.get_tracer("sitq", schema_url=_SCHEMA)
    return _tracer, _propagator


class Sending:
    """The sending of one message; without OpenTelemetry it does nothing. Leaving it by an error notes that."""

    __slots__ = ("_span", "_trace", "headers")

    def __init__(self, trace: Any = None, span: Any = None, headers: Headers | None = None) -> None:
        self._trace = trace
        self._span = span
        self.headers = headers
        """What goes with the message; ``None``: nothing is added."""

    def answered(self, message_id: str) -> None:
        """Notes the id that the server gave to the message."""
        if self._span is not None:
            self._span.set_attribute("messaging.message.id", message_id)

    def __enter__(self) -> Sending:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._span is not None:
            if error is not None:
                _note(self._trace, self._span, _type_of(error), str(error))
            self._span.end()


_NOTHING = Sending()


def sending(destination: str, own: Headers | None, correlation_id: str, **facts: str) -> Sending:
    """Begins to send one message, which this span creates unless it names another one. ``own``: its headers."""
    trace = _api()
    if trace is None:
        return _NOTHING
    tracer, propagator = _tools(trace)
    creation = trace.get_current_span(propagator.extract(own or {}, context=_root())).get_span_context()
    is_own = creation.is_valid
    span = tracer.start_span(
        f"send {destination}",
        kind=trace.SpanKind.CLIENT if is_own else trace.SpanKind.PRODUCER,
        attributes=_attributes("send", destination, correlation_id, facts),
        links=[trace.Link(creation)] if is_own else [],
    )
    return Sending(trace, span, None if is_own else _carried(trace, propagator, span))


class SendingAll:
    """The sending of a batch: in a span for each message, in which it is created, and one for the sending."""

    __slots__ = ("_span", "_trace", "created")

    def __init__(self, trace: Any, span: Any, created: Sequence[Sending]) -> None:
        self._trace = trace
        self._span = span
        self.created = created

    def __enter__(self) -> Sequence[Sending]:
        return self.created

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for each in self.created:
            each.__exit__(None, None, None)
        if self._span is not None:
            if error is not None:
                _note(self._trace, self._span, _type_of(error), str(error))
            self._span.end()


def sending_all(messages: Sequence[tuple[str, Headers | None, str]]) -> SendingAll:
    """Begins to send a batch, of a destination, headers and a correlation id for each message."""
    trace = _api()
    if trace is None:
        return SendingAll(None, None, [_NOTHING] * len(messages))
    tracer, propagator = _tools(trace)
    created, links = [], []
    for destination, own, correlation_id in messages:
        creation = trace.get_current_span(propagator.extract(own or {}, context=_root())).get_span_context()
        if creation.is_valid:
            created.append(_NOTHING)
        else:
            attributes = _attributes("create", destination, correlation_id, {})
            span = tracer.start_span(f"create {destination}", kind=trace.SpanKind.PRODUCER, attributes=attributes)
            creation = span.get_span_context()
            created.append(Sending(trace, span, _carried(trace, propagator, span)))
        links.append(trace.Link(creation))
    destinations = {destination for destination, _, _ in messages}
    common = destinations.pop() if len(destinations) == 1 else ""
    attributes = {**_attributes("send", common, "", {}), "messaging.batch.message_count": len(messages)}
    name = f"send {common}" if common else "send"
    span = tracer.start_span(name, kind=trace.SpanKind.CLIENT, attributes=attributes, links=links)
    return SendingAll(trace, span, created)


def with_trace(own: Headers | None, trace: Headers | None) -> Headers | None:
    """Headers with those of a trace, where they fit into their bounds."""
    if not trace:
        return own
    both = {**{name: value for name, value in (own or {}).items() if name != _STATE}, **trace}
    size = sum(len(name.encode()) + len(value.encode()) for name, value in both.items())
    return both if len(both) <= _MOST_HEADERS and size <= _MOST_BYTES else own


class Settling:
    """The span of the sending of an outcome, until the server has it on its disk."""

    __slots__ = ("_span", "_trace")

    def __init__(self, trace: Any, span: Any) -> None:
        self._trace = trace
        self._span = span

    def end(self, failure: str = "") -> None:
        """Ends it. ``failure``: why the outcome does not stand; empty: it does."""
        if failure:
            _note(self._trace, self._span, failure, "")
        self._span.end()


class Processing:
    """The span of an attempt."""

    __slots__ = ("_attributes", "_ended_ns", "_links", "_outcome", "_span", "_trace", "is_recorded", "step_traceparent")

    def __init__(self, trace: Any, span: Any, attributes: Mapping[str, Any], links: Sequence[Any]) -> None:
        self._trace = trace
        self._span = span
        self._attributes = attributes
        self._links = links
        self._outcome = ""
        self._ended_ns = 0
        self.is_recorded: bool = span.is_recording()
        self.step_traceparent = ""
        """Of a step of a workflow: what its outcome carries, so that the steps that depend on it link to it; empty: nothing."""

    def end(self, outcome: str, failure: str = "") -> None:
        """Ends it. ``failure``: why it failed or was in vain, after its type and a colon."""
        self._outcome = outcome
        self._ended_ns = time.time_ns()
        self._span.set_attribute("sitq.task.outcome", outcome)
        if failure:
            type, _, text = failure.partition(": ")
            _note(self._trace, self._span, "_OTHER" if " " in type else type, text or type)
        self._span.end(self._ended_ns)

    def settle(self) -> Settling | None:
        """Begins the sending of its outcome, where the handler ended; ``None``: it is not recorded, or has not ended."""
        if not self.is_recorded or not self._outcome:
            return None
        tracer, _ = _tools(self._trace)
        destination = self._attributes["messaging.destination.name"]
        span = tracer.start_span(
            f"settle {destination}",
            context=self._trace.set_span_in_context(self._span, _root()),
            kind=self._trace.SpanKind.CLIENT,
            attributes={**self._attributes, **_operation("settle"), "sitq.task.outcome": self._outcome},
            links=self._links,
            start_time=self._ended_ns,
        )
        return Settling(self._trace, span)


def processing(task: Task, worker_id: str, scope: Context) -> Processing | None:
    """Begins to process an attempt; ``None``: nothing is traced. What runs in ``scope`` is below the span."""
    trace = _api()
    if trace is None:
        return None
    from opentelemetry import context

    tracer, propagator = _tools(trace)
    parent = propagator.extract(_carrier(task), context=_root())
    before = [
        propagator.extract({_PARENT: text}, context=_root()) for _, text in sorted(task.step_traceparents.items())
    ]
    if before and not trace.get_current_span(parent).get_span_context().is_valid:
        # A workflow that was not started in a trace goes on with that of its first step.
        parent = before.pop(0)
    creation, *steps = (trace.get_current_span(each).get_span_context() for each in (parent, *before))
    facts: dict[str, Any] = {
        "messaging.client.id": worker_id,
        "messaging.message.id": task.id,
        "sitq.task.type": task.type,
        "sitq.task.attempt": task.attempt,
    }
    origin = task.origin
    if origin.subscription:
        facts["messaging.destination.subscription.name"] = origin.subscription
    if origin.event_id:
        facts["sitq.event.id"] = origin.event_id
    if origin.workflow_id:
        facts["sitq.workflow.id"] = origin.workflow_id
        facts["sitq.workflow.step"] = origin.step_id
    if origin.is_compensation:
        facts["sitq.workflow.compensation"] = True
    attributes = _attributes("process", task.queue, task.correlation_id, facts)
    links = [trace.Link(creation)] if creation.is_valid else []
    span = tracer.start_span(
        f"process {task.queue}",
        context=parent,
        kind=trace.SpanKind.CONSUMER,
        attributes=attributes,
        links=[*links, *(trace.Link(step) for step in steps if step.is_valid)],
    )
    scope.run(context.attach, trace.set_span_in_context(span, parent))
    made = Processing(trace, span, attributes, links)
    if origin.workflow_id and made.is_recorded:
        made.step_traceparent = _carried(trace, propagator, span).get(_PARENT, "")
    return made


def _root() -> Any:
    from opentelemetry.context import Context

    return Context()


def _carrier(task: Task) -> Headers:
    """The headers of the span that created a task: of a delivery, that published its event."""
    if _PARENT in task.headers or not task.HasField("event"):
        return task.headers
    attributes = task.event.attributes
    return {name: attributes[name].string_value for name in (_PARENT, _STATE) if name in attributes}


def _carried(trace: Any, propagator: Any, span: Any) -> Headers:
    headers: dict[str, str] = {}
    propagator.inject(headers, context=trace.set_span_in_context(span, _root()))
    return headers


def _attributes(operation: str, destination: str, correlation_id: str, facts: Mapping[str, Any]) -> dict[str, Any]:
    attributes: dict[str, Any] = {
        "messaging.system": "sitq",
        **_operation(operation),
        **facts,
    }
    if destination:
        attributes["messaging.destination.name"] = destination
    if correlation_id:
        attributes["messaging.message.conversation_id"] = correlation_id
    return attributes


def _operation(name: str) -> dict[str, str]:
    return {"messaging.operation.name": name, "messaging.operation.type": name}


def _type_of(error: BaseException) -> str:
    if isinstance(error, CallError):
        return error.reason or error.code.name
    return type(error).__qualname__


def _note(trace: Any, span: Any, type: str, text: str) -> None:
    span.set_attribute("error.type", type)
    span.set_status(trace.Status(trace.StatusCode.ERROR, text or None))
