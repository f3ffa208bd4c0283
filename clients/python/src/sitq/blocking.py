"""The blocking face: the same client for programs without an event loop.

::

    with sitq.blocking.connect() as client:
        task = client.enqueue("hello", "greet", "Ada")
        print(task.result(timeout=10))

Its calls run in a thread with an event loop of its own. It may be used in several threads.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import TYPE_CHECKING, Any, Generic, TypeVar, Union, overload

from google.protobuf.message import Message

from . import client as asynchronous
from ._credentials import Tls, TokenProvider
from ._instances import Instance
from ._loop_thread import LoopThread
from ._new_task import NewTask, TaskOptions
from ._payload import EMPTY
from ._registration import Registration
from ._spans import Span
from ._views import Event, TaskInfo
from .errors import CallError
from .tasks import EnqueuedTask as AsyncEnqueuedTask
from .worker import RunningWorker, Worker
from .workflows import StartedWorkflow, WorkflowChange, WorkflowInfo

if TYPE_CHECKING:
    from typing import Concatenate

    from typing_extensions import ParamSpec, Unpack

    P = ParamSpec("P")

M = TypeVar("M", bound=Message)
R = TypeVar("R")
T = TypeVar("T")


def _blocking(
    method: Callable[Concatenate[asynchronous.Client, P], Coroutine[Any, Any, T]],
) -> Callable[Concatenate[Client, P], T]:
    """The same method, which blocks until it has its answer."""

    def call(self: Client, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return self._thread.run(method(self._client, *args, **kwargs))

    call.__name__, call.__doc__ = method.__name__, method.__doc__
    return call


@dataclass(frozen=True)
class EnqueuedTask(Generic[R]):
    """A task that is on the server's disk."""

    id: str
    created: bool
    """This enqueue stored it. False: it existed already, by its ``request_id`` or ``deduplication_key``."""
    request_id: str
    _client: Client = field(repr=False, compare=False)
    _type: Any = field(repr=False, compare=False)

    def result(self, *, timeout: Span | None = None) -> R:
        """Waits until it is COMPLETED and returns its result; see ``sitq.Client.result``."""
        value: R = self._client.result(self.id, self._type, timeout=timeout)
        return value


