import { create } from "@bufbuild/protobuf";
import type { Task as WireTask } from "../../../gen/sitq/v1/task_pb.js";
import {
  CompensationSchema,
  CompensationState,
  StepWaitSchema,
  type WorkflowChange as WireChange,
  type WorkflowStep as WireStep,
  type Workflow as WireWorkflow,
  WorkflowChangeSchema,
  WorkflowFailureSchema,
  WorkflowSchema,
  WorkflowState,
  WorkflowStepSchema,
  WorkflowWaitSchema,
} from "../../../gen/sitq/v1/workflow_service_pb.js";
import { protoEnum } from "../../contract/enums.ts";
import { limits } from "../../contract/limits.ts";
import type { Task, TaskError } from "../../domain/tasks/task.ts";
import type {
  CompensationState as DomainCompensation,
  WorkflowState as DomainState,
  Workflow,
  WorkflowChange,
  WorkflowStep,
  WorkflowSummary,
} from "../../domain/workflows/workflow.ts";
import type { StepWait } from "../../workflows/step-waits.ts";
import type { WorkflowView, WorkflowWait } from "../../workflows/workflows.ts";
import { parseStates } from "../convert/checks.ts";
import { toExplanation } from "../convert/explanation.ts";
import { toListedPayloads } from "../convert/payload.ts";
import { shownRequestId } from "../convert/request-id.ts";
import { toTask, toTaskError, toTaskState } from "../convert/task.ts";
import { toDuration, toTimestamp, toTimestamps } from "../convert/times.ts";

const { values: states, words: stateWords } = protoEnum<DomainState, WorkflowState>()({
  pending: WorkflowState.PENDING,
  running: WorkflowState.RUNNING,
  completed: WorkflowState.COMPLETED,
  failed: WorkflowState.FAILED,
  cancelled: WorkflowState.CANCELLED,
});

const { values: compensations } = protoEnum<DomainCompensation, CompensationState>()({
  none: CompensationState.UNSPECIFIED,
  running: CompensationState.RUNNING,
  completed: CompensationState.COMPLETED,
  failed: CompensationState.FAILED,
});

/** States that are asked for, none twice. @throws SitqError with the field's path */
export function fromWorkflowStates(field: string, values: readonly WorkflowState[]): DomainState[] {
  return parseStates(field, values, stateWords, "a workflow");
}

/**
 * A workflow without steps and input.
 *
 * @param nowMs where the duration of one that goes on ends
 * @param wait what it waits for. Default: that is not said
 */
export function toWorkflowSummary(
  workflow: WorkflowSummary & { readonly waitingSinceMs?: number },
  nowMs: number,
  wait: WorkflowWait | null = null,
): WireWorkflow {
  const { failure, createMs, startMs, finishMs } = workflow;
  return create(WorkflowSchema, {
    id: workflow.id,
    name: workflow.name,
    state: states[workflow.state],
    correlationId: workflow.correlationId,
    sourceService: workflow.sourceService ?? "",
    requestId: shownRequestId(workflow.requestId),
    ...(failure && {
      failure: create(WorkflowFailureSchema, { stepId: failure.stepId ?? "", error: toTaskError(failure.error) }),
    }),
    compensationState: compensations[workflow.compensation],
    createTime: toTimestamp(createMs),
    ...toTimestamps({
      startTime: startMs,
      finishTime: finishMs,
      waitingSinceTime: workflow.waitingSinceMs ?? null,
    }),
    ...(wait && { wait: create(WorkflowWaitSchema, { ...wait, explanation: toExplanation(wait.explanation) }) }),
    ...(startMs !== null && { duration: toDuration(Math.max((finishMs ?? nowMs) - startMs, 0)) }),
  });
}

/** A workflow with its steps, without input, parameters and results. */
export function toBasicWorkflow(workflow: Workflow, nowMs: number): WireWorkflow {
  const message = toWorkflowSummary(workflow, nowMs);
  const steps = workflow.steps.map(withoutPayloads);
  message.steps = withinBound({ input: null, steps }).map((step) => toStep(step));
  return message;
}

function withoutPayloads(step: WorkflowStep): WorkflowStep {
  const bare = (task: Task): Task => ({ ...task, payload: null, result: null });
  return { ...step, task: bare(step.task), compensation: step.compensation && bare(step.compensation) };
}

/** A workflow, whole, with what its steps wait for. Where it is too large to send, the largest results are left out. */
export function toWorkflow({ workflow, waits, wait }: WorkflowView, nowMs: number): WireWorkflow {
  const message = toWorkflowSummary(workflow, nowMs, wait);
  const { payloads, damagedFields } = toListedPayloads({ input: workflow.input }, workflow.damagedFields);
  Object.assign(message, payloads, { damagedFields });
  message.steps = withinBound(workflow).map((step) => toStep(step, waits));
  return message;
}

/** What a step takes beside its payloads and errors, at the most: names, ids, times, twice the steps that it waits for. */
function stepBytes({ dependsOn }: WorkflowStep): number {
  return 1_024 + dependsOn.reduce((sum, { length }) => sum + 2 * (length + 4), 0);
}

