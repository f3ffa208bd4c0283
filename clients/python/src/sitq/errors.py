"""What this package raises, and what handlers raise.

A call that a server refuses raises a :class:`CallError`: of the class of its reason where there is one (``sitq.reasons``), which is a
subclass of the class of its gRPC code. So ``except sitq.NotFoundError`` and ``except sitq.reasons.TaskNotFound`` both work.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import ClassVar, NamedTuple

import grpc

from ._spans import Span, seconds_of
from ._unreached import Handshake

_PASSING = frozenset(
    (
        "OVERLOADED",
        "TOO_MANY_CONNECTIONS",
        "TOO_MANY_FAILED_SIGN_INS",
        "TOO_MANY_IDLE_MESSAGES",
        "TOO_MANY_UNFINISHED_BYTES",
        "TOO_MANY_WATCHERS",
        "WATCH_TOO_SLOW",
    )
)
"""Refusals that end by themselves, soon. Others last as long as their cause does, as a full queue: the caller decides."""


class SitqError(Exception):
    """The base of every error of this package."""


class FieldViolation(NamedTuple):
    """A field of a request that is at fault."""

    field: str
    """Its path: ``task.queue``."""
    reason: str
    """The reason, as a refusal for it alone would have it."""
    message: str
    """What is wrong with it."""


class CallError(SitqError):
    """A call, or one item of a batch, that did not succeed. Its text is the status's."""

    CODE: ClassVar[grpc.StatusCode] = grpc.StatusCode.UNKNOWN
    by_code: ClassVar[dict[grpc.StatusCode, type[CallError]]] = {}
    by_reason: ClassVar[dict[str, type[CallError]]] = {}

    def __init__(
        self,
        message: str,
        *,
        code: grpc.StatusCode | None = None,
        reason: str | None = None,
        violations: Sequence[FieldViolation] = (),
        metadata: Mapping[str, str] | None = None,
        retry_after: timedelta | None = None,
        unreached: bool = False,
        handshake: Handshake | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.CODE
        """The gRPC code."""
        self.reason = reason
        """The stable reason, as in ErrorInfo; ``None``: none was sent, as when no server was reached."""
        self.violations = tuple(violations)
        """The fields that are at fault."""
        self.metadata = dict(metadata or {})
        """Facts for programs, as in ErrorInfo."""
        self.retry_after = retry_after
        """When a repeat may help; ``None``: the server did not say."""
        self.unreached = unreached
        """Whether no server answered."""
        self.handshake = handshake
        """What was wrong with the connection, such as ``untrusted`` or ``certificate_required``; ``None``: nothing that is known."""
        self.unsent = False
        """Whether there was no connection over which the call could have gone."""
        self.moved = False
        """Whether the client has taken another of its servers since: what this one asked for does not count."""

    @property
    def field(self) -> str | None:
        """The path of the field at fault; ``None``: none was named."""
        return self.violations[0].field if self.violations else None

    @property
    def is_transient(self) -> bool:
        """Whether the failure does not depend on the request: the server was away, is stopping, or has too much to do.

        A server whose certificate is not the one that is expected does not change in time.
        """
        if self.handshake in ("untrusted", "wrong_name"):
            return False
        away = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED)
        return self.code in away or self.reason in _PASSING

    def __init_subclass__(cls) -> None:
        """Registers the class: for its code, or for the reason that its name says."""
        super().__init_subclass__()
        if "CODE" in cls.__dict__:
            CallError.by_code[cls.CODE] = cls
        elif cls.__module__.endswith(".reasons"):
            CallError.by_reason[re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).upper()] = cls


def call_error(
    message: str,
    code: grpc.StatusCode,
    *,
    reason: str | None = None,
    violations: Sequence[FieldViolation] = (),
    metadata: Mapping[str, str] | None = None,
    retry_after: timedelta | None = None,
    unreached: bool = False,
    handshake: Handshake | None = None,
) -> CallError:
    """Makes the error of a status, of the most specific class that there is."""
    known = CallError.by_reason.get(reason or "")
    # A reason that a newer server sends with another code is still of that code.
    cls = known if known and known.CODE is code else CallError.by_code.get(code, CallError)
    return cls(
        message,
        code=code,
        reason=reason,
        violations=violations,
        metadata=metadata,
        retry_after=retry_after,
        unreached=unreached,
        handshake=handshake,
    )


