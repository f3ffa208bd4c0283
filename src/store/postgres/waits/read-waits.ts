import { idOfKey, keyOfId } from "../../../domain/ids.ts";
import { mostNamedTasks } from "../../../domain/waits/explanation.ts";
import type { Blockers } from "../../../domain/waits/wait-facts.ts";
import { taskColumns } from "../../rows/task-rows.ts";
import { stateNumber, taskIs } from "../../rows/task-states.ts";
import { type LastAttempt, stepBlockers, type WaitRow, waitOf } from "../../rows/wait-rows.ts";
import { stepKey, stepNumber } from "../../rows/workflow-rows.ts";
import type { TaskStore } from "../../task-store.ts";
import type { Engine } from "../engine/engine.ts";
import { pausedBy } from "../queues/paused-by.ts";
import { partitionIs } from "../rows/partitions.ts";
import { placesInLine } from "./places-in-line.ts";

/** Creates the verb `readWaits`. */
export function createReadWaits({ db, queues, keys, plans }: Engine): Pick<TaskStore, "readWaits"> {
  async function lastAttempts(rows: readonly WaitRow[]): Promise<ReadonlyMap<number, LastAttempt>> {
    const scheduled = rows.filter(({ state }) => state === stateNumber.scheduled);
    if (scheduled.length === 0) return new Map();
    const attempts = await db.all<LastAttempt & { readonly task_id: number }>(
      `SELECT last.* FROM unnest($1::bigint[]) AS task (id), LATERAL (
         SELECT task_id, outcome, finish_ms FROM attempt WHERE task_id = task.id ORDER BY seq DESC LIMIT 1
       ) AS last`,
      [scheduled.map(({ id }) => id)],
    );
    return new Map(attempts.map((attempt) => [attempt.task_id, attempt]));
  }

  /** What holds back blocked steps, by their keys. */
  async function blockersOfSteps(blocked: readonly WaitRow[]): Promise<[number, Blockers | null][]> {
    const steps = blocked.flatMap((row) => (row.workflow_id === null ? [] : { row, workflowId: row.workflow_id }));
    if (steps.length === 0) return [];
    const known = await plans.of(steps.map(({ workflowId }) => workflowId));
    const dependencies = steps.flatMap(({ row, workflowId }) =>
      (known.get(workflowId)?.steps[stepNumber(row, workflowId)]?.dependsOn ?? []).map((number) =>
        stepKey(workflowId, number),
      ),
    );
    const completed = await db.all<{ id: number }>(
      `SELECT id FROM task WHERE id = ANY($1) AND state = ${stateNumber.completed} AND ${partitionIs.ofFinishedSteps}`,
      [dependencies],
    );
    const keysOfCompleted = new Set(completed.map(({ id }) => id));
    return steps.map(({ row, workflowId }) => [
      row.id,
      stepBlockers(row, workflowId, known.get(workflowId)?.steps ?? [], (key) => keysOfCompleted.has(key)),
    ]);
  }

  /** The deliveries with the key of each of these that come before it, by its key. */
  async function blockersOfDeliveries(blocked: readonly WaitRow[]): Promise<[number, Blockers | null][]> {
    const deliveries = blocked.filter((row) => row.ordering_key !== null);
    if (deliveries.length === 0) return [];
    const before = await db.all<{ readonly blocked: number; readonly id: number }>(selectBefore, [
      deliveries.map(({ id }) => id),
      deliveries.map((row) => row.subscription_id),
      deliveries.map((row) => row.ordering_key),
    ]);
    const byBlocked = Map.groupBy(before, (row) => row.blocked);
    return deliveries.map(({ id }) => {
      const found = byBlocked.get(id);
      return [id, found === undefined ? null : { kind: "deliveries", taskIds: found.map((row) => idOfKey(row.id)) }];
    });
  }

  return {
    async readWaits(ids) {
      const found = ids.map(keyOfId);
      const rows = await db.all<WaitRow>(
        `SELECT ${taskColumns}, ready_key, lane_until_ms FROM task WHERE id = ANY($1)`,
        [found.filter((key) => key !== null)],
      );
      const known = await queues.byId(rows.map((row) => row.queue_id));
      const counts = await queues.counts(known.keys());
      const authors = await pausedBy(db, known.values());
      const attempts = await lastAttempts(rows);
      const blocked = rows.filter(({ state }) => state === stateNumber.blocked);
      const blockers = new Map([...(await blockersOfSteps(blocked)), ...(await blockersOfDeliveries(blocked))]);
      const ahead = await placesInLine(
        db,
        rows.filter(({ state }) => state === stateNumber.pending),
      );
      const waits = new Map(
        rows.map((row) => {
          const queue = known.get(row.queue_id);
          if (queue === undefined) throw new Error(`task ${row.id} has no queue`);
          const facts = {
            queue,
            pausedBy: authors.get(queue.id) ?? null,
            running: counts.get(queue.id)?.running ?? 0,
            lastAttempt: attempts.get(row.id),
            blockedBy: blockers.get(row.id) ?? null,
            ahead: ahead.get(row.id) ?? null,
          };
          return [row.id, waitOf(row, facts, keys)];
        }),
      );
      return found.map((key) => waits.get(key ?? -1) ?? null);
    },
  };
}

const ofKey = `FROM task_live AS task WHERE subscription_id = wanted.subscription_id AND task.ordering_key = wanted.ordering_key
  AND task.ordering_key IS NOT NULL AND ${taskIs.unfinished}`;
const active = `state IN (${stateNumber.scheduled}, ${stateNumber.pending}, ${stateNumber.running})`;
/** The one of the key that is not blocked, and then those that are older, oldest first. */
const selectBefore = `SELECT wanted.id AS blocked, before.id
  FROM unnest($1::bigint[], $2::int[], $3::text[]) AS wanted (id, subscription_id, ordering_key), LATERAL (
    (SELECT 0 AS part, id ${ofKey} AND ${active} LIMIT 1)
    UNION ALL
    (SELECT 1, id ${ofKey} AND state = ${stateNumber.blocked} AND task.id < wanted.id ORDER BY id LIMIT ${mostNamedTasks - 1})
  ) AS before ORDER BY wanted.id, before.part, before.id`;
