import { idOfKey, keyOfId } from "../../../domain/ids.ts";
import type { WorkflowFilter, WorkflowSummary } from "../../../domain/workflows/workflow.ts";
import type { Store } from "../../store.ts";
import type { Engine } from "../engine/engine.ts";
import type { SyncVerb } from "../engine/verb.ts";
import { summaryOf, type WorkflowRow, workflowColumns, workflowStateNumber } from "../rows/workflow-rows.ts";

/** How many rows one page passes over at most. */
const scanRows = 5_000;

/** How the rows are reached: an index that ends in the id, and what it is asked for. */
const accessPaths = {
  all: "workflow NOT INDEXED WHERE TRUE",
  correlation: "workflow INDEXED BY workflow_correlation WHERE correlation_id = @correlationId",
  unfinished: "workflow INDEXED BY workflow_unfinished WHERE finish_ms IS NULL",
  stopped: `workflow INDEXED BY workflow_stopped WHERE state >= ${workflowStateNumber.failed}`,
} as const;

/** Creates the verb `listWorkflows` on an open database. */
export function createListWorkflows({ db, keys }: Engine): SyncVerb<Store["listWorkflows"]> {
  const statements = Object.fromEntries(
    Object.entries(accessPaths).map(([name, path]) => [
      name,
      db.prepare<object, WorkflowRow>(
        `SELECT ${workflowColumns} FROM ${path} AND id < @before AND id >= @after ORDER BY id DESC`,
      ),
    ]),
  );

  return ({ filter, cursor, limit }) => {
    const statement = statements[accessPathFor(filter)];
    if (statement === undefined) throw new Error("no such access path");
    const range = {
      ...(filter.correlationId !== null && { correlationId: filter.correlationId }),
      before: Math.min(
        cursor === null ? Number.MAX_SAFE_INTEGER : (keyOfId(cursor) ?? 0),
        filter.createdBeforeMs === null ? Number.MAX_SAFE_INTEGER : keys.at(filter.createdBeforeMs),
      ),
      after: filter.createdAfterMs === null ? 0 : keys.firstAt(filter.createdAfterMs),
    };
    const states = new Set(filter.states.map((state) => workflowStateNumber[state]));
    const workflows: WorkflowSummary[] = [];
    let scanned = 0;
    let last = 0;
    for (const row of statement.iterate(range)) {
      if (workflows.length === limit || scanned === scanRows) return { workflows, nextCursor: idOfKey(last) };
      scanned++;
      last = row.id;
      const summary = summaryOf(row, keys);
      const isMeant =
        // The range of keys holds other times too where the clock was set back.
        summary.createMs >= (filter.createdAfterMs ?? summary.createMs) &&
        (filter.createdBeforeMs === null || summary.createMs < filter.createdBeforeMs) &&
        (filter.name === null || filter.name === row.name) &&
        (filter.correlationId === null || filter.correlationId === row.correlation_id) &&
        (states.size === 0 || [...states].some((state) => state === row.state));
      if (isMeant) workflows.push(summary);
    }
    return { workflows, nextCursor: null };
  };
}

function accessPathFor({ correlationId, states }: WorkflowFilter): keyof typeof accessPaths {
  if (correlationId !== null) return "correlation";
  if (states.length === 0) return "all";
  if (states.every((state) => state === "pending" || state === "running")) return "unfinished";
  return states.every((state) => state === "failed" || state === "cancelled") ? "stopped" : "all";
}
