"""Workflows: steps that depend on each other, each a task of a service."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ._base import Base
from ._credentials import Security, invalid
from ._ids import RequestIds
from ._new_task import RetryPolicy
from ._payload import EMPTY, decode, encode
from ._reconnecting import reconnecting
from ._retry import retry
from ._spans import Span, seconds_of, to_duration
from ._tracing import sending, with_trace
from ._views import TaskError, error_in, word_of
from ._waiting import poll
from .errors import DeadlineExceededError, PayloadMismatch, WorkflowFailed
from .v1 import workflow_service_pb2 as pb


@dataclass(frozen=True)
class _Step:
    step_id: str
    action: str
    parameters: object
    service: str
    depends_on: tuple[str, ...]
    max_retries: int | None
    retry_policy: RetryPolicy | None
    timeout: Span | None
    compensate_with: str


@dataclass(frozen=True)
class Workflow:
    """A workflow that can be started any number of times: ``Workflow("place-order").step(…).step(…)``."""

    name: str
    steps: tuple[_Step, ...] = ()

    def step(
        self,
        step_id: str,
        action: str,
        parameters: object = EMPTY,
        *,
        service: str,
        depends_on: Sequence[str] = (),
        max_retries: int | None = None,
        retry_policy: RetryPolicy | None = None,
        timeout: Span | None = None,
        compensate_with: str = "",
    ) -> Workflow:
        """The same workflow with one more step: a task of the type ``action`` in the queue of ``service``.

        Any text of the parameters may hold expressions, such as ``"${input.total * 2}"`` or ``"${results.reserve.shelf}"``.
        ``depends_on``: the steps that have to be completed first; ``compensate_with``: the type of the task that undoes it.
        """
        depends = (depends_on,) if isinstance(depends_on, str) else tuple(depends_on)
        step = _Step(step_id, action, parameters, service, depends, max_retries, retry_policy, timeout, compensate_with)
        return replace(self, steps=(*self.steps, step))

    def to_messages(self) -> list[pb.WorkflowStep]:
        """The steps as the contract has them. Raises InvalidArgumentError if one cannot be encoded."""
        return [_message_of(f"steps[{index}]", step) for index, step in enumerate(self.steps)]


def _message_of(field: str, step: _Step) -> pb.WorkflowStep:
    try:
        message = pb.WorkflowStep(
            step_id=step.step_id,
            service_name=step.service,
            action=step.action,
            parameters=encode(step.parameters, f"{field}.parameters"),
            depends_on=step.depends_on,
            max_retries=step.max_retries,
            compensate_with=step.compensate_with,
        )
    except PayloadMismatch as error:
        raise invalid(error.field, error.problem) from error
    if step.retry_policy is not None:
        message.retry_policy.CopyFrom(step.retry_policy.to_message(f"{field}.retry_policy"))
    if step.timeout is not None:
        message.timeout.CopyFrom(to_duration(f"{field}.timeout", step.timeout))
    return message


@dataclass(frozen=True)
class StartedWorkflow:
    """A workflow that is on the server's disk."""

    id: str
    created: bool
    """This call stored it. False: it was there already, by ``request_id``."""
    correlation_id: str


class WorkflowInfo:
    """A workflow as the server has it. ``message`` is the contract's own, with everything."""

    def __init__(self, message: pb.Workflow) -> None:
        self.message = message
        self.id = message.id
        self.name = message.name
        self.state = word_of(message, "state")
        """``PENDING``, ``RUNNING``, ``COMPLETED``, ``FAILED`` or ``CANCELLED``."""
        self.compensation = word_of(message, "compensation_state")
        """``UNSPECIFIED`` (nothing is undone), ``RUNNING``, ``COMPLETED`` or ``FAILED``."""
        self.failed_step = message.failure.step_id or None
        self.failure: TaskError | None = error_in(message.failure, "error")

    @property
    def is_at_rest(self) -> bool:
        """Whether its state is final, and nothing is being undone."""
        return self.message.HasField("finish_time")

    @property
    def states(self) -> dict[str, str]:
        """The states of its steps, by step id."""
        return {step.step_id: word_of(step, "state") for step in self.message.steps}

    @property
    def results(self) -> dict[str, Any]:
        """What its steps returned, as plain values by step id."""
        return {step.step_id: decode(step.result) for step in self.message.steps}


@dataclass(frozen=True)
class WorkflowChange:
    """One change of a workflow: of a step, or of the workflow itself."""

    message: pb.WorkflowChange

    @property
    def step_id(self) -> str | None:
        """The step that changed; ``None``: the workflow did."""
        return self.message.step_id or None

    @property
    def is_compensation(self) -> bool:
        """Whether what undoes the step changed."""
        return self.message.is_compensation

    @property
    def state(self) -> str:
        """The new state of the step's task, or of the workflow."""
        return word_of(self.message, "step_state" if self.message.step_id else "workflow_state")


