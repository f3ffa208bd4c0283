import { keyOfId } from "../../../domain/ids.ts";
import type { ClaimPlan } from "../../claim-plan.ts";
import { stateNumber } from "../../rows/task-states.ts";
import type { Engine } from "../engine/engine.ts";
import type { QueueEntry } from "../engine/queue-table.ts";
import {
  inOrder,
  type Look,
  type LookRow,
  line,
  lockTasks,
  lookOf,
  type NextLeases,
  type ReadyRow,
} from "../rows/line.ts";

/** The rows that a claim has found, locked, best first. */
export interface NextRows {
  readonly rows: readonly ReadyRow[];
  /** There may be more than were looked at. */
  readonly cut: boolean;
  /** The lanes of the queue that hold ready tasks; of a claim of one lane, none. */
  readonly lanes: readonly string[];
}

/** Tasks of one type that were passed over. */
export interface PassedOver {
  readonly type: string;
  /** Up to `mostCounted`. */
  readonly count: number;
}

/** Who is next in a queue. */
export interface ReadyRows {
  /**
   * Locks the next rows that a claim may take, at most `n`. What other servers have locked is passed over: it is theirs. Payloads behind
   * the one by which they have more than `mostBytes` are not read.
   *
   * @param leases of the line: under these the attempts may begin at once, as `is_begun` says
   */
  next(queue: QueueEntry, plan: ClaimPlan, n: number, mostBytes: number, leases: NextLeases): Promise<NextRows>;
  /** The lanes that hold ready tasks of a queue. */
  lanesOf(queueId: number): Promise<string[]>;
  /** The place in line of the task that is next, of all, in each of these queues that has one. */
  firstKeys(queueIds: readonly number[]): Promise<ReadonlyMap<number, number>>;
  /** The tasks of types that were passed over, of each of these queues that has any. */
  passedOver(queueIds: readonly number[]): Promise<ReadonlyMap<number, PassedOver[]>>;
}

/** A row's place in line. */
interface Place {
  readonly id: number;
  readonly priority: number;
  readonly ready_key: number;
  readonly type: string;
  readonly lane: string | null;
}

/** How many rows of the line one look of a claim goes through for types. */
const scanRows = 1_000;
const mostLooks = 3;
/** So many that were passed over stay in line: putting them aside costs more than passing over them again. */
const mostPassedOver = 32;
/** How many lanes a claim of every type looks into, and a view tells of. */
const lanesALook = 64;
const mostCounted = 10_000;

/** The lane of a type that was passed over. */
export const typeLane = (type: string) => `type:${type}`;

const selectPlaces = `(SELECT id, priority, ready_key, type, lane ${line} ${inOrder} LIMIT $2)
  UNION ALL
  SELECT place.* FROM unnest($3::text[]) AS aside (lane), LATERAL (
    SELECT id, priority, ready_key, type, lane FROM task
    WHERE queue_id = $1 AND task.lane = aside.lane AND state = ${stateNumber.pending} AND task.lane IS NOT NULL ${inOrder} LIMIT $4
  ) AS place`;
const putAside = `WITH held AS MATERIALIZED (
    SELECT id FROM task WHERE id = ANY($1) AND state = ${stateNumber.pending} ORDER BY id FOR UPDATE SKIP LOCKED
  ) UPDATE task SET lane = 'type:' || type, lane_until_ms = NULL FROM held WHERE task.id = held.id`;
// From lane to lane by the index, however many tasks they hold.
const nextLane = (queueId: string, after: string) =>
  `SELECT lane FROM task WHERE queue_id = ${queueId} AND state = ${stateNumber.pending} AND lane IS NOT NULL ${after}
   ORDER BY lane LIMIT 1`;
const lanesSql = (queueId: string) =>
  `WITH RECURSIVE each AS (
     (${nextLane(queueId, "")})
     UNION ALL
     SELECT (${nextLane(queueId, "AND task.lane > each.lane")}) FROM each WHERE each.lane IS NOT NULL
   ) SELECT lane FROM each WHERE lane IS NOT NULL`;

/**
 * Creates the access to ready tasks.
 *
 * A claim of certain types looks through the line, and what it passes over is moved into a lane by type, once: after that
 * no typed claim meets it again. The alternative, an index with the type in it, every task would pay for, and a worker that takes
 * every type could not use it. A lane's rows keep their place: they are merged with the line by priority and age.
 *
 * Looks lock nothing; only what is handed out is locked. So no claim of another server finds less than there is.
 */
