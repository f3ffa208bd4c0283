import { createFeed, type Feed } from "../domain/service.ts";
import type { Workflow, WorkflowChange } from "../domain/workflows/workflow.ts";
import type { Store } from "../store/store.ts";

/**
 * Follows workflows by what the store tells of its commits. Nothing here asks the database whether something changed. Its stop
 * ends all watching.
 */
export interface WorkflowFeed extends Feed {
  /** Tells `sink` every change of one workflow, until the answered function is called. From its return on nothing is missed. */
  watch(workflowId: string, sink: (changes: readonly WorkflowChange[]) => void): () => void;
  /** Reads a workflow that is watched; `null` if it is not there. */
  read(workflowId: string): Promise<Workflow | null>;
}

type Sink = (changes: readonly WorkflowChange[]) => void;

/** Creates the feed of a store: one subscription for all watchers. */
export function createWorkflowFeed(store: Store): WorkflowFeed {
  const sinks = new Map<string, Set<Sink>>();
  let unsubscribe: (() => void) | null = null;
  const feed = createFeed();

  function onChanges(changes: readonly WorkflowChange[]): void {
    const byWorkflow = new Map<string, WorkflowChange[]>();
    for (const change of changes) {
      if (!sinks.has(change.workflowId)) continue;
      const own = byWorkflow.get(change.workflowId);
      if (own === undefined) byWorkflow.set(change.workflowId, [change]);
      else own.push(change);
    }
    for (const [id, own] of byWorkflow) for (const sink of sinks.get(id) ?? []) sink(own);
  }

  return {
    ...feed,

    watch(workflowId, sink) {
      const others = sinks.get(workflowId) ?? new Set();
      sinks.set(workflowId, others.add(sink));
      unsubscribe ??= store.subscribeWorkflows(onChanges);
      return () => {
        others.delete(sink);
        if (others.size === 0) sinks.delete(workflowId);
        if (sinks.size > 0) return;
        unsubscribe?.();
        unsubscribe = null;
      };
    },

    read: (workflowId) => store.getWorkflow(workflowId),
  };
}

/**
 * What is left of the changes that came while a workflow was read: those that the answer does not show already. Of each step
 * (and of the workflow itself) everything up to the change that brought it to where the answer has it is left out.
 */
export function changesSince(workflow: Workflow, changes: readonly WorkflowChange[]): WorkflowChange[] {
  const shown = new Map<string, number>();
  for (const [index, change] of changes.entries()) if (isShown(workflow, change)) shown.set(keyOf(change), index);
  return changes.filter((change, index) => index > (shown.get(keyOf(change)) ?? -1));
}

function keyOf(change: WorkflowChange): string {
  return change.kind === "workflow" ? "" : `${change.stepId}${change.isCompensation ? "!" : ""}`;
}

function isShown(workflow: Workflow, change: WorkflowChange): boolean {
  if (change.kind === "workflow") {
    const { state, compensation, finishMs } = workflow;
    return change.state === state && change.compensation === compensation && change.atRest === (finishMs !== null);
  }
  const step = workflow.steps.find(({ stepId }) => stepId === change.stepId);
  const task = change.isCompensation ? step?.compensation : step?.task;
  return task?.state === change.state && task.attempt === change.attempt;
}
