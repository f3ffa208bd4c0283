import { keyOfId } from "../../../domain/ids.ts";
import { summaryOf, type WorkflowRow, workflowStateNumber } from "../../rows/workflow-rows.ts";
import type { WorkflowStore } from "../../workflow-store.ts";
import type { Engine } from "../engine/engine.ts";
import type { ReadWorkflow } from "./read-workflow.ts";
import type { WorkflowFlow } from "./workflow-flow.ts";

/** Creates the verbs that read a workflow and direct it as a whole. */
export function createWorkflowAdmin(
  { keys }: Engine,
  flow: WorkflowFlow,
  read: ReadWorkflow,
): Pick<WorkflowStore, "executeWorkflow" | "getWorkflow" | "cancelWorkflow" | "retryWorkflow"> {
  async function find(id: string): Promise<WorkflowRow | undefined> {
    const key = keyOfId(id);
    return key === null ? undefined : flow.read(key);
  }

  async function brief({ id }: WorkflowRow) {
    const found = (await read.brief([id])).get(id);
    if (found === undefined) throw new Error(`no workflow ${id}`);
    return found;
  }

  return {
    async executeWorkflow(id, nowMs) {
      const row = await find(id);
      if (row === undefined) return { status: "not_found" };
      if (row.state === workflowStateNumber.cancelled) return { status: "cancelled" };
      const isBegun = row.state === workflowStateNumber.pending && (await flow.execute(row.id, nowMs));
      return { status: "executed", workflow: await brief(row), isBegun };
    },

    async getWorkflow(id) {
      const key = keyOfId(id);
      return key === null ? null : read.whole(key);
    },

    async cancelWorkflow(id, error, compensate, nowMs) {
      const row = await find(id);
      if (row === undefined) return { status: "not_found" };
      const { state } = summaryOf(row, keys);
      if (state === "cancelled") return { status: "cancelled", workflow: await brief(row), leases: [] };
      if (state === "completed" || state === "failed") return { status: "finished", state };
      const failure = { stepId: null, error };
      const leases = await flow.end(row.id, { state: "cancelled", failure, compensate, stopRunning: true }, nowMs);
      return { status: "cancelled", workflow: await brief(row), leases };
    },

    async retryWorkflow(id, nowMs) {
      const row = await find(id);
      if (row === undefined) return { status: "not_found" };
      const isRetried = await flow.retry(row.id, nowMs);
      return isRetried
        ? { status: "retried", workflow: await brief(row) }
        : { status: "not_retryable", workflow: summaryOf(row, keys) };
    },
  };
}