/** What is left of an error's message where there is no room, in characters. */
const shortMessage = 200;

/**
 * The steps with as much as fits into one message: results are left out first, the largest of all, then stack traces, and at
 * last the errors' messages are cut.
 */
function withinBound({ input, steps }: Pick<Workflow, "input" | "steps">): readonly WorkflowStep[] {
  const tasks = steps
    .flatMap(({ task, compensation }) => (compensation === null ? [task] : [task, compensation]))
    .sort((a, b) => (b.result?.length ?? 0) - (a.result?.length ?? 0));
  const bytesOf = ({ result, error }: Task) =>
    (result?.length ?? 0) + (error === null ? 0 : Buffer.byteLength(error.message + error.stackTrace));
  const basicBytes = steps.reduce(
    (sum, step) => sum + (step.task.payload?.length ?? 0) + stepBytes(step),
    input?.length ?? 0,
  );
  let excess = tasks.reduce((sum, task) => sum + bytesOf(task), basicBytes) - limits.messageBytes;
  if (excess <= 0) return steps;

  const cut = new Map(tasks.map((task) => [task, task]));
  const shorten = (change: (task: Task) => Task) => {
    for (const [task, before] of cut) {
      if (excess <= 0) return;
      const after = change(before);
      excess -= bytesOf(before) - bytesOf(after);
      cut.set(task, after);
    }
  };
  const withError = (task: Task, change: (error: TaskError) => TaskError) =>
    task.error === null ? task : { ...task, error: change(task.error) };
  shorten((task) => ({ ...task, result: null }));
  shorten((task) => withError(task, (error) => ({ ...error, stackTrace: "" })));
  shorten((task) => withError(task, (error) => ({ ...error, message: error.message.slice(0, shortMessage) })));
  return steps.map((step) => ({
    ...step,
    task: cut.get(step.task) ?? step.task,
    compensation: step.compensation && (cut.get(step.compensation) ?? step.compensation),
  }));
}

function toStep(step: WorkflowStep, waits: WorkflowView["waits"] = noWaits): WireStep {
  const { stepId, dependsOn, compensateWith, task, compensation } = step;
  const wire = toTask(task);
  return create(WorkflowStepSchema, {
    stepId,
    serviceName: wire.queue,
    action: wire.type,
    dependsOn: [...dependsOn],
    maxRetries: wire.maxAttempts - 1,
    compensateWith: compensateWith ?? "",
    state: wire.state,
    taskId: wire.id,
    attempt: wire.attempt,
    workerId: wire.workerId,
    damagedFields: damagedOf(wire),
    ...present({
      parameters: wire.payload,
      retryPolicy: wire.retryPolicy,
      timeout: wire.attemptTimeout,
      ...endOf(wire),
      ...waitFields(waits.get(task.id)),
      compensation: compensation ? toCompensation(toTask(compensation), waits.get(compensation.id)) : undefined,
    }),
  });
}

function toCompensation(wire: WireTask, wait?: StepWait) {
  return create(CompensationSchema, {
    taskId: wire.id,
    state: wire.state,
    attempt: wire.attempt,
    damagedFields: damagedOf(wire).filter((field) => field === "result"),
    ...present({ ...endOf(wire), ...waitFields(wait) }),
  });
}

/** What of a step's task is damaged, in the step's own names. */
function damagedOf({ damagedFields }: WireTask): string[] {
  return damagedFields.flatMap((field) => (field === "payload" ? "parameters" : field === "result" ? field : []));
}

function endOf({ result, lastError, startTime, finishTime }: WireTask) {
  return { result, lastError, startTime, finishTime };
}

const noWaits: WorkflowView["waits"] = new Map();

function waitFields(wait: StepWait | undefined) {
  return wait && { wait: toStepWait(wait), explanation: toExplanation(wait.explanation) };
}

function toStepWait({ explanation, dueMs, service, workerCount, isUnhandled }: StepWait) {
  const { reason, stepIds, sinceMs } = explanation;
  const isBlocked = reason === "dependencies" || reason === "not_executed";
  return create(StepWaitSchema, {
    stepIds: [...stepIds],
    awaitsExecution: reason === "not_executed",
    serviceName: service,
    workerCount,
    isUnhandled,
    ...toTimestamps({ sinceTime: isBlocked ? null : (dueMs ?? sinceMs) }),
  });
}

/** A change as watchers get it. */
export function toWorkflowChange(change: WorkflowChange): WireChange {
  const message = create(WorkflowChangeSchema);
  message.changeTime = toTimestamp(change.changeMs);
  if (change.kind === "workflow") {
    message.workflowState = states[change.state];
    message.compensationState = compensations[change.compensation];
  } else {
    message.stepId = change.stepId;
    message.isCompensation = change.isCompensation;
    message.stepState = toTaskState(change.state);
    message.attempt = change.attempt;
    message.workerId = change.workerId ?? "";
  }
  return message;
}

/** The fields that are set: an initializer takes no `undefined`. */
function present<T extends object>(fields: T): { [K in keyof T]?: NonNullable<T[K]> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: NonNullable<T[K]>;
  };
}
