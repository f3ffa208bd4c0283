import { idOfKey, keyOfId } from "../../../domain/ids.ts";
import type { WorkflowFilter, WorkflowSummary } from "../../../domain/workflows/workflow.ts";
import { summaryOf, type WorkflowRow, workflowColumns, workflowStateNumber } from "../../rows/workflow-rows.ts";
import type { Store } from "../../store.ts";
import type { WorkflowListQuery } from "../../workflow-store.ts";
import type { Engine } from "../engine/engine.ts";
import type { SyncVerb } from "../engine/verb.ts";
import { createWaitingSince } from "./waiting-since.ts";

/** How many rows one page passes over at most, those of steps included where it reads them. */
const scanRows = 5_000;

/** How the rows are reached: an index that ends in the id, and what it is asked for. */
const accessPaths = {
  all: "workflow NOT INDEXED WHERE TRUE",
  correlation: "workflow INDEXED BY workflow_correlation WHERE correlation_id = @correlationId",
  unfinished: "workflow INDEXED BY workflow_unfinished WHERE finish_ms IS NULL",
  stopped: `workflow INDEXED BY workflow_stopped WHERE state >= ${workflowStateNumber.failed}`,
} as const;

/** Creates the verbs that list workflows, on an open database. */
export function createListWorkflows({ db, keys }: Engine) {
  const waitingSince = createWaitingSince({ db, keys });
  const statements = Object.fromEntries(
    Object.entries(accessPaths).map(([name, path]) => [
      name,
      db.prepare<object, WorkflowRow>(
        `SELECT ${workflowColumns} FROM ${path} AND id < @before AND id >= @after ORDER BY id DESC`,
      ),
    ]),
  );

  /** @param take answers what is listed of a row, if anything, and how many other rows it has read for that */
  function page<Item>(
    { filter, cursor, limit }: WorkflowListQuery,
    path: keyof typeof accessPaths,
    take: (row: WorkflowRow, summary: WorkflowSummary) => { readonly item: Item | null; readonly read: number },
  ): { readonly workflows: Item[]; readonly nextCursor: string | null } {
    const statement = statements[path];
    if (statement === undefined) throw new Error("no such access path");
    const range = {
      ...(path === "correlation" && { correlationId: filter.correlationId }),
      before: Math.min(
        cursor === null ? Number.MAX_SAFE_INTEGER : (keyOfId(cursor) ?? 0),
        filter.createdBeforeMs === null ? Number.MAX_SAFE_INTEGER : keys.at(filter.createdBeforeMs),
      ),
      after: filter.createdAfterMs === null ? 0 : keys.firstAt(filter.createdAfterMs),
    };
    const states = new Set(filter.states.map((state) => workflowStateNumber[state]));
    const workflows: Item[] = [];
    let scanned = 0;
    let last = 0;
    for (const row of statement.iterate(range)) {
      if (workflows.length === limit || scanned >= scanRows) return { workflows, nextCursor: idOfKey(last) };
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
      if (!isMeant) continue;
      const { item, read } = take(row, summary);
      scanned += read;
      if (item !== null) workflows.push(item);
    }
    return { workflows, nextCursor: null };
  }

  const listWorkflows: SyncVerb<Store["listWorkflows"]> = (query) =>
    page(query, accessPathFor(query.filter), (_, summary) => ({ item: summary, read: 0 }));

  /**
   * What is younger than it would have to be stuck is passed over by its key, and what is at rest is not in the index: where all is well
   * there is next to nothing to look at. A column with the time of the last end would be a write for the end of each step.
   */
  const listStuckWorkflows: SyncVerb<Store["listStuckWorkflows"]> = (query, sinceMs) => {
    const { createdBeforeMs } = query.filter;
    const filter = { ...query.filter, createdBeforeMs: Math.min(createdBeforeMs ?? sinceMs + 1, sinceMs + 1) };
    return page({ ...query, filter }, "unfinished", (row, summary) => {
      const { sinceMs: waitsSinceMs, read } = waitingSince(row, summary);
      const isStuck = waitsSinceMs !== null && waitsSinceMs <= sinceMs;
      return { item: isStuck ? { ...summary, waitingSinceMs: waitsSinceMs } : null, read };
    });
  };

  return { listWorkflows, listStuckWorkflows };
}

function accessPathFor({ correlationId, states }: WorkflowFilter): keyof typeof accessPaths {
  if (correlationId !== null) return "correlation";
  if (states.length === 0) return "all";
  if (states.every((state) => state === "pending" || state === "running")) return "unfinished";
  return states.every((state) => state === "failed" || state === "cancelled") ? "stopped" : "all";
}
