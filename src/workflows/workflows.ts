import type { Clock } from "../domain/clock.ts";
import type { EndedLease } from "../domain/lease.ts";
import { queueFull, requestIdReused } from "../domain/refusals/tasks.ts";
import { workflowFinished, workflowNotFound, workflowNotRetryable } from "../domain/refusals/workflows.ts";
import { cancelledError } from "../domain/tasks/task.ts";
import type { Explanation } from "../domain/waits/wait-facts.ts";
import { firstWait } from "../domain/workflows/first-wait.ts";
import type { Workflow, WorkflowSummary } from "../domain/workflows/workflow.ts";
import type { Admission } from "../store/admission.ts";
import type { Store } from "../store/store.ts";
import type { WorkflowListQuery, WorkflowStore } from "../store/workflow-store.ts";
import type { Lanes } from "./filling/lanes.ts";
import { type Attendances, type ExplainTasks, type StepWait, waitsOf } from "./step-waits.ts";
import { createWorkflowFeed, type WorkflowFeed } from "./workflow-feed.ts";
import { bytesOf, type RequestedWorkflow, resolveRequest } from "./workflow-request.ts";

/** A workflow that was stored by this call, or that was there. */
export interface StartedWorkflow {
  readonly workflow: Workflow;
  readonly created: boolean;
}

/** A workflow as a reader sees it. */
export interface WorkflowView {
  readonly workflow: Workflow;
  /** What its tasks wait for, by task id; those that do not wait are not in it. */
  readonly waits: ReadonlyMap<string, StepWait>;
  /** What it waits for itself; `null`: its steps run, or it is at rest. */
  readonly wait: WorkflowWait | null;
}

/** What a workflow waits for. */
export interface WorkflowWait {
  readonly stepId: string;
  /** It is the compensation of that step that waits. */
  readonly isCompensation: boolean;
  readonly explanation: Explanation;
}

/** What producers and operators do with workflows. */
export interface Workflows {
  /**
   * Stores a workflow and releases the steps that depend on nothing.
   *
   * @throws SitqError INVALID_FIELD, PAYLOAD_TOO_LARGE, REQUEST_ID_REUSED, QUEUE_FULL
   */
  start(request: RequestedWorkflow): Promise<StartedWorkflow>;
  /**
   * Starts a workflow that was created to be executed later; a repeat returns its current state.
   *
   * @throws SitqError WORKFLOW_NOT_FOUND; WORKFLOW_FINISHED: it was cancelled
   */
  execute(id: string): Promise<{ readonly workflow: Workflow; readonly executed: boolean }>;
  /** @throws SitqError WORKFLOW_NOT_FOUND */
  get(id: string): Promise<WorkflowView>;
  list(query: WorkflowListQuery): ReturnType<WorkflowStore["listWorkflows"]>;
  /** Those of whose steps none runs and none has ended for so long, in milliseconds. */
  listStuck(query: WorkflowListQuery, stuckForMs: number): ReturnType<WorkflowStore["listStuckWorkflows"]>;
  /** What each of these waits for, in order; see WorkflowView.wait. */
  waitsOf(workflows: readonly WorkflowSummary[]): Promise<(WorkflowWait | null)[]>;
  /**
   * Cancels a workflow and signals the workers of its steps; one that is already cancelled is returned unchanged.
   *
   * @throws SitqError WORKFLOW_NOT_FOUND, WORKFLOW_FINISHED
   */
  cancel(id: string, reason: string, compensate: boolean): Promise<Workflow>;
  /** @throws SitqError WORKFLOW_NOT_FOUND, WORKFLOW_NOT_RETRYABLE */
  retry(id: string): Promise<Workflow>;
  /** Follows single workflows. */
  readonly feed: WorkflowFeed;
}

/** What the use cases of workflows need. */
export interface WorkflowsOptions {
  readonly store: Store;
  readonly admission: Admission;
  readonly clock: Clock;
  /** Reads the parameters of steps. */
  readonly lanes: Lanes;
  /** Who works a service's queue. */
  readonly attendance: Attendances;
  readonly explain: ExplainTasks;
  /** Stops what ran under leases that the store has ended. */
  readonly endLeases: (ended: readonly EndedLease[], reason: string) => void;
}

