"""Runs the handlers of the tasks whose leases the worker holds: never more than its capacity at a time."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import logging
import types
from collections import deque
from collections.abc import Callable, Generator, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, NamedTuple

from .._tracing import Processing, processing
from ._attempt import Abort, Attempt
from ._context import Context, is_cancellation
from ._handlers import Handler
from ._outcomes import Encoded, completed, raised, released
from ._session import Session

if TYPE_CHECKING:
    from ..client import Client

log = logging.getLogger("sitq")

Find = Callable[[Attempt], "Handler | None"]


class _Ready(NamedTuple):
    """An attempt of a coroutine function that has its place."""

    attempt: Attempt
    handler: Handler


class Runner:
    """Runs attempts in the event loop that it was made in: coroutines there, plain functions in threads.

    ::

        accept ──▶ waiting ──place free──▶ running ──returns──▶ its outcome goes to the session
                      │                       │
                      └────── give_up ────────┴──▶ not held: cancelled; its place is free when the handler returns

    Attempts wait only behind handlers that go on after their lease is gone: the server counts those places as free.

    Coroutines run in lanes. A lane is a task of asyncio that runs one after the other until one suspends: that one then has the task for
    itself, and what is left gets other lanes. A handler whose last attempt has suspended gets a lane for each attempt at once. So a handler
    that awaits has its own task, and one that never does costs none. Each attempt has a context of its own.
    """

    def __init__(self, find: Find, client: Client, capacity: int, executor: ThreadPoolExecutor) -> None:
        self.session: Session
        self.running = 0
        """Handlers that have not returned."""
        self._find = find
        self._client = client
        self._capacity = capacity
        self._executor = executor
        self._loop = asyncio.get_running_loop()
        self._waiting: deque[Attempt] = deque()
        self._active: set[Attempt] = set()
        self._unknown: set[str] = set()
        self._closed = False
        self._returning: deque[Attempt] = deque()
        """Attempts whose functions have returned in their threads."""
        self._is_woken = False
        self._wakes = False
        """Whether the session is woken at the end of this turn of the loop."""
        self._idle = asyncio.Event()
        self._idle.set()

    # What the session calls, in the thread of the streams.

    def accept_soon(self, attempts: Sequence[Attempt]) -> None:
        """Takes tasks in."""
        self._loop.call_soon_threadsafe(self._accept, attempts)

    def give_up_soon(self, attempts: Sequence[Attempt]) -> None:
        """Stops the handlers of attempts whose lease is gone."""
        self._loop.call_soon_threadsafe(self._give_up, attempts)

    # Everything below belongs to the loop of the handlers.

    def close(self) -> None:
        """Begins no more handlers: what waits is released."""
        self._closed = True
        self._begin_waiting()

    def abort_all(self, abort: Abort) -> None:
        """Cancels every handler; one that stops for it releases its task."""
        for attempt in list(self._active):
            attempt.abort = attempt.abort or abort
            self._stop(attempt)

    async def idle(self) -> None:
        """Returns when no handler runs."""
        await self._idle.wait()

    def _accept(self, attempts: Sequence[Attempt]) -> None:
        self._waiting.extend(attempts)
        self._begin_waiting()

    def _give_up(self, attempts: Sequence[Attempt]) -> None:
        for attempt in attempts:
            self._stop(attempt)

    def _stop(self, attempt: Attempt) -> None:
        # One that waits in its lane is looked at when its turn comes.
        if isinstance(attempt.stop, asyncio.Task):
            attempt.stop.cancel()

    def _begin_waiting(self) -> None:
        waiting = self._waiting
        ready: list[_Ready] = []
        while waiting and (self.running < self._capacity or self._closed):
            self._begin(waiting.popleft(), ready)
        if ready:
            self._open_lanes(ready)

    def _begin(self, attempt: Attempt, ready: list[_Ready]) -> None:
        if not attempt.is_held:
            self._say(attempt, None)
            return
        if self._closed:
            self._say(attempt, released(attempt.task_id, attempt.number))
            return
        handler = self._find(attempt)
        if handler is None:
            self._without_handler(attempt)
            return
        self.running += 1
        self._idle.clear()
        self._active.add(attempt)
        if handler.is_async:
            ready.append(_Ready(attempt, handler))
        else:
            context = Context(attempt, self.session, self._client, self._loop)
            scope = self._scope(attempt)
            self._executor.submit(scope.run, self._run_in_thread, attempt, handler, context)

    def _open_lanes(self, ready: Iterable[_Ready]) -> None:
        together: deque[_Ready] = deque()
        for each in ready:
            if each.handler.suspends:
                self._loop.create_task(self._lane(deque((each,))))
            else:
                together.append(each)
        if together:
            self._loop.create_task(self._lane(together))

    async def _lane(self, ready: deque[_Ready]) -> None:
        lane = asyncio.current_task()
        try:
            while ready:
                attempt, handler = ready.popleft()
                attempt.stop = lane
                # One that is cancelled, but by itself and without having suspended, would hand that on.
                if await self._run(attempt, handler, ready) or getattr(lane, "_must_cancel", False):
                    break
        finally:
            self._open_lanes(ready)

    @types.coroutine
    def _run(self, attempt: Attempt, handler: Handler, behind: deque[_Ready]) -> Generator[Any, Any, bool]:
        """Runs a coroutine. Returns whether it has suspended; what is ``behind`` it in its lane has then got other ones."""
        if attempt.abort is not None or not attempt.is_held:
            self._ended(attempt, released(attempt.task_id, attempt.number))
            return False
        suspended = False
        run = self._scope(attempt).run
        try:
            coroutine = run(handler.call, Context(attempt, self.session, self._client, self._loop))
            awaited = run(coroutine.send, None)
            suspended = handler.suspends = True
            rest = list(behind)
            behind.clear()
            self._open_lanes(rest)
            while True:
                thrown: BaseException | None = None
                try:
                    sent = yield awaited
                except BaseException as error:
                    thrown = error
                awaited = run(coroutine.send, sent) if thrown is None else run(coroutine.throw, thrown)
        except StopIteration as end:
            outcome = completed(attempt, end.value)
        except Exception as error:
            outcome = self._raised(attempt, error)
        except BaseException as error:
            # A cancellation, or the end of the program.
            outcome = self._raised(attempt, error)
            if not isinstance(error, asyncio.CancelledError):
                self._ended(attempt, outcome)
                raise
        handler.suspends = suspended
        self._ended(attempt, outcome)
        return suspended

    def _scope(self, attempt: Attempt) -> contextvars.Context:
        """The context of an attempt, in which what it enqueues is part of its trace."""
        scope = contextvars.copy_context()
        attempt.span = processing(attempt.task, self.session.worker_id, scope)
        return scope

    def _run_in_thread(self, attempt: Attempt, handler: Handler, context: Context) -> None:
        try:
            outcome = completed(attempt, handler.call(context))
        except BaseException as error:
            outcome = self._raised(attempt, error)
        self._report(attempt, outcome)
        self.session.wake()
        self._returning.append(attempt)
        if not self._is_woken:
            # To wake the loop costs as much as a handler: once for all that return until it has woken.
            self._is_woken = True
            # The loop may have ended, and with it the worker.
            with contextlib.suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._woken)

    def _woken(self) -> None:
        self._is_woken = False
        while self._returning:
            self._returned(self._returning.popleft())

    def _raised(self, attempt: Attempt, error: BaseException) -> Encoded:
        """A handler that is cancelled and stops has not failed: its task is released."""
        if attempt.abort is not None and is_cancellation(error):
            return released(attempt.task_id, attempt.number)
        return raised(attempt, error)

    def _ended(self, attempt: Attempt, outcome: Encoded) -> None:
        self._report(attempt, outcome)
        self._returned(attempt)
        if self.running == 0:
            self.session.hurry()
        else:
            self._wake_soon()

    def _say(self, attempt: Attempt, outcome: Encoded | None) -> None:
        self.session.ended(attempt, outcome)
        self._wake_soon()

    def _wake_soon(self) -> None:
        """To wake the other thread costs as much as a handler: it happens once for all that end in a turn of the loop."""
        if not self._wakes:
            self._wakes = True
            self._loop.call_soon(self._wake)

    def _wake(self) -> None:
        self._wakes = False
        self.session.wake()

    def _report(self, attempt: Attempt, outcome: Encoded) -> None:
        if attempt.span is not None:
            self._end_span(attempt.span, attempt, outcome)
        if outcome.error:
            task = attempt.task
            place = f"attempt {attempt.number} of {task.max_attempts}{', the last one' if outcome.is_terminal else ''}"
            log.warning("task %s (%s) failed in %s: %s", task.id, task.type, place, outcome.error)
        self.session.ended(attempt, outcome)

    def _end_span(self, span: Processing, attempt: Attempt, outcome: Encoded) -> None:
        if not attempt.is_held:
            span.end("abandoned", attempt.abort.cause if attempt.abort is not None else "LEASE_LOST")
        elif outcome.error:
            span.end("failed", outcome.error)
        else:
            span.end("released" if outcome.is_release else "completed")

    def _returned(self, attempt: Attempt) -> None:
        self._active.discard(attempt)
        attempt.stop = None
        self.running -= 1
        if self._waiting:
            self._begin_waiting()
        if self.running == 0:
            self._idle.set()

    def _without_handler(self, attempt: Attempt) -> None:
        task_type = attempt.task.type
        if task_type not in self._unknown:
            log.warning("no handler for the task type %s; its tasks are released", task_type)
        self._unknown.add(task_type)
        # It goes to another worker: in a rolling deploy there may be one that knows it. The server holds it back meanwhile.
        self._say(attempt, released(attempt.task_id, attempt.number, reason="NO_HANDLER"))
