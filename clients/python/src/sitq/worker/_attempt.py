"""One attempt of one task in the worker's hands, and why it may have to stop."""

from __future__ import annotations

from typing import Literal, NamedTuple

from .._tracing import Processing
from ..v1.task_pb2 import Task
from ..v1.worker_service_pb2 import CancelCode, WorkResponse

AbortCause = Literal["CANCELLED", "ATTEMPT_TIMEOUT", "LEASE_LOST", "WORKER_STOPPING", "WORKER_REPLACED"]


class Abort(NamedTuple):
    """Why a handler has to stop."""

    cause: AbortCause
    message: str = ""
    """The canceller's own words; empty: there are none."""


def abort_of(cancelled: WorkResponse.CancelledTask) -> Abort:
    """Why the server takes a task back."""
    causes: dict[int, AbortCause] = {
        CancelCode.CANCEL_CODE_ATTEMPT_TIMEOUT: "ATTEMPT_TIMEOUT",
        CancelCode.CANCEL_CODE_LEASE_LOST: "LEASE_LOST",
    }
    return Abort(causes.get(cancelled.code, "CANCELLED"), cancelled.message)


class Attempt:
    """An attempt, from its hand-out to the return of its handler.

    The thread of the stream writes ``is_held``, the runner everything else.
    """

    __slots__ = ("abort", "is_held", "number", "span", "stop", "task", "task_id")

    def __init__(self, task: Task) -> None:
        self.task = task
        self.task_id = task.id
        self.number = task.attempt
        self.is_held = True
        """Whether the worker holds the lease: only then does an outcome count."""
        self.abort: Abort | None = None
        """Why the handler has to stop; ``None``: it has not."""
        self.span: Processing | None = None
        """Its span, while it is traced."""
        self.stop: object = None
        """What the runner stops it by, once it has begun."""
