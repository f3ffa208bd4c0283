import { idOfKey } from "../../../domain/ids.ts";
import type { TroubledWorkflow, WorkflowTrouble } from "../../overview-store.ts";
import {
  type StoppedRow,
  stoppedTrouble,
  summaryOf,
  type WorkflowRow,
  workflowColumns,
  workflowStateNumber,
} from "../../rows/workflow-rows.ts";
import type { Store } from "../../store.ts";
import type { Engine } from "../engine/engine.ts";
import type { SyncVerb } from "../engine/verb.ts";
import { createWaitingSince } from "./waiting-since.ts";

/** At how many workflows one call looks: those that stopped, the newest first, and those that are unfinished, the oldest first. */
const mostStopped = 1_000;
const mostUnfinished = 200;
/** At how many steps of unfinished workflows it looks, but for those of the last workflow. */
const mostSteps = 5_000;

type Named = Pick<WorkflowRow, "id" | "name" | "size">;

/** Creates the verb `troubledWorkflows` on an open database. */
export function createTroubledWorkflows({ db, keys, queues, leases }: Engine): SyncVerb<Store["troubledWorkflows"]> {
  const selectStopped = db.prepare<[number], Named & StoppedRow>(
    `SELECT id, name, size, state, compensation, start_ms, finish_ms FROM workflow INDEXED BY workflow_stopped WHERE state >= ${workflowStateNumber.failed} ORDER BY id DESC LIMIT ? + 0`,
  );
  const selectUnfinished = db.prepare<[number, number], WorkflowRow>(
    `SELECT ${workflowColumns} FROM workflow INDEXED BY workflow_unfinished WHERE finish_ms IS NULL AND id < ? ORDER BY id LIMIT ? + 0`,
  );
  const waitingSince = createWaitingSince({ db, keys });
  // The tasks of steps have the keys behind the workflow's own.
  const selectQueues = db
    .prepare<[number, number, number], number>(
      "SELECT DISTINCT queue_id FROM task WHERE id > ? AND id <= ? AND workflow_id = ?",
    )
    .pluck();

  function troubled({ id, name, size }: Named, trouble: WorkflowTrouble, sinceMs: number): TroubledWorkflow {
    const queueIds = selectQueues.all(id, id + size, id);
    return { id: idOfKey(id), name, trouble, sinceMs, queues: queueIds.map((queue) => queues.byId(queue).name) };
  }

  return ({ failedSinceMs, stuckSinceMs, limit }) => {
    const found: Record<WorkflowTrouble, TroubledWorkflow[]> = { failed: [], compensation_failed: [], stuck: [] };
    const add = (row: Named, trouble: WorkflowTrouble, sinceMs: number) => {
      if (found[trouble].length < limit) found[trouble].push(troubled(row, trouble, sinceMs));
    };
    for (const row of selectStopped.iterate(mostStopped)) {
      const stopped = stoppedTrouble(row, failedSinceMs, keys);
      if (stopped !== null) add(row, stopped.trouble, stopped.sinceMs);
    }
    const handedOut = new Set(leases.all().map(({ workflow_id }) => workflow_id));
    let steps = 0;
    for (const row of selectUnfinished.iterate(keys.at(stuckSinceMs + 1), mostUnfinished)) {
      if (steps > mostSteps) break;
      if (handedOut.has(row.id)) continue;
      const { sinceMs, read } = waitingSince(row, summaryOf(row, keys));
      steps += read;
      if (sinceMs !== null && sinceMs <= stuckSinceMs) add(row, "stuck", sinceMs);
    }
    return Object.values(found).flat();
  };
}