/** Creates the use cases of workflows. */
export function createWorkflows(options: WorkflowsOptions): Workflows {
  const { store, admission, clock, lanes, attendance, explain, endLeases } = options;

  async function read(id: string): Promise<Workflow> {
    const workflow = await store.getWorkflow(id);
    if (workflow === null) throw workflowNotFound(id);
    return workflow;
  }

  return {
    feed: createWorkflowFeed(store),

    async start(request) {
      // Before its expressions are looked at, which is what costs.
      admission.assertOpen();
      const workflow = await resolveRequest(request, lanes);
      const begin = () => store.startWorkflows([workflow], clock.now());
      const [answer] = await admission.admit(workflow.steps.length, bytesOf(request), begin);
      switch (answer?.status) {
        case "created":
        case "existing":
          return { workflow: answer.workflow, created: answer.status === "created" };
        case "request_id_reused":
          throw requestIdReused("workflow", answer.id);
        case "queue_full":
          throw queueFull(`steps[${answer.step}].service_name`, answer.queue, answer.depth);
        case undefined:
          throw new Error("a workflow without an answer");
      }
    },

    async execute(id) {
      const answer = await store.executeWorkflow(id, clock.now());
      switch (answer.status) {
        case "executed":
          return { workflow: answer.workflow, executed: answer.isBegun };
        case "cancelled":
          throw workflowFinished(id, "cancelled", "executed");
        case "not_found":
          throw workflowNotFound(id);
      }
    },

    async get(id) {
      const workflow = await read(id);
      const waits = await waitsOf(workflow, explain, attendance);
      return { workflow, waits, wait: waitOf(workflow, waits) };
    },

    list: (query) => store.listWorkflows(query),
    listStuck: (query, stuckForMs) => store.listStuckWorkflows(query, clock.now() - stuckForMs),

    async waitsOf(workflows) {
      const open = workflows.filter(({ finishMs }) => finishMs === null).map(({ id }) => id);
      const waits = open.length === 0 ? [] : await store.readWorkflowWaits(open);
      const stored = new Map(waits.flatMap((wait, index) => (wait === null ? [] : [[open[index], wait] as const])));
      const explanations = await explain([...stored.values()].map(({ taskId }) => taskId));
      const byTask = new Map([...stored.values()].map(({ taskId }, index) => [taskId, explanations[index]]));
      return workflows.map(({ id }) => {
        const wait = stored.get(id);
        const explanation = wait && byTask.get(wait.taskId);
        // It may have begun meanwhile.
        if (!wait || !explanation?.reason) return null;
        return { stepId: wait.stepId, isCompensation: wait.isCompensation, explanation };
      });
    },

    async cancel(id, reason, compensate) {
      const error = cancelledError(reason || "The workflow was cancelled.");
      const answer = await store.cancelWorkflow(id, error, compensate, clock.now());
      switch (answer.status) {
        case "cancelled":
          endLeases(answer.leases, reason || error.type);
          return answer.workflow;
        case "finished":
          if (answer.state === "cancelled") return read(id);
          throw workflowFinished(id, answer.state, "cancelled");
        case "not_found":
          throw workflowNotFound(id);
      }
    },

    async retry(id) {
      const answer = await store.retryWorkflow(id, clock.now());
      switch (answer.status) {
        case "retried":
          return answer.workflow;
        case "not_retryable":
          throw workflowNotRetryable(id, answer.workflow);
        case "not_found":
          throw workflowNotFound(id);
      }
    },
  };
}

/** What a workflow waits for, by what its tasks do. */
function waitOf(workflow: Workflow, waits: ReadonlyMap<string, StepWait>): WorkflowWait | null {
  const { steps } = workflow;
  const states = steps.map(({ task, compensation }) => ({
    state: task.state,
    compensation: compensation?.state ?? null,
  }));
  const first = firstWait(workflow, states);
  const step = first && steps[first.number];
  if (!first || !step) return null;
  const { isCompensation } = first;
  const explanation = waits.get((isCompensation ? step.compensation?.id : step.task.id) ?? "")?.explanation;
  return explanation === undefined ? null : { stepId: step.stepId, isCompensation, explanation };
}
