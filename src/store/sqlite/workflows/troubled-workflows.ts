import { idOfKey } from "../../../domain/ids.ts";
import type { TroubledWorkflow, WorkflowTrouble } from "../../overview-store.ts";
import type { Store } from "../../store.ts";
import type { Engine } from "../engine/engine.ts";
import type { SyncVerb } from "../engine/verb.ts";
import { stateNumber } from "../rows/task-states.ts";
import { compensationNumber, workflowStateNumber } from "../rows/workflow-rows.ts";

/** At how many workflows one call looks: those that stopped, the newest first, and those that are unfinished, the oldest first. */
const mostStopped = 1_000;
const mostUnfinished = 200;

interface Row {
  readonly id: number;
  readonly name: string;
  readonly size: number;
  readonly compensation: number;
  readonly start_ms: number | null;
  readonly finish_ms: number | null;
}

/** How the steps of a workflow stand. */
interface StepsRow {
  readonly last_end_ms: number | null;
  readonly running: number | null;
  /** Those that wait for a time of their own, not for another attempt. */
  readonly delayed: number | null;
}

/** Creates the verb `troubledWorkflows` on an open database. */
export function createTroubledWorkflows({ db, keys, queues, leases }: Engine): SyncVerb<Store["troubledWorkflows"]> {
  const columns = "id, name, size, compensation, start_ms, finish_ms";
  const selectStopped = db.prepare<[number], Row & { readonly state: number }>(
    `SELECT ${columns}, state FROM workflow INDEXED BY workflow_stopped WHERE state >= ${workflowStateNumber.failed} ORDER BY id DESC LIMIT ? + 0`,
  );
  const selectUnfinished = db.prepare<[number, number], Row>(
    `SELECT ${columns} FROM workflow INDEXED BY workflow_unfinished WHERE finish_ms IS NULL AND id < ? ORDER BY id LIMIT ? + 0`,
  );
  // The tasks of steps have the keys behind the workflow's own.
  const ofSteps = "task WHERE id > ? AND id <= ? AND workflow_id = ?";
  const selectSteps = db.prepare<[number, number, number], StepsRow>(
    `SELECT max(finish_ms) AS last_end_ms, sum(state = ${stateNumber.running}) AS running,
       sum(state = ${stateNumber.scheduled} AND attempt = 0) AS delayed FROM ${ofSteps}`,
  );
  const selectUndoing = db
    .prepare<[number], number>(
      `SELECT count(*) FROM task INDEXED BY task_compensation
       WHERE workflow_id = ? AND undoes IS NOT NULL AND state = ${stateNumber.running}`,
    )
    .pluck();
  const selectQueues = db.prepare<[number, number, number], number>(`SELECT DISTINCT queue_id FROM ${ofSteps}`).pluck();

  function troubled({ id, name, size }: Row, trouble: WorkflowTrouble, sinceMs: number): TroubledWorkflow {
    const queueIds = selectQueues.all(id, id + size, id);
    return { id: idOfKey(id), name, trouble, sinceMs, queues: queueIds.map((queue) => queues.byId(queue).name) };
  }

  /** Since when nothing happens to a workflow; `null`: something does, or will at its time. */
  function idleSince({ id, size, start_ms }: Row): number | null {
    const steps = selectSteps.get(id, id + size, id);
    if (steps === undefined || (steps.running ?? 0) > 0 || (steps.delayed ?? 0) > 0) return null;
    if ((selectUndoing.get(id) ?? 0) > 0) return null;
    return Math.max(keys.timeOf(id), start_ms ?? 0, steps.last_end_ms ?? 0);
  }

  return ({ failedSinceMs, stuckSinceMs, limit }) => {
    const found: Record<WorkflowTrouble, TroubledWorkflow[]> = { failed: [], compensation_failed: [], stuck: [] };
    const add = (row: Row, trouble: WorkflowTrouble, sinceMs: number) => {
      if (found[trouble].length < limit) found[trouble].push(troubled(row, trouble, sinceMs));
    };
    for (const row of selectStopped.iterate(mostStopped)) {
      const sinceMs = row.finish_ms ?? row.start_ms ?? keys.timeOf(row.id);
      if (row.compensation === compensationNumber.failed) add(row, "compensation_failed", sinceMs);
      else if (row.state === workflowStateNumber.failed && row.finish_ms !== null && sinceMs >= failedSinceMs)
        add(row, "failed", sinceMs);
    }
    const handedOut = new Set(leases.all().map(({ workflow_id }) => workflow_id));
    for (const row of selectUnfinished.iterate(keys.at(stuckSinceMs), mostUnfinished)) {
      const sinceMs = handedOut.has(row.id) ? null : idleSince(row);
      if (sinceMs !== null && sinceMs <= stuckSinceMs) add(row, "stuck", sinceMs);
    }
    return Object.values(found).flat();
  };
}
