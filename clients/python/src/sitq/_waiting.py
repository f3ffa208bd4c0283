"""Waiting for something to end, over any number of calls and through restarts of the server."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from ._base import Base
from ._retry import retry
from ._spans import Span, seconds_of
from ._views import TaskInfo
from .errors import CallError
from .v1 import queue_service_pb2 as pb

T = TypeVar("T")

_LOOK_EVERY = 30.0


async def poll(look: Callable[[float], Awaitable[T | None]], *, timeout: Span | None, retry_within: float) -> T | None:
    """Asks until there is an answer: ``look`` waits for it for some seconds. ``None``: the time is over."""
    until = None if timeout is None else time.monotonic() + seconds_of("timeout", timeout)
    while True:
        left = _LOOK_EVERY if until is None else max(0.0, min(_LOOK_EVERY, until - time.monotonic()))
        within = retry_within if until is None else min(retry_within, max(0.0, until - time.monotonic()))
        found = await retry(lambda seconds=left: look(seconds), within=within)  # type: ignore[misc]
        if found is not None:
            return found
        if until is not None and time.monotonic() >= until:
            return None


async def why_unfinished(client: Base, task: TaskInfo) -> str:
    """Why a task is not finished, in words: ``no worker is on the queue mial``; empty: that is not known."""
    why = await _standing(client, task)
    error = task.last_error
    return f"{why}, after {error}" if why and error is not None and str(error) else why


async def _standing(client: Base, task: TaskInfo) -> str:
    state = task.state
    if state == "RUNNING":
        return f"the worker {task.worker_id} runs its attempt {task.attempt}"
    if state == "SCHEDULED":
        return f"its {'next' if task.attempt else 'first'} attempt is due at {task.schedule_time}"
    if state == "BLOCKED":
        return "it waits for other tasks"
    if state != "PENDING":
        return ""
    try:
        queue = (await client.call(pb.GetQueueRequest(name=task.queue), pb.GetQueueResponse, timeout=1)).queue
    except CallError:
        return f"it waits its turn in the queue {task.queue}"
    if queue.paused:
        return f"the queue {task.queue} is paused"
    if queue.statistics.workers == 0:
        return f"no worker is on the queue {task.queue}"
    if any(each.type == task.type for each in queue.statistics.unhandled_types):
        return f"no worker on the queue {task.queue} handles {task.type}"
    return f"it waits its turn in the queue {task.queue}"
