import { isLane } from "../../../domain/balancing/dispatch.ts";
import { keyOfId } from "../../../domain/ids.ts";
import type { ClaimPlan } from "../../claim-plan.ts";
import type { TaskRow } from "../../rows/task-rows.ts";
import { stateNumber } from "../../rows/task-states.ts";
import type { Engine } from "../engine/engine.ts";
import { needsTransaction } from "../engine/verb.ts";
import { byPlace, type LineFront, type Place, typesKey } from "../rows/line-front.ts";
import type { QueueEntry } from "../rows/queue-table.ts";

/** The columns of a task's row that its worker gets and its move needs. */
export type ReadyRow = Pick<
  TaskRow,
  | "id"
  | "queue_id"
  | "state"
  | "priority"
  | "attempt"
  | "attempt_base"
  | "expire_ms"
  | "type"
  | "correlation_id"
  | "source_service"
  | "options"
  | "event_key"
  | "subscription_id"
  | "ordering_key"
  | "workflow_id"
  | "undoes"
  | "lane"
> &
  Place & { readonly headers: string | null; readonly payload: Uint8Array | null; readonly checksum: number | null };

const readyColumns =
  "id, queue_id, state, priority, ready_key, attempt, attempt_base, expire_ms, type, correlation_id, source_service, options, " +
  "event_key, subscription_id, ordering_key, workflow_id, undoes, lane, headers, payload, checksum";

/** Who is next in a queue. */
export interface ReadyRows {
  /** The next rows that a claim may take, at most `n`, best first, and whether there may be more than were looked at. */
  next(queue: QueueEntry, plan: Pick<ClaimPlan, "types" | "ids" | "lane">, n: number): NextRows;
  /** The tasks of types that were passed over, by type. */
  passedOver(queue: QueueEntry): PassedOver[];
  /** The place in line of the task that is next, of all; `null`: none is ready. */
  firstKey(queue: QueueEntry): number | null;
}

/** Rows that are read as they are taken: their payloads can be large. */
export interface NextRows {
  readonly rows: Iterable<ReadyRow>;
  readonly cut: boolean;
  /** Set: they are next in line, and once they are taken the front is behind the last one. */
  readonly front?: Pick<LineFront, "types" | "hasPassed">;
}

/** Tasks of one type that were passed over. */
export interface PassedOver {
  readonly type: string;
  /** Up to `mostCounted`. */
  readonly count: number;
}

/** A row's place in line. */
type RowPlace = Place & Pick<TaskRow, "id" | "type">;

/** How many rows of the line one claim looks through for types: a few milliseconds. */
const scanRows = 1_000;
const scansAClaim = 2;
/** So many that were passed over stay in line: putting them aside costs more than passing over them again. */
const mostPassedOver = 32;
/** How large the payloads of one claim are before it ends: they are in memory on both threads. */
export const mostBytes = 4_194_304;
/** How many lanes a claim of every type looks into, and a view tells of. */
const lanesALook = 64;
const mostCounted = 10_000;

/** The lane of a type that was passed over. */
export const typeLane = (type: string) => `type:${type}`;

/**
 * Creates the access to ready tasks of an open database.
 *
 * A claim of certain types looks through the line, and what it passes over is moved into a lane by type, once: after that
 * no typed claim meets it again. The alternative, an index with the type in it, every task would pay for, and a worker that takes
 * every type could not use it. A lane's rows keep their place: they are merged with the line by priority and age.
 */