class Workflows(Base):
    """The part of a client that is about workflows."""

    def __init__(self, address: str, service: str, security: Security, retry_timeout: Span, call_timeout: Span) -> None:
        super().__init__(address, service, security, retry_timeout, call_timeout)
        self._workflow_ids = RequestIds()

    async def start_workflow(
        self,
        workflow: Workflow,
        input: object = EMPTY,
        *,
        headers: Mapping[str, str] | None = None,
        correlation_id: str = "",
        request_id: str = "",
        pending: bool = False,
    ) -> StartedWorkflow:
        """Starts a workflow; returns when it is on the server's disk. A call whose answer was lost is repeated, which starts no second one.

        ``headers``: those of its tasks; ``pending``: only stores it, until ``execute_workflow``. Raises CallError.
        """
        try:
            encoded = encode(input, "input")
        except PayloadMismatch as error:
            raise invalid(error.field, error.problem) from error
        request = pb.StartWorkflowRequest(
            name=workflow.name,
            steps=workflow.to_messages(),
            input=encoded,
            correlation_id=correlation_id,
            request_id=request_id or self._workflow_ids.next(),
            source_service=self.service,
            pending=pending,
        )
        tries = 0

        async def start() -> pb.StartWorkflowResponse:
            nonlocal tries
            tries += 1
            return await self._connection.unary(request, pb.StartWorkflowResponse, timeout=self._call_timeout)

        with sending(workflow.name, headers, correlation_id) as span:
            request.headers.update(with_trace(headers, span.headers) or {})
            answer = await retry(start, within=self._retry_within)
            span.answered(answer.workflow.id)
        # An id of our own is unique: what a repeat finds was stored by the first try.
        created = answer.created or (not request_id and tries > 1)
        return StartedWorkflow(answer.workflow.id, created, answer.workflow.correlation_id)

    async def execute_workflow(self, workflow: StartedWorkflow | str) -> bool:
        """Lets a workflow begin that was started as ``pending``; returns whether this call has.

        Raises WorkflowNotFound, WorkflowFinished.
        """
        request = pb.ExecuteWorkflowRequest(workflow_id=_id_of(workflow))
        answer = await retry(lambda: self.call(request, pb.ExecuteWorkflowResponse), within=self._retry_within)
        return answer.executed

    async def wait_workflow(self, workflow: StartedWorkflow | str, *, timeout: Span | None = None) -> dict[str, Any]:
        """Waits until a workflow is at rest, through restarts of the server, and returns what its steps returned, by step id.

        Raises WorkflowFailed if it is not COMPLETED, after what is undone; DeadlineExceededError, a TimeoutError, after ``timeout``.
        """
        workflow_id = _id_of(workflow)
        found: WorkflowInfo | None = None

        async def look(seconds: float) -> WorkflowInfo | None:
            nonlocal found
            await self._watch_for(workflow_id, seconds)
            found = await self.get_workflow(workflow_id)
            return found if found.is_at_rest else None

        ended = await poll(look, timeout=timeout, retry_within=self._retry_within)
        if ended is None:
            open = "" if found is None else ", ".join(f"{step} is {state}" for step, state in found.states.items())
            text = (
                f"The workflow {workflow_id} was not at rest within {seconds_of('timeout', timeout or 0):g} s: {open}."
            )
            raise DeadlineExceededError(text, reason="WORKFLOW_NOT_FINISHED")
        if ended.state != "COMPLETED":
            raise _failure(ended)
        return ended.results

    async def watch_workflow(
        self, workflow: StartedWorkflow | str
    ) -> AsyncGenerator[WorkflowInfo | WorkflowChange, None]:
        """Follows a workflow until it is at rest: first as it stands, then each change; after an interruption as it stands again."""
        request = pb.WatchWorkflowRequest(workflow_id=_id_of(workflow))
        messages = reconnecting(
            "the watch of a workflow",
            lambda: self._connection.watch(request, pb.WatchWorkflowResponse),
            is_final=lambda error: not error.is_transient and error.reason != "WATCH_TOO_SLOW",
            within=self._retry_within,
            ends_well=True,
        )
        async with contextlib.aclosing(messages):
            async for message in messages:
                if message.HasField("workflow"):
                    yield WorkflowInfo(message.workflow)
                for change in message.changes:
                    yield WorkflowChange(change)

    async def get_workflow(self, workflow: StartedWorkflow | str) -> WorkflowInfo:
        """Reads a workflow. Raises WorkflowNotFound."""
        request = pb.GetWorkflowRequest(workflow_id=_id_of(workflow))
        return WorkflowInfo((await self.call(request, pb.GetWorkflowResponse)).workflow)

    async def cancel_workflow(
        self, workflow: StartedWorkflow | str, *, reason: str = "", compensate: bool = False
    ) -> WorkflowInfo:
        """Cancels a workflow; ``compensate``: what is completed is undone. Raises WorkflowNotFound, WorkflowFinished."""
        request = pb.CancelWorkflowRequest(workflow_id=_id_of(workflow), reason=reason, compensate=compensate)
        return WorkflowInfo((await self.call(request, pb.CancelWorkflowResponse)).workflow)

    async def retry_workflow(self, workflow: StartedWorkflow | str) -> WorkflowInfo:
        """Continues a FAILED or CANCELLED workflow. Raises WorkflowNotFound, WorkflowNotRetryable."""
        request = pb.RetryWorkflowRequest(workflow_id=_id_of(workflow))
        return WorkflowInfo((await self.call(request, pb.RetryWorkflowResponse)).workflow)

    async def _watch_for(self, workflow_id: str, seconds: float) -> None:
        """Returns when the workflow is at rest, or after some seconds."""

        async def watch() -> None:
            async for _ in self.watch_workflow(workflow_id):
                pass

        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(watch(), seconds)


def _id_of(workflow: StartedWorkflow | str) -> str:
    return workflow if isinstance(workflow, str) else workflow.id


def _failure(workflow: WorkflowInfo) -> WorkflowFailed:
    step = workflow.failed_step
    end = "was cancelled" if workflow.state == "CANCELLED" else f"failed at the step {step}" if step else "failed"
    undoing = ", and its undoing failed" if workflow.compensation == "FAILED" else ""
    error = workflow.failure
    why = f": {error}" if error is not None and str(error) else "."
    return WorkflowFailed(
        f"The workflow {workflow.id} ({workflow.name}) {end}{undoing}{why}",
        workflow_id=workflow.id,
        state=workflow.state,
        step_id=step,
        type="" if error is None else error.type,
        error="" if error is None else error.message,
    )
