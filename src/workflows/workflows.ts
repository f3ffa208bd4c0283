import type { Clock } from "../domain/clock.ts";
import type { QueueLease } from "../domain/lease.ts";
import { queueFull, requestIdReused } from "../domain/refusals/tasks.ts";
import { workflowFinished, workflowNotFound, workflowNotRetryable } from "../domain/refusals/workflows.ts";
import { cancelledError } from "../domain/tasks/task.ts";
import type { Workflow } from "../domain/workflows/workflow.ts";
import type { Admission } from "../store/admission.ts";
import type { Store } from "../store/store.ts";
import type { WorkflowListQuery, WorkflowStore } from "../store/workflow-store.ts";
import type { Lanes } from "./filling/lanes.ts";
import { type Attendances, type StepWait, undoWaitsOf, waitsOf } from "./step-waits.ts";
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
  /** What its steps wait for, by step id; those that do not wait are not in it. */
  readonly waits: ReadonlyMap<string, StepWait>;
  readonly undoWaits: ReadonlyMap<string, StepWait>;
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
  /** Stops what ran under leases that the store has ended. */
  readonly endLeases: (ended: readonly QueueLease[], reason: string) => void;
}

/** Creates the use cases of workflows. */
export function createWorkflows(options: WorkflowsOptions): Workflows {
  const { store, admission, clock, lanes, attendance, endLeases } = options;

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
      return { workflow, waits: waitsOf(workflow, attendance), undoWaits: undoWaitsOf(workflow, attendance) };
    },

    list: (query) => store.listWorkflows(query),

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
