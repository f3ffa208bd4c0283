"""The Python SDK of sitq: durable tasks, events, workflows and service discovery over gRPC.

::

    worker = sitq.Worker("hello")

    @worker.task("greet")
    async def greet(name: str) -> str:
        return f"Hello, {name}!"

    async with sitq.connect() as client, worker.running(client):
        task = await client.enqueue("hello", "greet", "Ada")
        print(await task.result())
"""

from . import _fork_support  # noqa: F401

# isort: split
from . import blocking, errors, reasons
from ._credentials import Tls
from ._instances import Instance
from ._new_task import NewTask, RetryPolicy
from ._registration import Registration
from ._subscriptions import Position
from ._views import Event, TaskError, TaskInfo
from .client import Client, connect
from .discovery import Picked
from .errors import (
    AbortedError,
    AlreadyExistsError,
    CallError,
    DataLossError,
    DeadlineExceededError,
    FailedPreconditionError,
    FieldViolation,
    InternalError,
    InvalidArgumentError,
    NotFoundError,
    PayloadMismatch,
    PermissionDeniedError,
    Release,
    ResourceExhaustedError,
    Retry,
    SitqError,
    TaskFailed,
    Terminal,
    UnauthenticatedError,
    UnavailableError,
    UnimplementedError,
    WorkflowFailed,
)
from .events import Delivery, EventReport, PublishedEvent
from .tasks import EnqueuedTask
from .worker import Cancelled, Context, RunningWorker, Worker
from .workflows import StartedWorkflow, Workflow, WorkflowChange, WorkflowInfo

__all__ = [
    "AbortedError",
    "AlreadyExistsError",
    "CallError",
    "Cancelled",
    "Client",
    "Context",
    "DataLossError",
    "DeadlineExceededError",
    "Delivery",
    "EnqueuedTask",
    "Event",
    "EventReport",
    "FailedPreconditionError",
    "FieldViolation",
    "Instance",
    "InternalError",
    "InvalidArgumentError",
    "NewTask",
    "NotFoundError",
    "PayloadMismatch",
    "PermissionDeniedError",
    "Picked",
    "Position",
    "PublishedEvent",
    "Registration",
    "Release",
    "ResourceExhaustedError",
    "Retry",
    "RetryPolicy",
    "RunningWorker",
    "SitqError",
    "StartedWorkflow",
    "TaskError",
    "TaskFailed",
    "TaskInfo",
    "Terminal",
    "Tls",
    "UnauthenticatedError",
    "UnavailableError",
    "UnimplementedError",
    "Worker",
    "Workflow",
    "WorkflowChange",
    "WorkflowFailed",
    "WorkflowInfo",
    "blocking",
    "connect",
    "errors",
    "reasons",
]