export function createReadyRows({ db, changes, leases }: Engine): ReadyRows {
  // Read in the index's order first: UPDATE … RETURNING would lose it. Bound values are hidden from the planner (database.ts).
  const line = `task INDEXED BY task_ready WHERE queue_id = +? AND state = ${stateNumber.pending} AND lane IS NULL`;
  const lane = `task INDEXED BY task_lane
    WHERE queue_id = +? AND lane = +? AND state = ${stateNumber.pending} AND lane IS NOT NULL`;
  // What is leased and not written yet.
  const isFree = "id NOT IN (SELECT value FROM json_each(?))";
  const inOrder = "ORDER BY priority DESC, ready_key";
  const selectLine = db.prepare<[number, string, number], ReadyRow>(
    `SELECT ${readyColumns} FROM ${line} AND ${isFree} ${inOrder} LIMIT ? + 0`,
  );
  const selectBehind = db.prepare<[number, number, number, number, number, number], ReadyRow>(
    `SELECT ${readyColumns} FROM ${line} AND priority = +? AND ready_key >= +? AND (ready_key > +? OR id > +?)
     ORDER BY ready_key, id LIMIT ? + 0`,
  );
  const selectBelow = db.prepare<[number, number, number], ReadyRow>(
    `SELECT ${readyColumns} FROM ${line} AND priority < +? ${inOrder} LIMIT ? + 0`,
  );
  const selectPlaces = db.prepare<[number, string, number], RowPlace>(
    `SELECT id, type, priority, ready_key FROM ${line} AND ${isFree} ${inOrder} LIMIT ? + 0`,
  );
  const selectLanePlaces = db.prepare<[number, string, number], RowPlace>(
    `SELECT id, type, priority, ready_key FROM ${lane} ${inOrder} LIMIT ? + 0`,
  );
  const countLane = db
    .prepare<[number, string, number], number>(`SELECT count(*) FROM (SELECT 1 FROM ${lane} LIMIT ? + 0)`)
    .pluck();
  const selectRow = db.prepare<[number], ReadyRow>(`SELECT ${readyColumns} FROM task WHERE id = ?`);
  const putAside = db.prepare<[string]>(
    "UPDATE task SET lane = 'type:' || type, lane_until_ms = NULL WHERE id IN (SELECT value FROM json_each(?))",
  );

  function passOver(queue: QueueEntry, passed: readonly RowPlace[]): void {
    putAside.run(JSON.stringify(passed.map(({ id }) => id)));
    for (const { type } of passed) queue.lanes.add(typeLane(type));
  }

  function* rowsOf(places: readonly RowPlace[]): Generator<ReadyRow> {
    for (const { id } of places) {
      const row = selectRow.get(id);
      if (row !== undefined) yield row;
    }
  }

  /** The next rows of the line from a front on. */
  function* lineFrom(queue: QueueEntry, front: LineFront | null, n: number): Generator<ReadyRow> {
    if (front === null) return yield* selectLine.iterate(queue.id, leases.keys(), n);
    let left = n;
    const { priority, ready_key: key, id } = front;
    for (const row of selectBehind.iterate(queue.id, priority, key, key, id, n)) {
      left--;
      yield row;
    }
    if (left > 0) yield* selectBelow.iterate(queue.id, priority, left);
  }

  /** The front for claims of these types; `null`: they look at the whole line. */
  function frontFor({ front }: QueueEntry, types: string): LineFront | null {
    return front?.types === types ? front : null;
  }

  /** Those of these tasks that are ready in the queue. */
  function* chosen(queue: QueueEntry, ids: readonly string[], n: number): Generator<ReadyRow> {
    let left = n;
    for (const id of new Set(ids)) {
      if (left === 0) return;
      const row = selectRow.get(keyOfId(id) ?? 0);
      if (row?.queue_id !== queue.id || row.state !== stateNumber.pending || leases.has(row.id)) continue;
      left--;
      yield row;
    }
  }

  /** The next places in the line of these types; what is passed over is put aside. `last`: where the look broke off; `null`: it did not. */
  function lookThrough(queue: QueueEntry, types: ReadonlySet<string>, n: number) {
    const found: RowPlace[] = [];
    const passed: RowPlace[] = [];
    let last: RowPlace | null = null;
    let looked = 0;
    for (const place of selectPlaces.iterate(queue.id, leases.keys(), scanRows)) {
      looked++;
      last = place;
      (types.has(place.type) ? found : passed).push(place);
      if (found.length === n) break;
    }
    if (found.length < n ? passed.length > 0 : passed.length > mostPassedOver) passOver(queue, passed);
    return { found, last: looked === scanRows && found.length < n ? last : null };
  }

  function readLane(queue: QueueEntry, name: string, n: number): RowPlace[] {
    const places = selectLanePlaces.all(queue.id, name, n);
    if (places.length === 0) queue.lanes.delete(name);
    return places;
  }

  /**
   * The next rows of these types, where the line holds little else and no lane holds any: read at once, as `nextOfAll` does. `null`:
   * it is not so. Places first and rows after them cost a drain 2 µs a task more.
   */
  function readAtOnce(queue: QueueEntry, wanted: ReadonlySet<string>, types: string, n: number): NextRows | null {
    const rows: ReadyRow[] = [];
    const front = frontFor(queue, types);
    let hasPassed = front?.hasPassed ?? false;
    let passed = 0;
    let bytes = 0;
    for (const row of lineFrom(queue, front, n + mostPassedOver)) {
      if (!wanted.has(row.type)) {
        if (++passed > mostPassedOver) return null;
        hasPassed = true;
        continue;
      }
      bytes += row.payload?.length ?? 0;
      if (rows.push(row) === n || bytes > mostBytes) return { rows, cut: false, front: { types, hasPassed } };
    }
    // What is left in line is of other types: it is put aside, so that claims do not meet it repeatedly.
    return hasPassed ? null : { rows, cut: false, front: { types, hasPassed } };
  }

  function nextOfTypes(queue: QueueEntry, types: readonly string[], n: number): NextRows {
    const wanted = new Set(types);
    if (!types.some((type) => queue.lanes.has(typeLane(type)))) {
      const next = readAtOnce(queue, wanted, typesKey(types), n);
      if (next !== null) return next;
      // What is passed over is written.
      if (!db.inTransaction) throw needsTransaction;
    }
    let look = lookThrough(queue, wanted, n);
    for (let looks = 1; look.last !== null && look.found.length === 0 && looks < scansAClaim; looks++) {
      look = lookThrough(queue, wanted, n);
    }
    const { found, last } = look;
    const lanes = types.map(typeLane).filter((name) => queue.lanes.has(name));
    // What is not looked at yet comes before what stands behind the end of the look.
    const aside = lanes.flatMap((name) => readLane(queue, name, n)).filter((place) => isBefore(place, last));
    return { rows: rowsOf(merged(found, aside, n)), cut: last !== null };
  }

  /** Those of a lane that is dispatched apart. What is of other types is put aside, as it is in line. */
  function nextApart(queue: QueueEntry, apart: string, types: readonly string[] | undefined, n: number): NextRows {
    const places = readLane(queue, apart, types === undefined ? n : scanRows);
    if (types === undefined) return { rows: rowsOf(places), cut: false };
    const wanted = new Set(types);
    const passed = places.filter(({ type }) => !wanted.has(type));
    if (passed.length > 0) {
      passOver(queue, passed);
      // Those who handle them have looked where they stand now, and found nothing.
      for (const _ of passed) changes.noteReady(queue.name);
    }
    const found = places.filter(({ type }) => wanted.has(type)).slice(0, n);
    return { rows: rowsOf(found), cut: places.length === scanRows && found.length < n };
  }

  function nextOfAll(queue: QueueEntry, n: number): NextRows {
    if (queue.lanes.size === 0) {
      const front = { types: typesKey(undefined), hasPassed: false };
      return { rows: lineFrom(queue, frontFor(queue, front.types), n), cut: false, front };
    }
    const lanes = typeLanes(queue);
    const aside = lanes.slice(0, lanesALook).flatMap((name) => readLane(queue, name, n));
    return {
      rows: rowsOf(merged(selectPlaces.all(queue.id, leases.keys(), n), aside, n)),
      cut: lanes.length > lanesALook,
    };
  }

  return {
    next(queue, { types, ids, lane: apart }, n) {
      if (ids !== undefined) return { rows: chosen(queue, ids, n), cut: false };
      if (apart !== undefined) return nextApart(queue, apart, types, n);
      return types === undefined ? nextOfAll(queue, n) : nextOfTypes(queue, types, n);
    },

    passedOver: (queue) =>
      typeLanes(queue)
        .slice(0, lanesALook)
        .flatMap((name) => {
          const count = countLane.get(queue.id, name, mostCounted) ?? 0;
          return count === 0 ? [] : { type: name.slice(typeLane("").length), count };
        }),

    firstKey(queue) {
      const lanes = [...queue.lanes].slice(0, lanesALook);
      const firsts = [
        ...selectPlaces.all(queue.id, leases.keys(), 1),
        ...lanes.flatMap((name) => readLane(queue, name, 1)),
      ];
      return firsts.sort(byPlace)[0]?.ready_key ?? null;
    },
  };
}

function typeLanes(queue: QueueEntry): string[] {
  return [...queue.lanes].filter((name) => !isLane(name));
}

function isBefore(place: Place, last: Place | null): boolean {
  return last === null || byPlace(place, last) < 0;
}

function merged(a: readonly RowPlace[], b: readonly RowPlace[], n: number): RowPlace[] {
  return b.length === 0 ? [...a] : [...a, ...b].sort(byPlace).slice(0, n);
}
