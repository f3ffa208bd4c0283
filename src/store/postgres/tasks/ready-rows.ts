import { stickyWorkers } from "../../../domain/balancing/slot-filling.ts";
import { keyOfId } from "../../../domain/ids.ts";
import { type ClaimPlan, tasksToLookAt } from "../../claim-plan.ts";
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
  /** Set: which worker each one goes to, by id; tasks of workers elsewhere are in line between them. */
  readonly workers?: ReadonlyMap<number, string>;
  /** Tasks were left in line for workers elsewhere. Default false. */
  readonly isLeft?: boolean;
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
  readonly correlation_id: string | null;
  readonly lane: string | null;
}

/** What a claim takes of the places that it has looked at, the best first. */
interface Taken extends Pick<NextRows, "rows" | "workers" | "isLeft"> {
  /** Others were faster, so that it is less than there were places for. */
  readonly isTaken: boolean;
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

const selectPlaces = `(SELECT id, priority, ready_key, type, correlation_id, lane ${line} ${inOrder} LIMIT $2)
  UNION ALL
  SELECT place.* FROM unnest($3::text[]) AS aside (lane), LATERAL (
    SELECT id, priority, ready_key, type, correlation_id, lane FROM task_live AS task
    WHERE queue_id = $1 AND task.lane = aside.lane AND state = ${stateNumber.pending} AND task.lane IS NOT NULL ${inOrder} LIMIT $4
  ) AS place`;
const putAside = `WITH held AS MATERIALIZED (
    SELECT id FROM task_live AS task WHERE id = ANY($1) AND state = ${stateNumber.pending} ORDER BY id FOR UPDATE SKIP LOCKED
  ) UPDATE task_live AS task SET lane = 'type:' || type, lane_until_ms = NULL FROM held WHERE task.id = held.id`;
// From lane to lane by the index, however many tasks they hold.
const nextLane = (queueId: string, after: string) =>
  `SELECT lane FROM task_live AS task WHERE queue_id = ${queueId} AND state = ${stateNumber.pending} AND lane IS NOT NULL ${after}
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
export function createReadyRows({ db, along, changes, serverId, others }: Engine): ReadyRows {
  function places(queue: QueueEntry, n: number, aside: readonly string[], ofEach = n): Promise<Place[]> {
    return db.all(selectPlaces, [queue.id, n, aside, ofEach]);
  }

  /** Locks up to `n` of these places, of which the first are the best. */
  async function take(
    queue: QueueEntry,
    plan: ClaimPlan,
    some: readonly Place[],
    n: number,
    bytes: number,
  ): Promise<Taken> {
    const { workers, isLeft } = isShared(plan) ? shared(plan, some, n) : { workers: undefined, isLeft: false };
    const ids = workers === undefined ? some.slice(0, 2 * n).map(({ id }) => id) : [...workers.keys()];
    if (ids.length === 0) return { rows: [], isTaken: false, isLeft };
    const rows = await db.all<ReadyRow>(lockTasks, [queue.id, n, bytes, ids]);
    return { rows, isTaken: rows.length < Math.min(n, ids.length), isLeft, ...(workers && { workers }) };
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
      ...lookOf({ queue, n, mostBytes, leases, serverId, isLast: leases.isOnly && along.isLast(), ...(of && { of }) }),
    );
    const { seen = null, fit = null, has_lanes: hasLanes = null } = found[0] ?? {};
    const rows = found.filter((row): row is LookRow & ReadyRow => row.id !== null);
    return { rows, seen: seen ?? 0, fit: fit ?? 0, lanes: hasLanes ? await lanesOf(queue.id) : [] };
  }

  async function nextOfTypes(
    queue: QueueEntry,
    plan: ClaimPlan,
    types: readonly string[],
    n: number,
    bytes: number,
    leases: NextLeases,
  ): Promise<NextRows> {
    if (isShared(plan)) return nextBehind(queue, plan, types, n, bytes);
    // What others are taking stands at the head of the line.
    const within = Math.min(n * (1 + (others.count ?? 0)) + mostPassedOver, scanRows);
    const { rows, seen, fit, lanes } = await lookAt(queue, n, bytes, leases, { types, within });
    // There are more behind those that were looked at, or others were taken meanwhile.
    const found = { rows, cut: rows.length < n && (seen === within || rows.length < fit), lanes };
    // Nearly always: enough, or all there is.
    if (rows.length === n || (rows.length === seen && (seen > 0 || lanes.length === 0))) return found;
    // What has begun is handed out: others were taken meanwhile, or the payloads are too large.
    return rows[0]?.is_begun === true ? found : nextBehind(queue, plan, types, n, bytes);
  }

  /** Looks further for those of certain types, and puts aside what it passes over. */
  async function nextBehind(
    queue: QueueEntry,
    plan: ClaimPlan,
    types: readonly string[],
    n: number,
    bytes: number,
  ): Promise<NextRows> {
    const wanted = new Set(types);
    const most = tasksToLookAt(n, plan);
    // More than are wanted: another server may be taking the first ones.
    let limit = Math.min(2 * most + mostPassedOver, scanRows);
    for (let looks = 1; ; looks++) {
      const [seen, lanes] = await Promise.all([places(queue, limit, types.map(typeLane), most), lanesOf(queue.id)]);
      const inLine = seen.filter(({ lane }) => lane === null);
      const last = inLine.length < limit ? null : (inLine.at(-1) ?? null);
      const inTypes = inLine.filter(({ type }) => wanted.has(type));
      // What is not looked at yet comes before what stands behind the end of the look.
      const aside = seen.filter((place) => place.lane !== null && (last === null || byPlace(place, last) < 0));
      const candidates = [...inTypes, ...aside].sort(byPlace);
      if (candidates.length < most && last !== null && limit < scanRows) {
        limit = scanRows;
        continue;
      }
      const behind = inTypes[most - 1];
      const passed = inLine.filter((place) => !wanted.has(place.type) && (!behind || byPlace(place, behind) < 0));
      if (passed.length > (behind === undefined ? 0 : mostPassedOver)) await passOver(passed);
      if (candidates.length === 0 && last !== null && looks < mostLooks) continue;
      const { isTaken, ...taken } = await take(queue, plan, candidates, n, bytes);
      const { rows, isLeft } = taken;
      // Another look would find the same ones left.
      const isMore = last !== null && rows.length < n && !(isLeft && rows.length === 0);
      return { ...taken, cut: isMore || isTaken, lanes };
    }
  }

  /** Those of a lane that is dispatched apart. What is of other types is put aside, as it is in line. */
  async function nextApart(
    queue: QueueEntry,
    plan: ClaimPlan,
    apart: string,
    n: number,
    bytes: number,
  ): Promise<NextRows> {
    const { types } = plan;
    const limit = types === undefined ? tasksToLookAt(2 * n, plan) : scanRows;
    const seen = await places(queue, 0, [apart], limit);
    const passed = types === undefined ? [] : seen.filter(({ type }) => !types.includes(type));
    if (passed.length > 0) {
      await passOver(passed);
      // Those who handle them have looked where they stand now, and found nothing.
      changes.noteReady(queue.name, passed.length);
    }
    const found = types === undefined ? seen : seen.filter(({ type }) => types.includes(type));
    const { isTaken, ...taken } = await take(queue, plan, found, n, bytes);
    return {
      ...taken,
      cut: isTaken || (types !== undefined && seen.length === limit && found.length < n),
      lanes: [],
    };
  }

  async function nextOfAll(
    queue: QueueEntry,
    plan: ClaimPlan,
    n: number,
    bytes: number,
    leases: NextLeases,
  ): Promise<NextRows> {
    const look = isShared(plan) ? { rows: [], lanes: await lanesOf(queue.id) } : await lookAt(queue, n, bytes, leases);
    const { lanes } = look;
    // Also where others have put tasks aside since the look: what has begun is handed out.
    if (look.rows[0]?.is_begun === true) return { rows: look.rows, cut: false, lanes };
    const aside = lanes.filter((name) => name.startsWith(typeLane("")));
    if (aside.length === 0 && !isShared(plan)) return { rows: look.rows, cut: false, lanes };
    const most = tasksToLookAt(n, plan);
    const seen = (await places(queue, n + most, aside.slice(0, lanesALook), most)).sort(byPlace);
    const { isTaken, ...taken } = await take(queue, plan, seen, n, bytes);
    return { ...taken, cut: aside.length > lanesALook || isTaken, lanes };
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
    next(queue, plan, n, bytes, leases) {
      const { types, ids, lane: apart } = plan;
      if (ids !== undefined) return chosen(queue, ids, n, bytes);
      if (apart !== undefined) return nextApart(queue, plan, apart, n, bytes);
      if (types === undefined) return nextOfAll(queue, plan, n, bytes, leases);
      return nextOfTypes(queue, plan, types, n, bytes, leases);
    },

    lanesOf,

    async firstKeys(queueIds) {
      const first = (lane: string) =>
        `(SELECT priority, ready_key, id FROM task_live AS task WHERE queue_id = queue.id AND state = ${stateNumber.pending} AND ${lane} ${inOrder} LIMIT 1)`;
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
             SELECT FROM task_live AS task WHERE queue_id = queue.id AND task.lane = each.lane AND state = ${stateNumber.pending}
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

/** Whether workers at other servers take part in a claim. */
function isShared({ sticky }: ClaimPlan): boolean {
  return sticky?.elsewhere !== undefined && sticky.elsewhere.length > 0;
}

/** Of places that are in order, those of the plan's own workers: `n` at the most. */
function shared({ slots, sticky }: ClaimPlan, some: readonly Place[], n: number) {
  const workerFor = stickyWorkers(slots, sticky?.elsewhere);
  const workers = new Map<number, string>();
  let isLeft = false;
  for (const { id, correlation_id: correlationId, type } of some) {
    if (workers.size === n) break;
    const workerId = workerFor(correlationId, type);
    if (workerId === null) isLeft = true;
    else workers.set(id, workerId);
  }
  return { workers, isLeft };
}

/** Whether one place comes before another one, as numbers are compared. */
function byPlace(a: Place, b: Place): number {
  return b.priority - a.priority || a.ready_key - b.ready_key || a.id - b.id;
}