export function createReadyRows({ db, changes, serverId }: Engine): ReadyRows {
  function places(queue: QueueEntry, n: number, aside: readonly string[], ofEach = n): Promise<Place[]> {
    return db.all(selectPlaces, [queue.id, n, aside, ofEach]);
  }

  /** Locks up to `n` of these places, of which the first are the best. Fewer than there are places for: others were faster. */
  async function lock(queue: QueueEntry, some: readonly Place[], n: number, bytes: number): Promise<ReadyRow[]> {
    if (some.length === 0) return [];
    const ids = some.slice(0, 2 * n).map(({ id }) => id);
    return db.all<ReadyRow>(lockTasks, [queue.id, n, bytes, ids]);
  }

  async function passOver(passed: readonly Place[]): Promise<void> {
    await db.run(putAside, [passed.map(({ id }) => id)]);
  }

  async function lanesOf(queueId: number): Promise<string[]> {
    const rows = await db.all<{ lane: string }>(lanesSql("$1"), [queueId]);
    return rows.map(({ lane }) => lane);
  }

  /** Looks at the line. */
  async function lookAt(queue: QueueEntry, n: number, mostBytes: number, leases: NextLeases, of?: Look["of"]) {
    const found = await db.all<LookRow>(
      ...lookOf({ queueId: queue.id, n, mostBytes, leases, serverId, ...(of && { of }) }),
    );
    const { seen = 0, has_lanes: hasLanes = false } = found[0] ?? {};
    const rows = found.filter((row): row is LookRow & ReadyRow => row.id !== null);
    return { rows, seen, lanes: hasLanes ? await lanesOf(queue.id) : [] };
  }

  async function nextOfTypes(
    queue: QueueEntry,
    types: readonly string[],
    n: number,
    bytes: number,
    leases: NextLeases,
  ): Promise<NextRows> {
    const first = await lookAt(queue, n, bytes, leases, { types, within: n + mostPassedOver });
    const { rows: found, seen: passedBy, lanes: lanesThen } = first;
    // Nearly always: enough, or all there is.
    if (found.length === n || (found.length === passedBy && (passedBy > 0 || lanesThen.length === 0)))
      return { rows: found, cut: false, lanes: lanesThen };
    const wanted = new Set(types);
    // More than are wanted: another server may be taking the first ones.
    let limit = Math.min(2 * n + mostPassedOver, scanRows);
    for (let looks = 1; ; looks++) {
      const [seen, lanes] = await Promise.all([places(queue, limit, types.map(typeLane)), lanesOf(queue.id)]);
      const inLine = seen.filter(({ lane }) => lane === null);
      const last = inLine.length < limit ? null : (inLine.at(-1) ?? null);
      const inTypes = inLine.filter(({ type }) => wanted.has(type));
      // What is not looked at yet comes before what stands behind the end of the look.
      const aside = seen.filter((place) => place.lane !== null && (last === null || byPlace(place, last) < 0));
      const candidates = [...inTypes, ...aside].sort(byPlace);
      if (candidates.length < n && last !== null && limit < scanRows) {
        limit = scanRows;
        continue;
      }
      const behind = inTypes[n - 1];
      const passed = inLine.filter((place) => !wanted.has(place.type) && (!behind || byPlace(place, behind) < 0));
      if (passed.length > (behind === undefined ? 0 : mostPassedOver)) await passOver(passed);
      if (candidates.length === 0 && last !== null && looks < mostLooks) continue;
      const rows = await lock(queue, candidates, n, bytes);
      const isCut = (last !== null && rows.length < n) || rows.length < Math.min(n, candidates.length);
      return { rows, cut: isCut, lanes };
    }
  }

  /** Those of a lane that is dispatched apart. What is of other types is put aside, as it is in line. */
  async function nextApart(
    queue: QueueEntry,
    apart: string,
    types: readonly string[] | undefined,
    n: number,
    bytes: number,
  ): Promise<NextRows> {
    const limit = types === undefined ? 2 * n : scanRows;
    const seen = await places(queue, 0, [apart], limit);
    const passed = types === undefined ? [] : seen.filter(({ type }) => !types.includes(type));
    if (passed.length > 0) {
      await passOver(passed);
      // Those who handle them have looked where they stand now, and found nothing.
      changes.noteReady(queue.name, passed.length);
    }
    const found = types === undefined ? seen : seen.filter(({ type }) => types.includes(type));
    const rows = await lock(queue, found, n, bytes);
    const isTaken = rows.length < Math.min(n, found.length);
    return { rows, cut: isTaken || (types !== undefined && seen.length === limit && found.length < n), lanes: [] };
  }

  async function nextOfAll(queue: QueueEntry, n: number, bytes: number, leases: NextLeases): Promise<NextRows> {
    const { rows: first, lanes } = await lookAt(queue, n, bytes, leases);
    const aside = lanes.filter((name) => name.startsWith(typeLane("")));
    if (aside.length === 0) return { rows: first, cut: false, lanes };
    const seen = (await places(queue, 2 * n, aside.slice(0, lanesALook), n)).sort(byPlace);
    const rows = await lock(queue, seen, n, bytes);
    return { rows, cut: aside.length > lanesALook || rows.length < Math.min(n, seen.length), lanes };
  }

  /** Those of these tasks that are ready in the queue, in the order in which they were named. */
  async function chosen(queue: QueueEntry, ids: readonly string[], n: number, bytes: number): Promise<NextRows> {
    const keys = [...new Set(ids.flatMap((id) => keyOfId(id) ?? []))];
    const [rows, lanes] = await Promise.all([
      db.all<ReadyRow>(lockTasks, [queue.id, keys.length, bytes, keys]),
      lanesOf(queue.id),
    ]);
    const placeOf = new Map(keys.map((key, index) => [key, index]));
    const sorted = rows.toSorted((a, b) => (placeOf.get(a.id) ?? 0) - (placeOf.get(b.id) ?? 0));
    return { rows: sorted.slice(0, n), cut: false, lanes };
  }

  return {
    next(queue, { types, ids, lane: apart }, n, bytes, leases) {
      if (ids !== undefined) return chosen(queue, ids, n, bytes);
      if (apart !== undefined) return nextApart(queue, apart, types, n, bytes);
      return types === undefined ? nextOfAll(queue, n, bytes, leases) : nextOfTypes(queue, types, n, bytes, leases);
    },

    lanesOf,

    async firstKeys(queueIds) {
      const first = (lane: string) =>
        `(SELECT priority, ready_key, id FROM task WHERE queue_id = queue.id AND state = ${stateNumber.pending} AND ${lane} ${inOrder} LIMIT 1)`;
      const rows = await db.all<{ id: number; ready_key: number }>(
        `SELECT queue.id, first.ready_key FROM unnest($1::int[]) AS queue (id), LATERAL (
           SELECT ready_key FROM (
             ${first("task.lane IS NULL")}
             UNION ALL
             SELECT place.* FROM (${lanesSql("queue.id")} LIMIT ${lanesALook}) AS aside,
               LATERAL ${first("task.lane = aside.lane AND task.lane IS NOT NULL")} AS place
           ) AS any_of ${inOrder} LIMIT 1
         ) AS first`,
        [queueIds],
      );
      return new Map(rows.map(({ id, ready_key }) => [id, ready_key]));
    },

    async passedOver(queueIds) {
      const rows = await db.all<{ queue_id: number; lane: string; count: number }>(
        `SELECT queue.id AS queue_id, each.lane, counted.count
         FROM unnest($1::int[]) AS queue (id), LATERAL (${lanesSql("queue.id")}) AS each, LATERAL (
           SELECT count(*) AS count FROM (
             SELECT FROM task WHERE queue_id = queue.id AND task.lane = each.lane AND state = ${stateNumber.pending}
               AND task.lane IS NOT NULL LIMIT ${mostCounted}
           ) AS ready
         ) AS counted WHERE starts_with(each.lane, '${typeLane("")}')`,
        [queueIds],
      );
      const types = rows.map((row) => ({ ...row, type: row.lane.slice(typeLane("").length) }));
      const byQueue = Map.groupBy(types, (row) => row.queue_id);
      return new Map(
        [...byQueue].map(([id, some]) => [id, some.slice(0, lanesALook).map(({ type, count }) => ({ type, count }))]),
      );
    },
  };
}

/** Whether one place comes before another one, as numbers are compared. */
function byPlace(a: Place, b: Place): number {
  return b.priority - a.priority || a.ready_key - b.ready_key || a.id - b.id;
}
