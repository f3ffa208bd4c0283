import type Database from "better-sqlite3";
import { isLane, workerOf } from "../../../domain/balancing/dispatch.ts";
import type { TaskRow } from "../../rows/task-rows.ts";
import { stateNumber } from "../../rows/task-states.ts";
import type { Engine } from "../engine/engine.ts";
import { byPlace, type Place } from "../rows/line-front.ts";
import { typeLane } from "../tasks/ready-rows.ts";

/** A ready task in its place. */
type PlacedRow = Pick<TaskRow, "id" | "queue_id" | "type" | "lane"> & Place;

/** How far back in line tasks are counted. */
const mostAhead = 10_000;
/** How many rows one call counts, over all its tasks: 10,000 take about a millisecond. */
const mostCounted = 50_000;

/** Where ready tasks stand in line. */
export interface PlacesInLine {
  /**
   * How many tasks are before each of these, by its key. Those that are reserved for a worker are not in it, nor those that are too
   * far back.
   */
  ahead(rows: readonly PlacedRow[]): ReadonlyMap<number, number>;
}

/** Counts the rows between two places: from the first on, up to the second without it. @param most stops at so many */
type CountBetween = (from: PlacedRow | null, to: PlacedRow, most: number) => number;

/** Above and below every priority, place and key. */
const largest = Number.MAX_SAFE_INTEGER;

/**
 * Creates it over an open database. Tasks of one line are counted from one to the next, so that a page of a long line costs no more
 * than its last task.
 */
export function createPlacesInLine({ db, queues }: Pick<Engine, "db" | "queues">): PlacesInLine {
  const ready = `queue_id = +? AND state = ${stateNumber.pending}`;
  const line = countStatements(db, `task INDEXED BY task_ready WHERE ${ready} AND lane IS NULL`);
  const lane = countStatements(db, `task INDEXED BY task_lane WHERE ${ready} AND lane = +? AND lane IS NOT NULL`);

  /** Adds what is before each of these in one line to what is counted. What is too far back is taken out. */
  function walk(
    rows: readonly PlacedRow[],
    count: CountBetween,
    ahead: Map<number, number>,
    budget: { left: number },
  ): void {
    let before = 0;
    let last: PlacedRow | null = null;
    for (const row of rows.toSorted((a, b) => byPlace(a, b) || a.id - b.id)) {
      const most = Math.min(mostAhead + 1 - before, budget.left);
      const between = most <= 0 ? 0 : count(last, row, most);
      before += between;
      budget.left -= between;
      last = row;
      if (before > mostAhead || budget.left <= 0) ahead.delete(row.id);
      else if (ahead.has(row.id)) ahead.set(row.id, (ahead.get(row.id) ?? 0) + before);
    }
  }

  return {
    ahead(rows) {
      const inLine = rows.filter((row) => row.lane === null || !isLane(row.lane));
      const apart = rows.filter(({ lane }) => lane !== null && isLane(lane) && workerOf(lane) === null);
      const ahead = new Map([...inLine, ...apart].map(({ id }) => [id, 0]));
      const budget = { left: mostCounted };
      for (const [queueId, all] of Map.groupBy(inLine, ({ queue_id }) => queue_id)) {
        walk(all, (from, to, most) => line(from, to, most, queueId), ahead, budget);
        for (const [type, alike] of Map.groupBy(all, (row) => row.type)) {
          const name = typeLane(type);
          // What was put aside of its type is merged with the line by priority and age.
          if (!queues.byId(queueId).lanes.has(name)) continue;
          walk(alike, (from, to, most) => lane(from, to, most, queueId, name), ahead, budget);
        }
      }
      for (const alike of Map.groupBy(apart, ({ queue_id, lane }) => `${queue_id} ${lane}`).values()) {
        const [{ queue_id: queueId, lane: name }] = alike as [PlacedRow];
        walk(alike, (from, to, most) => lane(from, to, most, queueId, name ?? ""), ahead, budget);
      }
      return ahead;
    },
  };
}

/** Makes the count of a line. @param from the condition of its rows, with its own parameters first */
function countStatements(db: Database.Database, from: string) {
  const counted = (where: string) =>
    db
      .prepare<(number | string)[], number>(`SELECT count(*) FROM (SELECT 1 FROM ${from} AND ${where} LIMIT ? + 0)`)
      .pluck();
  const countPriorities = counted("priority > +? AND priority < +?");
  const countOfPriority = counted(
    `priority = +? AND ready_key >= +? AND ready_key <= +? AND (ready_key > +? OR id >= +?) AND (ready_key < +? OR id < +?)`,
  );

  return (first: PlacedRow | null, to: PlacedRow, most: number, ...of: readonly (number | string)[]): number => {
    let left = most;
    const ofPriority = (priority: number, begin: Pick<PlacedRow, "id" | "ready_key">, end: typeof begin) => {
      const { ready_key: low, id: lowId } = begin;
      const { ready_key: high, id: highId } = end;
      left -= countOfPriority.get(...of, priority, low, high, low, lowId, high, highId, left) ?? 0;
    };
    if (first !== null && first.priority === to.priority) {
      ofPriority(to.priority, first, to);
      return most - left;
    }
    if (first !== null) ofPriority(first.priority, first, { ready_key: largest, id: largest });
    left -= countPriorities.get(...of, to.priority, first?.priority ?? largest, left) ?? 0;
    ofPriority(to.priority, { ready_key: -largest, id: -largest }, to);
    return most - left;
  };
}
