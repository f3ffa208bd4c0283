"""A worker at work: from its first connection to its drain."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import logging
import uuid
from collections.abc import Awaitable, Iterable
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import TYPE_CHECKING, NamedTuple

from .._credentials import in_loop
from .._ids import generated_id
from .._loop_thread import LoopThread
from .._spans import Span, seconds_of
from .._subscriptions import create_subscription
from ..errors import CallError
from ..v1.worker_service_pb2 import WorkRequest
from ._attempt import Abort, Attempt
from ._handlers import Handler
from ._link import Link
from ._runner import Find, Runner
from ._session import Session
from ._worker import Worker

if TYPE_CHECKING:
    from ..client import Client

_ABORT_GRACE = 1.0
"""How long handlers have to return once they are cancelled, in seconds."""
_SETTLE_TIMEOUT = 10.0
"""How long a stopping worker tries to have its outcomes settled, in seconds."""


log = logging.getLogger("sitq")


class _Left(NamedTuple):
    """What was not done when a worker stopped."""

    released: int
    """Tasks whose handlers had not returned."""
    unsettled: int
    """Outcomes that the server has not confirmed."""


@dataclasses.dataclass
class _Unit:
    """One worker of the contract: of tasks, or of the events."""

    runner: Runner
    session: Session
    link: Link
    work: asyncio.Future[CallError | None]


class RunningWorker:
    """A worker at work. Made by ``Worker.running``."""

    def __init__(self, worker: Worker, client: Client, grace: Span) -> None:
        self.id = worker.worker_id or generated_id(worker.service or client.service)
        """The worker's id."""
        self.state = "idle"
        """``connecting``, ``connected``, ``stopping`` or ``stopped``."""
        self._worker = worker
        self._client = client
        self._grace = seconds_of("grace", grace)
        self._units: list[_Unit] = []
        self._thread: LoopThread | None = None
        self._executor: ThreadPoolExecutor | None = None
        self._ended: asyncio.Future[None]
        self._first: asyncio.Future[None]
        self._connected: set[int] = set()
        self._stopping: asyncio.Task[None] | None = None
        self._hurry = asyncio.Event()

    async def __aenter__(self) -> RunningWorker:
        """Starts it; returns once the server has welcomed it."""
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Drains it."""
        await self.stop(grace=self._grace)

    async def start(self) -> None:
        """Starts it; returns once the server has welcomed it. Raises the CallError of a final refusal."""
        if self.state != "idle":
            raise RuntimeError(f"the worker {self.id} was started before")
        worker = self._worker
        loop = asyncio.get_running_loop()
        self.state = "connecting"
        self._ended, self._first = loop.create_future(), loop.create_future()
        by_queue: dict[str, Handler] = {}
        for wanted, handler in worker.subscriptions:
            name = wanted.name or ".".join(part for part in (self._service, handler.name) if part)
            if name in by_queue:
                raise ValueError(f"the subscription {name} has two handlers: {by_queue[name].name}, {handler.name}")
            by_queue[name] = handler
            await create_subscription(self._client, name, wanted)
        units = (bool(worker.handlers or worker.default)) + bool(by_queue)
        if not units:
            raise ValueError("the worker has no handlers: @worker.task(…) or @worker.on(…) make one")
        self._thread = LoopThread(f"sitq-{self.id}")
        self._executor = ThreadPoolExecutor(worker.capacity * units, thread_name_prefix="sitq-handler")
        try:
            if worker.handlers or worker.default:
                if not worker.queues:
                    raise ValueError('the worker has handlers of tasks and no queue: Worker("mail")')
                types = [] if worker.default else list(worker.handlers)
                self._add(self.id, list(dict.fromkeys(worker.queues)), types, self._by_type)
            if by_queue:

                def by_subscription(attempt: Attempt) -> Handler | None:
                    return by_queue.get(attempt.task.origin.subscription) or by_queue.get(attempt.task.queue)

                suffix = ".events" if self._units else ""
                self._add(self.id + suffix, list(by_queue), [], by_subscription)
            await asyncio.wait([self._first, self._ended], return_when=asyncio.FIRST_COMPLETED)
            if self._ended.done():
                await self._ended
        except BaseException:
            await self.stop(grace=0)
            raise

    @property
    def _service(self) -> str:
        return self._client.service if self._worker.service is None else self._worker.service

    @property
    def running(self) -> int:
        """Handlers that have not returned."""
        return sum(unit.runner.running for unit in self._units)

    @property
    def capacity(self) -> int:
        """How many handlers run at a time at most: those of tasks and those of events each have the worker's capacity."""
        return self._worker.capacity * max(1, len(self._units))

    async def ended(self) -> None:
        """Returns when it was stopped. Raises the CallError of a server that refuses it for good: another process has its id."""
        await asyncio.shield(self._ended)

    async def stop(self, *, grace: Span = 30) -> None:
        """Takes no more tasks, waits for handlers that run, for ``grace`` at most, then cancels them and releases their tasks.

        Returns when every outcome is settled. Called again, with a shorter grace, it hurries the first call.
        """
        seconds = seconds_of("grace", grace)
        if self._thread is None:
            self.state = "stopped"
            return
        if self._stopping is None:
            self.state = "stopping"
            log.info("the worker %s drains: %d handlers run, and have %g s to return", self.id, self.running, seconds)
            self._stopping = asyncio.ensure_future(self._shut_down())
        timer = asyncio.get_running_loop().call_later(seconds, self._hurry.set)
        try:
            await asyncio.shield(self._stopping)
        except asyncio.CancelledError:
            # Cancelled once more: no handler is waited for, but what is done is settled.
            self._hurry.set()
            await self._stopping
            raise
        finally:
            timer.cancel()

    def hurry(self) -> None:
        """Ends the grace of a stop: handlers that still run are cancelled now."""
        self._hurry.set()

    def _by_type(self, attempt: Attempt) -> Handler | None:
        return self._worker.handlers.get(attempt.task.type, self._worker.default)

    def _add(self, worker_id: str, queues: list[str], types: list[str], find: Find) -> None:
        assert self._thread is not None
        assert self._executor is not None
        worker = self._worker
        hello = WorkRequest.Hello(
            worker_id=worker_id,
            service=self._service,
            queues=queues,
            types=types,
            capacity=worker.capacity,
            address=worker.address,
            weight=worker.weight,
            metadata=worker.metadata,
            incarnation=str(uuid.uuid4()),
        )
        runner = Runner(find, self._client, worker.capacity, self._executor)
        session = Session(hello, self._thread.loop, runner.accept_soon, runner.give_up_soon)
        runner.session = session
        loop = asyncio.get_running_loop()
        number = len(self._units)
        link = Link(
            session,
            name=worker_id,
            addresses=self._client.addresses,
            security=in_loop(self._client.security, loop),
            on_state=lambda state, _: _soon(loop, self._on_state, number, state),
        )
        work = asyncio.ensure_future(self._thread.call(link.run()))
        work.add_done_callback(self._on_end)
        self._units.append(_Unit(runner, session, link, work))

    def _on_state(self, number: int, state: str) -> None:
        if state == "connected":
            self._connected.add(number)
        else:
            self._connected.discard(number)
        is_whole = len(self._connected) == len(self._units)
        if self.state in ("connecting", "connected"):
            self.state = "connected" if is_whole else "connecting"
        if is_whole and not self._first.done():
            self._first.set_result(None)

    def _on_end(self, work: asyncio.Future[CallError | None]) -> None:
        if work.cancelled() or self._ended.done():
            return
        error = work.exception() or work.result()
        if error is not None:
            self._ended.set_exception(error)
            self._ended.exception()  # Seen, so that asyncio does not log it where nothing waits for it.

    async def _shut_down(self) -> None:
        thread = self._thread
        assert thread is not None
        for unit in self._units:
            thread.loop.call_soon_threadsafe(unit.session.close)
            unit.runner.close()
        idle = asyncio.ensure_future(_all(unit.runner.idle() for unit in self._units))
        hurry = asyncio.ensure_future(self._hurry.wait())
        await asyncio.wait([idle, hurry], return_when=asyncio.FIRST_COMPLETED)
        hurry.cancel()
        if not idle.done():
            log.warning(
                "the worker %s: %d handlers have not returned in time; they are cancelled", self.id, self.running
            )
            for unit in self._units:
                unit.runner.abort_all(Abort("WORKER_STOPPING"))
            await asyncio.wait([idle], timeout=_ABORT_GRACE)
            idle.cancel()
        left = await asyncio.gather(*(thread.call(self._settle(unit)) for unit in self._units))
        await asyncio.wait([unit.work for unit in self._units]) if self._units else None
        thread.stop()
        if self._executor is not None:
            self._executor.shutdown(wait=False)
        self.state = "stopped"
        if self.running > 0:
            tasks = sum(each.released for each in left)
            log.warning(
                "the worker %s: %d handlers go on; %d tasks of theirs are released", self.id, self.running, tasks
            )
        unsettled = sum(each.unsettled for each in left)
        if unsettled > 0:
            log.warning("the worker %s: the server did not confirm %d outcomes", self.id, unsettled)
        log.info("the worker %s has stopped", self.id)
        if not self._ended.done():
            self._ended.set_result(None)

    @staticmethod
    async def _settle(unit: _Unit) -> _Left:
        """In the thread of the streams: releases what is left, waits until all is settled, and ends the stream."""
        released = unit.session.release_all()
        unit.link.hurry()
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(unit.session.emptied(), _SETTLE_TIMEOUT)
        unsettled = len(unit.session.outbox)
        await unit.link.close()
        return _Left(released, unsettled)


def _soon(loop: asyncio.AbstractEventLoop, call: object, *args: object) -> None:
    # The loop may have ended, and with it the worker.
    with contextlib.suppress(RuntimeError):
        loop.call_soon_threadsafe(call, *args)  # type: ignore[arg-type]


async def _all(waits: Iterable[Awaitable[object]]) -> None:
    await asyncio.gather(*waits)
