import { stateNumber } from "../../rows/task-states.ts";
import type { Statements } from "../database/statements.ts";

/** How many steps one look at a queue takes at most: one for each priority and each lane that it meets. */
const mostSteps = 256;

const ready = `FROM task_live AS task WHERE task.queue_id = queue.id AND state = ${stateNumber.pending}`;
const inLine = (condition: string) =>
  `SELECT priority, ready_key ${ready} AND task.lane IS NULL ${condition} ORDER BY priority DESC, ready_key LIMIT 1`;
const inLane = (condition: string) =>
  `SELECT lane, priority, ready_key ${ready} AND task.lane IS NOT NULL ${condition} ORDER BY lane, priority DESC, ready_key LIMIT 1`;

/** From priority to priority, and from lane to lane, by the indexes: of each the first is the oldest. */
const selectOldest = `SELECT queue.id, oldest.ready_key FROM unnest($1::int[]) AS queue (id), LATERAL (
    SELECT min(ready_key) AS ready_key FROM (
      (WITH RECURSIVE each AS (
         (${inLine("")})
         UNION ALL
         SELECT next.* FROM each, LATERAL (${inLine("AND task.priority < each.priority")}) AS next
       ) SELECT ready_key FROM each LIMIT ${mostSteps})
      UNION ALL
      (WITH RECURSIVE each AS (
         (${inLane("")})
         UNION ALL
         SELECT next.* FROM each, LATERAL (
           (${inLane("AND task.lane = each.lane AND task.priority < each.priority")})
           UNION ALL
           (${inLane("AND task.lane > each.lane")})
           LIMIT 1
         ) AS next
       ) SELECT ready_key FROM each LIMIT ${mostSteps})
    ) AS first
  ) AS oldest WHERE oldest.ready_key IS NOT NULL`;

/** The places in time of the ready tasks that wait longest, whatever their priority, by the numbers of their queues. */
export async function oldestReadyKeys(
  db: Statements,
  queueIds: Iterable<number>,
): Promise<ReadonlyMap<number, number>> {
  const rows = await db.all<{ id: number; ready_key: number }>(selectOldest, [[...queueIds]]);
  return new Map(rows.map(({ id, ready_key: key }) => [id, key]));
}
