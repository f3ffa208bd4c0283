"""What a handler can ask and say while it works on a task."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

from .._payload import decode
from .._views import Event, TaskInfo
from ..errors import Release, SitqError
from ._attempt import AbortCause, Attempt

if TYPE_CHECKING:
    from ..client import Client
    from ._session import Session


T = TypeVar("T")


class Cancelled(SitqError):
    """Raised by ``ctx.raise_if_cancelled()`` in a handler that should stop."""


class Context:
    """One attempt, as its handler sees it. All of it may be used in any thread."""

    __slots__ = ("_attempt", "_loop", "_session", "_task", "client")

    def __init__(self, attempt: Attempt, session: Session, client: Client, loop: asyncio.AbstractEventLoop) -> None:
        self._attempt = attempt
        self._loop = loop
        self._session = session
        self._task: TaskInfo | None = None
        self.client = client
        """The client whose worker runs the handler, to enqueue or publish more."""

    @property
    def task(self) -> TaskInfo:
        """The task."""
        self._task = self._task or TaskInfo(self._attempt.task)
        return self._task

    @property
    def task_id(self) -> str:
        """The task's id."""
        return self._attempt.task_id

    @property
    def attempt(self) -> int:
        """The number of the attempt, from 1."""
        return self._attempt.number

    @property
    def event(self) -> Event | None:
        """The event that the task delivers; ``None``: it delivers none."""
        task = self._attempt.task
        return Event(task.event, task.payload) if task.HasField("event") else None

    @property
    def results(self) -> dict[str, Any]:
        """For a step of a workflow: the results of earlier steps by step id."""
        return {step: decode(payload) for step, payload in self._attempt.task.results.items()}

    @property
    def is_compensation(self) -> bool:
        """Whether the task undoes a step of a workflow."""
        return self._attempt.task.origin.is_compensation

    def progress(self, done: float, total: float = 1.0, message: str = "") -> None:
        """Reports how far the handler is: ``ctx.progress(3, 10)``, ``ctx.progress(0.3, message="sorting")``.

        The first report of an attempt is sent at once, then the newest once a second.
        """
        fraction = done / total if total else 0.0
        fraction = 0.0 if math.isnan(fraction) else min(max(fraction, 0.0), 1.0)
        text = message.encode("utf-8", "replace")[:1_024].decode("utf-8", "ignore")
        self._session.note(self._attempt, fraction, text)

    @property
    def cancelled(self) -> AbortCause | None:
        """Why the handler should stop, such as ``CANCELLED``; ``None``: it should not.

        A coroutine gets an ``asyncio.CancelledError``; a plain function has to look here.
        """
        abort = self._attempt.abort
        return None if abort is None else abort.cause

    def raise_if_cancelled(self) -> None:
        """Raises Cancelled if the handler should stop."""
        abort = self._attempt.abort
        if abort is not None:
            raise Cancelled(abort.message or abort.cause)

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """For plain functions: runs a coroutine in the worker's event loop: ``ctx.run(ctx.client.enqueue(…))``."""
        if asyncio._get_running_loop() is self._loop:
            work.close()
            raise RuntimeError("ctx.run is for plain functions: a coroutine awaits")
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def release(self, *, after: float | None = None) -> NoReturn:
        """Gives the task back to its queue; the attempt does not count."""
        raise Release(after=after)


def is_cancellation(error: BaseException) -> bool:
    """Whether an error is how a handler stops that should."""
    return isinstance(error, (asyncio.CancelledError, Cancelled))
