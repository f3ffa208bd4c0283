import { idOfKey } from "../../../domain/ids.ts";
import type { OverviewStore, TroubledWorkflow, WorkflowTrouble } from "../../overview-store.ts";
import {
  type StoppedRow,
  stoppedTrouble,
  summaryOf,
  type WorkflowRow,
  workflowColumns,
  workflowStateNumber,
} from "../../rows/workflow-rows.ts";
import type { Engine } from "../engine/engine.ts";
import { partitionIs } from "../rows/partitions.ts";
import { createWaitingSince } from "./waiting-since.ts";

/** At how many workflows one call looks: those that stopped, the newest first, and those that are unfinished, the oldest first. */
const mostStopped = 1_000;
const mostUnfinished = 200;
/** At how many steps of unfinished workflows it looks, but for those of the last workflow. */
const mostSteps = 5_000;

type Named = Pick<WorkflowRow, "id" | "name" | "size">;

/** A workflow, and what is wrong with it. */
interface Trouble {
  readonly row: Named;
  readonly trouble: WorkflowTrouble;
  readonly sinceMs: number;
}

/** Creates the verb `troubledWorkflows`. */
export function createTroubledWorkflows({
  db,
  keys,
  queues,
}: Pick<Engine, "db" | "keys" | "queues">): Pick<OverviewStore, "troubledWorkflows"> {
  const waitingSince = createWaitingSince({ db, keys });

  async function stopped(failedSinceMs: number): Promise<Trouble[]> {
    const rows = await db.all<Named & StoppedRow>(
      `SELECT id, name, size, state, compensation, start_ms, finish_ms FROM workflow
       WHERE state >= ${workflowStateNumber.failed} ORDER BY id DESC LIMIT ${mostStopped}`,
    );
    return rows.flatMap((row) => {
      const trouble = stoppedTrouble(row, failedSinceMs, keys);
      return trouble === null ? [] : [{ row, ...trouble }];
    });
  }

  async function stuck(sinceMs: number): Promise<Trouble[]> {
    const rows = await db.all<WorkflowRow>(
      `SELECT ${workflowColumns} FROM workflow WHERE finish_ms IS NULL AND id < $1 ORDER BY id LIMIT ${mostUnfinished}`,
      [keys.at(sinceMs + 1)],
    );
    let steps = 0;
    const read = rows.filter(({ size }) => {
      const isRead = steps <= mostSteps;
      steps += size;
      return isRead;
    });
    const since = await waitingSince(read.map((row) => [row, summaryOf(row, keys)]));
    return read.flatMap((row) => {
      const waitsMs = since.get(row.id) ?? null;
      return waitsMs === null || waitsMs > sinceMs ? [] : [{ row, trouble: "stuck", sinceMs: waitsMs }];
    });
  }

  /** The names of the queues of all steps, by the workflows' keys: the tasks of steps have the keys behind the workflow's own. */
  async function queuesOf(workflows: readonly Named[]): Promise<ReadonlyMap<number, string[]>> {
    const rows = await db.all<{ readonly id: number; readonly queue_id: number }>(
      `SELECT DISTINCT own.id, task.queue_id FROM unnest($1::bigint[], $2::int[]) AS own (id, size)
       JOIN task ON task.id > own.id AND task.id <= own.id + own.size AND task.workflow_id = own.id AND ${partitionIs.ofWorkflows}`,
      [workflows.map(({ id }) => id), workflows.map(({ size }) => size)],
    );
    const entries = await queues.byId(rows.map((row) => row.queue_id));
    const names = rows.map((row) => ({ id: row.id, name: entries.get(row.queue_id)?.name ?? "" }));
    const byWorkflow = Map.groupBy(names, ({ id }) => id);
    return new Map([...byWorkflow].map(([id, some]) => [id, some.map(({ name }) => name).sort()]));
  }

  return {
    async troubledWorkflows({ failedSinceMs, stuckSinceMs, limit }) {
      const all = [...(await stopped(failedSinceMs)), ...(await stuck(stuckSinceMs))];
      const found = (["failed", "compensation_failed", "stuck"] as const).flatMap((wanted) =>
        all.filter(({ trouble }) => trouble === wanted).slice(0, limit),
      );
      const names = await queuesOf(found.map(({ row }) => row));
      return found.map(({ row, trouble, sinceMs }): TroubledWorkflow => {
        return { id: idOfKey(row.id), name: row.name, trouble, sinceMs, queues: names.get(row.id) ?? [] };
      });
    },
  };
}
