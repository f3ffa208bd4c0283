"""Workers: which queues, which handlers, and their running."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, TypeVar

from .._spans import Span
from .._subscriptions import EventStart, Subscription
from ._handlers import Function, Handler

if TYPE_CHECKING:
    from ..client import Client
    from ._running import RunningWorker

F = TypeVar("F", bound=Function)

MAX_CAPACITY = 10_000


class Worker:
    """A worker: handlers of tasks and events. It does nothing until it is run with a client.

    ::

        worker = sitq.Worker("mail", capacity=20)

        @worker.task("mail.send")
        async def send(mail: Mail, ctx: sitq.Context) -> Receipt: ...

        async with sitq.connect() as client:
            await worker.run(client)
    """

    def __init__(
        self,
        *queues: str,
        capacity: int = 10,
        worker_id: str | None = None,
        service: str | None = None,
        address: str = "",
        weight: int = 0,
        metadata: Mapping[str, str] | None = None,
    ) -> None:
        """Makes a worker.

        ``queues``: the queues that it works on; a worker of events alone needs none. ``capacity``: how many handlers run at a time,
        1 to 10,000. ``worker_id``: its id, unique among processes (generated). ``service``: its service (the client's). ``address``: where
        it can be called, as an instance of its service: ``host:port``. ``weight``: its share under WEIGHTED (its capacity).
        ``metadata``: other facts about it, such as its version.
        """
        if isinstance(capacity, bool) or not isinstance(capacity, int) or not 1 <= capacity <= MAX_CAPACITY:
            raise ValueError(f"capacity: {capacity!r} is no whole number from 1 to {MAX_CAPACITY}")
        self.queues = queues
        self.capacity = capacity
        self.worker_id = worker_id
        self.service = service
        self.address = address
        self.weight = weight
        self.metadata = dict(metadata or {})
        self.handlers: dict[str, Handler] = {}
        """The handlers by task type."""
        self.subscriptions: list[tuple[Subscription, Handler]] = []
        """The handlers of events."""
        self.default: Handler | None = None
        """The handler of types that have none of their own."""

    def task(self, type: str) -> Callable[[F], F]:
        """Makes a function the handler of a task type: ``@worker.task("mail.send")``. The function stays what it is.

        A coroutine function runs in the event loop of the worker, a plain one in a thread. Its payload is checked against the
        annotation of its parameter (a dataclass, a model of pydantic, ``int``, ``list[str]``, …), and what it returns is the result.
        """

        def decorate(function: F) -> F:
            if type in self.handlers:
                raise ValueError(f"the task type {type} has a handler: {self.handlers[type].name}")
            self.handlers[type] = Handler(function, sys._getframe(1).f_locals)
            return function

        return decorate

    def fallback(self, function: F) -> F:
        """Makes a function the handler of all types that have none; without it, such tasks are not offered to the worker."""
        self.default = Handler(function, sys._getframe(1).f_locals)
        return function

    def on(
        self,
        *types: str,
        subscription: str | None = None,
        start: EventStart = "now",
        source_service: str = "",
        subject: str = "",
        correlation_id: str = "",
        attributes: Mapping[str, str] | None = None,
        ordering_key: str = "",
        max_attempts: int = 0,
        attempt_timeout: Span | None = None,
    ) -> Callable[[F], F]:
        """Makes a function the handler of events: ``@worker.on("order.*")``.

        Its payload is the event's data; a parameter that is annotated with :class:`sitq.Event` gets the event. The subscription is
        durable: it is created when the worker starts for the first time, and keeps the events while no worker runs. Its name is
        ``subscription``, or made of the service and the function's name. ``start``: where a new one begins, ``"now"``, ``"earliest"``, a
        ``datetime``, or a :class:`sitq.Position`. The rest narrows it or is a property of its deliveries.
        """

        def decorate(function: F) -> F:
            handler = Handler(function, sys._getframe(1).f_locals)
            wanted = Subscription(
                name=subscription or "",
                types=types,
                start=start,
                source_service=source_service,
                subject=subject,
                correlation_id=correlation_id,
                attributes=dict(attributes or {}),
                ordering_key=ordering_key,
                max_attempts=max_attempts,
                attempt_timeout=attempt_timeout,
            )
            self.subscriptions.append((wanted, handler))
            return function

        return decorate

    async def run(self, client: Client, *, grace: Span = 30) -> None:
        """Runs until the task is cancelled, then drains: handlers that run get ``grace`` to return, and are then cancelled.

        Raises the CallError of a server that refuses the worker for good, such as ``WORKER_REPLACED``.
        """
        async with self.running(client, grace=grace) as running:
            await running.ended()

    def running(self, client: Client, *, grace: Span = 30) -> RunningWorker:
        """The worker at work: ``async with worker.running(client): …`` starts it, and drains it at the end of the block."""
        from ._running import RunningWorker

        return RunningWorker(self, client, grace)
