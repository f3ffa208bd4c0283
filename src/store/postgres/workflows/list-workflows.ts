import { idOfKey, keyOfId } from "../../../domain/ids.ts";
import type { WorkflowFilter, WorkflowSummary } from "../../../domain/workflows/workflow.ts";
import { summaryOf, type WorkflowRow, workflowColumns, workflowStateNumber } from "../../rows/workflow-rows.ts";
import type { WorkflowListQuery, WorkflowStore } from "../../workflow-store.ts";
import type { Engine } from "../engine/engine.ts";
import { createWaitingSince } from "./waiting-since.ts";

/** How many rows one page passes over at most. */
const scanRows = 5_000;
/** Of how many workflows at a time the steps are read. */
const batchWorkflows = 100;
/** How many rows of steps one page reads at most, but for those of its last workflows. */
const scanSteps = 5_000;

/** How the rows are reached: what an index that ends in the id is asked for. */
const accessPaths = {
  all: "TRUE",
  unfinished: "finish_ms IS NULL",
  stopped: `state >= ${workflowStateNumber.failed}`,
} as const;

/** Creates the verbs that list workflows. */
export function createListWorkflows({ db, keys }: Engine): Pick<WorkflowStore, "listWorkflows" | "listStuckWorkflows"> {
  const waitingSince = createWaitingSince({ db, keys });

  /** The rows that a page may pass over, and one more if there are any. */
  function rowsOf({ filter, cursor }: WorkflowListQuery, path: keyof typeof accessPaths): Promise<WorkflowRow[]> {
    const before = Math.min(
      cursor === null ? Number.MAX_SAFE_INTEGER : (keyOfId(cursor) ?? 0),
      filter.createdBeforeMs === null ? Number.MAX_SAFE_INTEGER : keys.at(filter.createdBeforeMs),
    );
    const after = filter.createdAfterMs === null ? 0 : keys.firstAt(filter.createdAfterMs);
    const values = [before, after, scanRows + 1];
    const correlated = filter.correlationId === null ? "" : "AND correlation_id = $4";
    return db.all<WorkflowRow>(
      `SELECT ${workflowColumns} FROM workflow WHERE ${accessPaths[path]} ${correlated} AND id < $1 AND id >= $2
       ORDER BY id DESC LIMIT $3`,
      filter.correlationId === null ? values : [...values, filter.correlationId],
    );
  }

  function meant(filter: WorkflowFilter, row: WorkflowRow): WorkflowSummary | null {
    const summary = summaryOf(row, keys);
    const isMeant =
      // The range of keys holds other times too where the clock was set back.
      summary.createMs >= (filter.createdAfterMs ?? summary.createMs) &&
      (filter.createdBeforeMs === null || summary.createMs < filter.createdBeforeMs) &&
      (filter.name === null || filter.name === row.name) &&
      (filter.states.length === 0 || filter.states.includes(summary.state));
    return isMeant ? summary : null;
  }

  return {
    async listWorkflows(query) {
      const rows = await rowsOf(query, accessPathFor(query.filter));
      const workflows: WorkflowSummary[] = [];
      for (const [index, row] of rows.entries()) {
        const last = rows[index - 1];
        const isFull = workflows.length === query.limit || index === scanRows;
        if (isFull && last !== undefined) return { workflows, nextCursor: idOfKey(last.id) };
        const summary = meant(query.filter, row);
        if (summary !== null) workflows.push(summary);
      }
      return { workflows, nextCursor: null };
    },

    /** What is younger than it would have to be stuck is passed over by its key, and what is at rest is not in the index. */
    async listStuckWorkflows(query, sinceMs) {
      const { createdBeforeMs } = query.filter;
      const filter = { ...query.filter, createdBeforeMs: Math.min(createdBeforeMs ?? sinceMs + 1, sinceMs + 1) };
      const rows = await rowsOf({ ...query, filter }, "unfinished");
      const workflows: (WorkflowSummary & { waitingSinceMs: number })[] = [];
      let steps = 0;
      for (let start = 0; start < rows.length; start += batchWorkflows) {
        const batch = rows.slice(start, start + batchWorkflows);
        const candidates = batch.flatMap((row) => {
          const summary = meant(filter, row);
          return summary === null ? [] : [[row, summary] as const];
        });
        const since = await waitingSince(candidates);
        const summaries = new Map(candidates.map(([row, summary]) => [row.id, summary]));
        for (const [index, row] of batch.entries()) {
          const last = rows[start + index - 1];
          const isFull = workflows.length === query.limit || start + index === scanRows || steps > scanSteps;
          if (isFull && last !== undefined) return { workflows, nextCursor: idOfKey(last.id) };
          const summary = summaries.get(row.id);
          if (summary === undefined) continue;
          steps += row.size;
          const waits = since.get(row.id) ?? null;
          if (waits !== null && waits <= sinceMs) workflows.push({ ...summary, waitingSinceMs: waits });
        }
      }
      return { workflows, nextCursor: null };
    },
  };
}

function accessPathFor({ correlationId, states }: WorkflowFilter): keyof typeof accessPaths {
  if (correlationId !== null || states.length === 0) return "all";
  if (states.every((state) => state === "pending" || state === "running")) return "unfinished";
  return states.every((state) => state === "failed" || state === "cancelled") ? "stopped" : "all";
}
