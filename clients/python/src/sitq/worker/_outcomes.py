"""How an attempt ended, encoded as the server takes it."""

from __future__ import annotations

import traceback
from typing import NamedTuple

from .._payload import encode, encode_into
from .._spans import duration_of
from .._wire import tag, varint
from ..errors import PayloadMismatch, Release, Retry, Terminal
from ..v1.payload_pb2 import Payload
from ..v1.worker_service_pb2 import Outcome
from ._attempt import Attempt

MAX_BYTES = 3 * 1_048_576
"""What one message of outcomes holds at most."""
_MAX_DELAY = 7 * 86_400.0
_MESSAGE_BYTES, _TYPE_BYTES, _STACK_BYTES = 8_192, 200, 16_384


class Encoded(NamedTuple):
    """An outcome on its way to the server."""

    data: bytes
    is_release: bool = False
    error: str = ""
    """Why the attempt failed, for the log; empty: it did not."""
    is_terminal: bool = False


def completed(attempt: Attempt, result: object) -> Encoded:
    """The work is done. What cannot travel is a terminal failure: the same result would come of every other attempt."""
    traceparent = "" if attempt.span is None else attempt.span.step_traceparent
    if result is None and not traceparent:
        body = _NOTHING
    else:
        payload = Payload()
        try:
            encode_into(payload, result, "result")
            body = _completed(payload, traceparent)
        except Exception as error:
            # Also what the value's own code raises while it is read.
            text = f"The handler's result does not fit: {_text_of(error)}"
            return failed_for_good(attempt.task_id, attempt.number, text, "INVALID_RESULT")
    # By hand: a message of Protobuf for each costs as much as all the rest.
    task_id = attempt.task_id.encode()
    number = attempt.number
    data = b"".join((_TASK_ID, varint(len(task_id)), task_id, _ATTEMPT, varint(number), body))
    if len(data) <= MAX_BYTES:
        return Encoded(data)
    text = f"The result has {len(data)} bytes encoded; at most {MAX_BYTES} can be sent."
    return failed_for_good(attempt.task_id, attempt.number, text, "PAYLOAD_TOO_LARGE")


def _completed(result: Payload, traceparent: str = "") -> bytes:
    """The field ``completed`` of an outcome. ``traceparent``: of the span in which a step was processed."""
    data = result.SerializeToString()
    inner = _RESULT + varint(len(data)) + data
    if traceparent:
        inner += _TRACEPARENT + varint(len(traceparent)) + traceparent.encode()
    return _COMPLETED + varint(len(inner)) + inner


_TASK_ID, _COMPLETED, _RESULT = tag(Outcome, "task_id"), tag(Outcome, "completed"), tag(Outcome.Completed, "result")
_TRACEPARENT = tag(Outcome.Completed, "traceparent")
_ATTEMPT = varint(Outcome.DESCRIPTOR.fields_by_name["attempt"].number << 3)
_NOTHING = _completed(encode(None))


def released(task_id: str, number: int, *, after: float | None = None, reason: str = "") -> Encoded:
    """The task is given back, and the attempt does not count. ``reason``: empty for a shutdown."""
    outcome = Outcome(task_id=task_id, attempt=number)
    outcome.released.reason = reason
    if after is not None:
        outcome.released.delay.CopyFrom(duration_of(min(max(after, 0.0), _MAX_DELAY)))
    return Encoded(outcome.SerializeToString(), is_release=True)


def failed_for_good(task_id: str, number: int, message: str, type: str) -> Encoded:
    """The attempt failed, and no other is to follow."""
    outcome = Outcome(task_id=task_id, attempt=number)
    outcome.failed.terminal = True
    outcome.failed.error.message = _cut(message, _MESSAGE_BYTES)
    outcome.failed.error.type = type
    return Encoded(outcome.SerializeToString(), error=f"{type}: {message}", is_terminal=True)


def raised(attempt: Attempt, error: BaseException) -> Encoded:
    """What a handler said by raising."""
    if isinstance(error, Release):
        return released(attempt.task_id, attempt.number, after=error.after)
    outcome = Outcome(task_id=attempt.task_id, attempt=attempt.number)
    failed = outcome.failed
    failed.terminal = isinstance(error, (Terminal, PayloadMismatch))
    failed.error.message = _cut(_text_of(error), _MESSAGE_BYTES)
    failed.error.type = _cut(_type_of(error), _TYPE_BYTES)
    failed.error.stack_trace = _stack_of(error)
    if isinstance(error, Retry) and error.after is not None:
        failed.retry_delay.CopyFrom(duration_of(min(max(error.after, 0.0), _MAX_DELAY)))
    text = f"{failed.error.type}: {failed.error.message}"
    return Encoded(outcome.SerializeToString(), error=text, is_terminal=failed.terminal)


def _text_of(error: BaseException) -> str:
    """The text of an exception, whose own code may raise: then its attempt has to end all the same."""
    try:
        return str(error) or type(error).__name__
    except Exception as second:
        return f"{type(error).__name__}, whose text cannot be read: {type(second).__name__}"


def _type_of(error: BaseException) -> str:
    if isinstance(error, (Retry, Terminal)):
        return error.type
    return "PAYLOAD_MISMATCH" if isinstance(error, PayloadMismatch) else type(error).__name__


def _stack_of(error: BaseException) -> str:
    """The stack, of which the end says the most: with the handler's own frames, and behind the causes."""
    # The first frame is the runner's.
    frames = error.__traceback__.tb_next if error.__traceback__ else None
    data = "".join(traceback.format_exception(type(error), error, frames)).encode("utf-8", "replace")
    return data[-_STACK_BYTES:].decode("utf-8", "ignore")


def _cut(text: str, size: int) -> str:
    return text.encode("utf-8", "replace")[:size].decode("utf-8", "ignore")
