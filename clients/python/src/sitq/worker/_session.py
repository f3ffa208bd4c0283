"""What a worker sends and does over any number of streams: it outlives them, and each speaks it in turn."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import Callable, Sequence

from ..v1.worker_service_pb2 import WorkRequest, WorkResponse
from ._attempt import Abort, Attempt, abort_of
from ._outbox import Outbox
from ._outcomes import Encoded, released

_LEAST_MUCH, _MOST_MUCH = 16, 64
"""Outcomes that are sent without waiting for more: half of what the worker takes, within these bounds."""
_HELD = 10_000
"""The most leases that ``hello`` names."""
_PROGRESS_EVERY = 1.0
_PROGRESS_PER_MESSAGE = 500
_GATHER_STEPS = 6
_GATHER_STEP = 0.00005
"""Outcomes are gathered while other handlers run, for at most so many steps of so many seconds, and only as long as each brings some."""

Accept = Callable[[Sequence[Attempt]], None]
GiveUp = Callable[[Sequence[Attempt]], None]


class _Note:
    __slots__ = ("due", "fraction", "message", "sent_at")

    def __init__(self) -> None:
        self.fraction = 0.0
        self.message = ""
        self.sent_at = float("-inf")
        self.due = False


class Session:
    """The state of one worker towards the server. It belongs to the thread of the streams.

    The runner tells it by ``ended`` and ``note``, which any thread may call.
    """

    def __init__(
        self, hello: WorkRequest.Hello, loop: asyncio.AbstractEventLoop, accept: Accept, give_up: GiveUp
    ) -> None:
        self.worker_id = hello.worker_id
        self.outbox = Outbox()
        self.welcomed = False
        """Whether the server has ever accepted the worker."""
        self.on_welcome: Callable[[], None] = lambda: None
        """Called at each welcome."""
        self._hello = hello
        self._room = hello.capacity
        self._much = min(max(-(-hello.capacity // 2), _LEAST_MUCH), _MOST_MUCH)
        self._loop = loop
        self._accept = accept
        self._give_up = give_up
        self._held: dict[str, Attempt] = {}
        self._overstaying = 0
        self._announced = 0
        self._closed = False
        self._inbox: deque[tuple[Attempt, Encoded | None]] = deque()
        self._notes: dict[Attempt, _Note] = {}
        self._reports: deque[tuple[Attempt, float, str]] = deque()
        self._is_woken = False
        self._is_hurried = False
        self._note_timer: asyncio.TimerHandle | None = None
        self._flush: Callable[[], None] = lambda: None
        self._emptied: asyncio.Event = asyncio.Event()

    # What the runner calls, in any thread.

    def ended(self, attempt: Attempt, outcome: Encoded | None) -> None:
        """A handler has returned. ``None``: there is nothing to say, since its lease was gone before it began.

        It is taken in once this thread is woken: by ``wake``, by ``hurry``, or since there is much of it.
        """
        self._inbox.append((attempt, outcome))
        if len(self._inbox) >= self._much:
            self.hurry()

    def note(self, attempt: Attempt, fraction: float, message: str) -> None:
        """How far an attempt is."""
        self._reports.append((attempt, fraction, message))
        self.wake()

    def wake(self) -> None:
        """There is something to say, which may wait for more."""
        if not (self._is_woken or self._is_hurried):
            self._is_woken = True
            self._tell(self._woken)

    def hurry(self) -> None:
        """There is something to say, and nothing to wait for."""
        if not self._is_hurried:
            self._is_hurried = True
            self._tell(self._hurried)

    def _tell(self, call: Callable[[], None]) -> None:
        # After the end of the streams there is nothing to wake.
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(call)

    # Everything below belongs to the thread of the streams.

    def bind(self, flush: Callable[[], None]) -> None:
        """Sets what a stream does to send; without a stream nothing is sent."""
        self._flush = flush

    def _woken(self) -> None:
        self._is_woken = False
        self._take_in()
        for _ in range(_GATHER_STEPS):
            if not self._held or not 0 < self.outbox.unsent < self._much:
                break
            # Shorter than a timer of the loop can be.
            time.sleep(_GATHER_STEP)
            if not self._inbox:
                break
            self._take_in()
        self._flush()

    def _hurried(self) -> None:
        self._is_hurried = False
        self._take_in()
        self._flush()

    def _noted(self) -> None:
        self._note_timer = None
        self._flush()

    def _take_in(self) -> None:
        inbox, held, notes = self._inbox, self._held, self._notes
        while inbox:
            attempt, outcome = inbox.popleft()
            if notes:
                notes.pop(attempt, None)
            if not attempt.is_held:
                self._overstaying -= 1
            elif outcome is not None:
                attempt.is_held = False
                held.pop(attempt.task_id, None)
                span = None if attempt.span is None else attempt.span.settle()
                self.outbox.add(attempt.task_id, attempt.number, outcome, span=span)
        while self._reports:
            attempt, fraction, message = self._reports.popleft()
            if attempt.is_held:
                note = self._notes.setdefault(attempt, _Note())
                note.fraction, note.message, note.due = fraction, message, True

    def hello(self) -> bytes:
        """The first message of a stream: who the worker is, and what it holds."""
        self._take_in()
        self._announced = self._capacity()
        hello = WorkRequest.Hello()
        hello.CopyFrom(self._hello)
        hello.capacity = self._announced
        leases = [*self.outbox.leases(), *((each.task_id, each.number) for each in self._held.values())]
        for task_id, number in leases[:_HELD]:
            hello.held.add(task_id=task_id, attempt=number)
        self.outbox.send_again()
        for note in self._notes.values():
            note.due, note.sent_at = True, float("-inf")
        return WorkRequest(hello=hello).SerializeToString()

    @property
    def has_more(self) -> bool:
        """Whether ``next`` has a message that is not of progress."""
        return self.outbox.unsent > 0 or self._capacity() != self._announced

    def next(self) -> bytes | None:
        """What is to be sent next, once the server has welcomed the worker; ``None``: nothing."""
        capacity = self._capacity()
        if capacity != self._announced:
            self._announced = capacity
            return WorkRequest(capacity=WorkRequest.Capacity(n=capacity)).SerializeToString()
        outcomes = self.outbox.take()
        return self._progress() if outcomes is None else outcomes

    def on_message(self, message: WorkResponse) -> str | None:
        """Takes a message of the server in; returns its kind, ``None`` for one that a newer server sends."""
        kind: str | None = message.WhichOneof("message")
        if kind == "tasks":
            self._take(message.tasks)
        elif kind == "settled":
            self.outbox.settled(message.settled.outcomes)
            if not self.outbox:
                self._emptied.set()
        elif kind == "cancel":
            self._let_go([(each.task_id, each.attempt, abort_of(each)) for each in message.cancel.tasks])
        elif kind == "welcome":
            self.welcomed = True
            self.on_welcome()
            lost = message.welcome.lost
            for lease in lost:
                self.outbox.lost(lease.task_id, lease.attempt)
            self._let_go([(lease.task_id, lease.attempt, Abort("LEASE_LOST")) for lease in lost])
        return kind

    def close(self) -> None:
        """Takes no more tasks from now on: what comes is released."""
        self._closed = True
        self._flush()

    def release_all(self) -> int:
        """Releases everything that is held, whether or not its handler has returned. Returns how much that was."""
        self._take_in()
        count = len(self._held)
        for attempt in list(self._held.values()):
            self._release(attempt)
            self._overstaying += 1
        self._flush()
        return count

    def abandon(self) -> None:
        """Gives everything up: no server takes its outcomes any more."""
        self._closed = True
        self._take_in()
        replaced = Abort("WORKER_REPLACED")
        self._let_go([(each.task_id, each.number, replaced) for each in self._held.values()])
        self.outbox.abandon()

    async def emptied(self) -> None:
        """Returns when every outcome is settled."""
        self._take_in()
        self._flush()
        self._emptied.clear()
        if self.outbox:
            await self._emptied.wait()

    def _take(self, tasks: WorkResponse.Tasks) -> None:
        held, forget = self._held, self.outbox.forget
        accepted: list[Attempt] = []
        for task in tasks.tasks:
            task_id = task.id
            former = held.get(task_id)
            if former is not None:
                if former.number == task.attempt:
                    continue
                # The server knows best: a newer attempt means that the older one is over.
                self._let_go([(former.task_id, former.number, Abort("LEASE_LOST"))])
            # What was said of it before has been applied, or it would not be handed out.
            forget(task_id)
            attempt = held[task_id] = Attempt(task)
            if self._closed:
                self._release(attempt)
            else:
                accepted.append(attempt)
        if accepted:
            self._accept(accepted)
        elif self._closed:
            self._flush()

    def _release(self, attempt: Attempt) -> None:
        attempt.is_held = False
        self._held.pop(attempt.task_id, None)
        self.outbox.add(attempt.task_id, attempt.number, released(attempt.task_id, attempt.number))

    def _let_go(self, leases: Sequence[tuple[str, int, Abort]]) -> None:
        aborted: list[Attempt] = []
        for task_id, number, abort in leases:
            attempt = self._held.get(task_id)
            if attempt is None or attempt.number != number:
                continue
            del self._held[task_id]
            attempt.is_held = False
            attempt.abort = attempt.abort or abort
            # Until its handler has returned, which may be never, it takes a slot that the server cannot know.
            self._overstaying += 1
            aborted.append(attempt)
        if aborted:
            self._give_up(aborted)

    def _capacity(self) -> int:
        return 0 if self._closed else max(0, self._room - self._overstaying)

    def _progress(self) -> bytes | None:
        if not self._notes:
            return None
        now = time.monotonic()
        heartbeat = WorkRequest.Heartbeat()
        soonest: float | None = None
        for attempt, note in self._notes.items():
            if not note.due or len(heartbeat.progress) == _PROGRESS_PER_MESSAGE:
                continue
            left = note.sent_at + _PROGRESS_EVERY - now
            if left > 0:
                soonest = left if soonest is None else min(soonest, left)
                continue
            note.due, note.sent_at = False, now
            progress = heartbeat.progress.add(task_id=attempt.task_id, attempt=attempt.number)
            progress.progress.fraction, progress.progress.message = note.fraction, note.message
        if heartbeat.progress:
            return WorkRequest(heartbeat=heartbeat).SerializeToString()
        if soonest is not None and self._note_timer is None:
            self._note_timer = self._loop.call_later(soonest, self._noted)
        return None