class InvalidArgumentError(CallError):
    """The request is wrong: see ``field`` and ``violations``."""

    CODE = grpc.StatusCode.INVALID_ARGUMENT


class NotFoundError(CallError):
    """There is no such thing."""

    CODE = grpc.StatusCode.NOT_FOUND


class AlreadyExistsError(CallError):
    """There is one already, with other content."""

    CODE = grpc.StatusCode.ALREADY_EXISTS


class FailedPreconditionError(CallError):
    """The state of the thing does not allow the call."""

    CODE = grpc.StatusCode.FAILED_PRECONDITION


class AbortedError(CallError):
    """The call lost against another one."""

    CODE = grpc.StatusCode.ABORTED


class ResourceExhaustedError(CallError):
    """A limit is reached: see ``retry_after``."""

    CODE = grpc.StatusCode.RESOURCE_EXHAUSTED


class UnavailableError(CallError):
    """The server was not reached, or is stopping."""

    CODE = grpc.StatusCode.UNAVAILABLE


class DeadlineExceededError(CallError, TimeoutError):
    """The time is over."""

    CODE = grpc.StatusCode.DEADLINE_EXCEEDED


class UnimplementedError(CallError):
    """The server does not know the method or the encoding."""

    CODE = grpc.StatusCode.UNIMPLEMENTED


class UnauthenticatedError(CallError):
    """The credentials are missing, wrong, expired or revoked."""

    CODE = grpc.StatusCode.UNAUTHENTICATED


class PermissionDeniedError(CallError):
    """The principal has not the right."""

    CODE = grpc.StatusCode.PERMISSION_DENIED


class DataLossError(CallError):
    """Something is damaged on the server's disk."""

    CODE = grpc.StatusCode.DATA_LOSS


class InternalError(CallError):
    """A bug of the server, or I/O: its log has the id that the text names."""

    CODE = grpc.StatusCode.INTERNAL


class PayloadMismatch(SitqError, ValueError):
    """A payload or a result that is not of the type of its annotation."""

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(f"{field}: {problem}")
        self.field = field
        """The path of the part that does not fit: ``payload.items[2].sku``."""
        self.problem = problem
        """What is wrong with it."""


class TaskFailed(SitqError):
    """An awaited task ended without a result."""

    def __init__(self, message: str, *, task_id: str, task_type: str, state: str, type: str, error: str) -> None:
        super().__init__(message)
        self.task_id = task_id
        self.task_type = task_type
        self.state = state
        """``FAILED`` or ``CANCELLED``."""
        self.type = type
        """The error for programs: a class's name, or one of the server's own, such as ``LEASE_LOST``."""
        self.error = error
        """The error's text."""


class WorkflowFailed(SitqError):
    """An awaited workflow came to rest without being completed."""

    def __init__(
        self, message: str, *, workflow_id: str, state: str, step_id: str | None, type: str, error: str
    ) -> None:
        super().__init__(message)
        self.workflow_id = workflow_id
        self.state = state
        """``FAILED`` or ``CANCELLED``."""
        self.step_id = step_id
        """The step that failed for good; ``None``: the workflow was cancelled."""
        self.type = type
        """The error for programs, as TaskFailed has it."""
        self.error = error
        """The error's text."""


class Retry(SitqError):
    """Raised by a handler: the attempt failed, and the next one begins after ``after`` instead of by the retry policy."""

    def __init__(
        self, message: str = "the handler asks for another attempt", *, after: Span | None = None, type: str = "Retry"
    ) -> None:
        super().__init__(message)
        self.after = None if after is None else seconds_of("after", after)
        self.type = type


class Terminal(SitqError):
    """Raised by a handler: the task failed, and another attempt cannot help. It is FAILED, whatever attempts it has left."""

    def __init__(self, message: str = "the handler gives up", *, type: str = "Terminal") -> None:
        super().__init__(message)
        self.type = type


class Release(SitqError):
    """Raised by a handler: the task goes back to its queue, and the attempt does not count."""

    def __init__(self, *, after: Span | None = None) -> None:
        super().__init__("the task is given back")
        self.after = None if after is None else seconds_of("after", after)