class Client:
    """A client whose calls block. Made by ``sitq.blocking.connect``."""

    def __init__(self, client: asynchronous.Client) -> None:
        self._client = client
        self._thread = LoopThread("sitq-client")
        self._is_closed = False

    @property
    def address(self) -> str:
        """The server's address, or those of several servers, separated by commas."""
        return self._client.address

    @property
    def service(self) -> str:
        """The service that this process is part of."""
        return self._client.service

    def __enter__(self) -> Client:
        """Returns itself; it connects with the first call."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Closes it."""
        self.close()

    def close(self) -> None:
        """Waits for what is being enqueued, and closes the connections. Idempotent."""
        if not self._is_closed:
            self._is_closed = True
            if self._thread.is_elsewhere:
                return
            try:
                self._thread.run(self._client.close())
            finally:
                self._thread.stop()

    def call(self, request: Message, answer: type[M], *, timeout: Span = 10) -> M:
        """Calls the method of the contract that takes a request; see ``sitq.Client.call``."""
        return self._thread.run(self._client.call(request, answer, timeout=timeout))

    @overload
    def enqueue(
        self, queue: str, type: str, payload: object = EMPTY, *, result: type[R], **options: Unpack[TaskOptions]
    ) -> EnqueuedTask[R]: ...
    @overload
    def enqueue(
        self, queue: str, type: str, payload: object = EMPTY, **options: Unpack[TaskOptions]
    ) -> EnqueuedTask[Any]: ...
    def enqueue(
        self, queue: str, type: str, payload: object = EMPTY, *, result: Any = Any, **options: Unpack[TaskOptions]
    ) -> EnqueuedTask[Any]:
        """Enqueues a task; returns when it is on the server's disk. See ``sitq.Client.enqueue``."""
        task: AsyncEnqueuedTask[Any] = self._thread.run(
            self._client.enqueue(queue, type, payload, result=result, **options)
        )
        return EnqueuedTask(task.id, task.created, task.request_id, self, result)

    def enqueue_all(
        self, tasks: Sequence[NewTask], *, atomic: bool = False
    ) -> list[Union[EnqueuedTask[Any], CallError]]:
        """Enqueues tasks in one batch; see ``sitq.Client.enqueue_all``."""
        answers = self._thread.run(self._client.enqueue_all(tasks, atomic=atomic))
        return [
            each
            if isinstance(each, CallError)
            else EnqueuedTask(each.id, each.created, each.request_id, self, each._type)
            for each in answers
        ]

    @overload
    def result(self, task: EnqueuedTask[R], *, timeout: Span | None = None) -> R: ...
    @overload
    def result(self, task: EnqueuedTask[Any] | str, type: type[R], *, timeout: Span | None = None) -> R: ...
    @overload
    def result(self, task: str, *, timeout: Span | None = None) -> Any: ...
    def result(self, task: EnqueuedTask[Any] | str, type: Any = None, *, timeout: Span | None = None) -> Any:
        """Waits until a task is COMPLETED and returns its result; see ``sitq.Client.result``."""
        wanted = type if type is not None else Any if isinstance(task, str) else task._type
        return self._thread.run(self._client.result(_id_of(task), wanted, timeout=timeout))

    def wait(self, task: EnqueuedTask[Any] | str, *, timeout: Span | None = None) -> TaskInfo:
        """Waits until a task is finished, one way or the other; see ``sitq.Client.wait``."""
        return self._thread.run(self._client.wait(_id_of(task), timeout=timeout))

    def cancel_task(self, task: EnqueuedTask[Any] | str, *, reason: str = "") -> TaskInfo:
        """Cancels a task that is not finished; see ``sitq.Client.cancel_task``."""
        return self._thread.run(self._client.cancel_task(_id_of(task), reason=reason))

    def retry_task(self, task: EnqueuedTask[Any] | str) -> TaskInfo:
        """Retries a FAILED or CANCELLED task; see ``sitq.Client.retry_task``."""
        return self._thread.run(self._client.retry_task(_id_of(task)))

    get_task = _blocking(asynchronous.Client.get_task)
    flush = _blocking(asynchronous.Client.flush)
    publish = _blocking(asynchronous.Client.publish)
    get_event = _blocking(asynchronous.Client.get_event)
    wait_delivered = _blocking(asynchronous.Client.wait_delivered)
    start_workflow = _blocking(asynchronous.Client.start_workflow)
    execute_workflow = _blocking(asynchronous.Client.execute_workflow)
    wait_workflow = _blocking(asynchronous.Client.wait_workflow)
    get_workflow = _blocking(asynchronous.Client.get_workflow)
    cancel_workflow = _blocking(asynchronous.Client.cancel_workflow)
    retry_workflow = _blocking(asynchronous.Client.retry_workflow)
    discover = _blocking(asynchronous.Client.discover)

    def list_tasks(self, **selected: Any) -> Iterator[TaskInfo]:
        """The tasks that match, newest first; see ``sitq.Client.list_tasks``."""
        return self._each(self._client.list_tasks(**selected))

    def watch_events(self, *types: str, **selected: Any) -> Iterator[Event]:
        """The events as they are stored, without end; see ``sitq.Client.watch_events``."""
        return self._each(self._client.watch_events(*types, **selected))

    def watch_workflow(self, workflow: StartedWorkflow | str) -> Iterator[WorkflowInfo | WorkflowChange]:
        """Follows a workflow until it is at rest; see ``sitq.Client.watch_workflow``."""
        return self._each(self._client.watch_workflow(workflow))

    def watch_instances(
        self, service: str = "", *, metadata: Mapping[str, str] | None = None
    ) -> Iterator[list[Instance]]:
        """All instances of a service, and again whenever one has changed; see ``sitq.Client.watch_instances``."""
        return self._each(self._client.watch_instances(service, metadata=metadata))

    @contextlib.contextmanager
    def register(self, address: str, **options: Any) -> Iterator[Registration]:
        """Registers an instance as long as a block runs; see ``sitq.Client.register``."""
        registration = self._client.register(address, **options)
        self._thread.run(registration.start())
        try:
            yield registration
        finally:
            self._thread.run(registration.stop())

    def drain(self, registration: Registration) -> None:
        """Says that a registered instance takes no new calls; see ``sitq.Registration.drain``."""
        self._thread.run(registration.drain())

    @contextlib.contextmanager
    def pick(self, service: str, **options: Any) -> Iterator[Instance]:
        """Has an instance picked, with a place reserved on it while a block runs; see ``sitq.Client.pick``."""
        picked = self._thread.run(self._client.pick(service, **options))
        try:
            yield picked.instance
        finally:
            self._thread.run(picked.release())

    @contextlib.contextmanager
    def running(self, worker: Worker, *, grace: Span = 30) -> Iterator[RunningWorker]:
        """Runs a worker while a block runs, and drains it at the end; its coroutines run in the thread of this client."""
        running = self._thread.run(_made(worker, self._client, grace))
        self._thread.run(running.start())
        try:
            yield running
        finally:
            self._thread.run(running.stop(grace=grace))

    def run(self, worker: Worker, *, grace: Span = 30) -> None:
        """Runs a worker until KeyboardInterrupt, and drains it then; see ``sitq.Worker.run``."""
        self._thread.run(worker.run(self._client, grace=grace))

    def _each(self, items: AsyncGenerator[T, None]) -> Iterator[T]:
        try:
            while True:
                try:
                    item = self._thread.run(_next(items))
                except StopAsyncIteration:
                    return
                yield item
        finally:
            self._thread.run(items.aclose())


def connect(
    address: str | None = None,
    *,
    service: str = "",
    tls: bool | Tls | None = None,
    token: str | TokenProvider | None = None,
    token_file: str | os.PathLike[str] | None = None,
    insecure: bool = False,
    retry_timeout: Span = 30,
    call_timeout: Span = 10,
) -> Client:
    """Makes a client of a server; see ``sitq.connect``."""
    return Client(
        asynchronous.connect(
            address,
            service=service,
            tls=tls,
            token=token,
            token_file=token_file,
            insecure=insecure,
            retry_timeout=retry_timeout,
            call_timeout=call_timeout,
        )
    )


async def _made(worker: Worker, client: asynchronous.Client, grace: Span) -> RunningWorker:
    """A running worker is made in the loop that it belongs to."""
    return worker.running(client, grace=grace)


async def _next(items: AsyncGenerator[T, None]) -> T:
    return await items.__anext__()


def _id_of(task: EnqueuedTask[Any] | str) -> str:
    return task if isinstance(task, str) else task.id
