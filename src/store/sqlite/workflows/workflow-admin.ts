import { keyOfId } from "../../../domain/ids.ts";
import { summaryOf, type WorkflowRow, workflowStateNumber } from "../../rows/workflow-rows.ts";
import type { Store } from "../../store.ts";
import type { Engine } from "../engine/engine.ts";
import type { SyncVerb } from "../engine/verb.ts";
import type { ReadWorkflow } from "./read-workflow.ts";
import type { WorkflowFlow } from "./workflow-flow.ts";

/** Creates the verbs that read a workflow and direct it as a whole, on an open database. */
export function createWorkflowAdmin({ keys }: Engine, flow: WorkflowFlow, read: ReadWorkflow) {
  function find(id: string): WorkflowRow | undefined {
    const key = keyOfId(id);
    return key === null ? undefined : flow.read(key);
  }

  const executeWorkflow: SyncVerb<Store["executeWorkflow"]> = (id, nowMs) => {
    const row = find(id);
    if (row === undefined) return { status: "not_found" };
    if (row.state === workflowStateNumber.cancelled) return { status: "cancelled" };
    const isBegun = row.state === workflowStateNumber.pending && flow.execute(row, nowMs);
    return { status: "executed", workflow: read.brief(find(id) ?? row), isBegun };
  };

  const getWorkflow: SyncVerb<Store["getWorkflow"]> = (id) => {
    const row = find(id);
    return row === undefined ? null : read.whole(row);
  };

  const cancelWorkflow: SyncVerb<Store["cancelWorkflow"]> = (id, error, compensate, nowMs) => {
    const row = find(id);
    if (row === undefined) return { status: "not_found" };
    const { state } = summaryOf(row, keys);
    if (state === "cancelled") return { status: "cancelled", workflow: read.brief(row), leases: [] };
    if (state === "completed" || state === "failed") return { status: "finished", state };
    const failure = { stepId: null, error };
    const leases = flow.end(row, { state: "cancelled", failure, compensate, stopRunning: true }, nowMs);
    return { status: "cancelled", workflow: read.brief(find(id) ?? row), leases };
  };

  const retryWorkflow: SyncVerb<Store["retryWorkflow"]> = (id, nowMs) => {
    const row = find(id);
    if (row === undefined) return { status: "not_found" };
    if (!flow.retry(row, nowMs)) return { status: "not_retryable", workflow: summaryOf(row, keys) };
    return { status: "retried", workflow: read.brief(find(id) ?? row) };
  };

  return { executeWorkflow, getWorkflow, cancelWorkflow, retryWorkflow };
}
