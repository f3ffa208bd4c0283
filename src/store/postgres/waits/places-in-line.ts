import { isLane, workerOf } from "../../../domain/balancing/dispatch.ts";
import { stateNumber } from "../../rows/task-states.ts";
import type { WaitRow } from "../../rows/wait-rows.ts";
import type { Statements } from "../database/statements.ts";
import { typeLane } from "../tasks/ready-rows.ts";

/** How far back in line tasks are counted. */
const mostAhead = 10_000;
/** How many rows one call counts, over all lines. */
const mostCounted = 50_000;

/** A line, and the ready tasks whose places in it are asked for. */
interface Line {
  readonly queueId: number;
  /** `null`: that of the queue itself. */
  readonly lane: string | null;
  readonly rows: readonly WaitRow[];
}

interface PlaceRow {
  readonly id: number;
  readonly ahead: number;
}

/**
 * How many tasks are before each of these ready tasks in line, by its key. Those that are reserved for a worker are not in it, nor those
 * that are too far back.
 */
export async function placesInLine(db: Statements, rows: readonly WaitRow[]): Promise<ReadonlyMap<number, number>> {
  const inLine = rows.filter((row) => row.lane === null || !isLane(row.lane));
  const apart = rows.filter(({ lane }) => lane !== null && isLane(lane) && workerOf(lane) === null);
  const ahead = new Map([...inLine, ...apart].map(({ id }) => [id, 0]));
  const lines = linesOf(inLine, apart);
  for (let left = mostCounted; lines.length > 0; ) {
    const some = lines.splice(0, Math.max(Math.floor(left / (mostAhead + 1)), 1));
    const wanted = some.flatMap((line, number) => line.rows.map((row) => ({ line: number, ...row })));
    const places = left <= 0 ? [] : await db.all<PlaceRow & { line: number }>(selectPlaces, valuesOf(some, wanted));
    const known = new Map(places.map((place) => [`${place.line} ${place.id}`, place.ahead]));
    for (const row of wanted) {
      const before = known.get(`${row.line} ${row.id}`) ?? mostAhead + 1;
      const others = ahead.get(row.id);
      if (before > mostAhead) ahead.delete(row.id);
      else if (others !== undefined) ahead.set(row.id, others + before);
    }
    for (const counted of Map.groupBy(places, ({ line }) => line).values())
      left -= Math.max(...counted.map((place) => place.ahead));
  }
  return ahead;
}

/** The lines in which these tasks stand. */
function linesOf(inLine: readonly WaitRow[], apart: readonly WaitRow[]): Line[] {
  const lines: Line[] = [];
  for (const [queueId, rows] of Map.groupBy(inLine, (row) => row.queue_id)) {
    lines.push({ queueId, lane: null, rows });
    // What was put aside of a type is merged with the line by priority and age.
    for (const [type, alike] of Map.groupBy(rows, (row) => row.type))
      lines.push({ queueId, lane: typeLane(type), rows: alike });
  }
  for (const [, rows] of Map.groupBy(apart, ({ queue_id, lane }) => `${queue_id} ${lane}`)) {
    const [first] = rows;
    if (first !== undefined) lines.push({ queueId: first.queue_id, lane: first.lane, rows });
  }
  return lines;
}

const inOrder = "ORDER BY priority DESC, ready_key, id";

/** The rows of a line before the last place that is asked for. */
function before(isOfLine: string): string {
  const ready = `FROM task_live AS task WHERE line.queue_id = task.queue_id AND state = ${stateNumber.pending} AND ${isOfLine}`;
  const bounded = `${inOrder} LIMIT ${mostAhead + 1}`;
  return `(SELECT priority, ready_key, id ${ready} AND priority > line.priority ${bounded})
    UNION ALL
    (SELECT priority, ready_key, id ${ready} AND priority = line.priority AND (ready_key, id) < (line.ready_key, line.id) ${bounded})`;
}

/** Counts along each line once, however many tasks of it are asked for. */
const selectPlaces = `WITH line AS (
    SELECT * FROM unnest($1::int[], $2::int[], $3::text[], $4::int[], $5::bigint[], $6::bigint[])
      AS line (number, queue_id, lane, priority, ready_key, id)
  ), wanted AS (
    SELECT * FROM unnest($7::int[], $8::int[], $9::bigint[], $10::bigint[]) AS wanted (line, priority, ready_key, id)
  )
  SELECT line.number AS line, placed.id, placed.ahead FROM line, LATERAL (
    SELECT id, is_wanted, count(*) FILTER (WHERE NOT is_wanted)
      OVER (ORDER BY priority DESC, ready_key, id, is_wanted DESC ROWS UNBOUNDED PRECEDING) AS ahead
    FROM (
      SELECT priority, ready_key, id, true AS is_wanted FROM wanted WHERE wanted.line = line.number
      UNION ALL
      (SELECT priority, ready_key, id, false FROM (
        ${before("line.lane IS NULL AND task.lane IS NULL")}
        UNION ALL
        ${before("task.lane = line.lane AND task.lane IS NOT NULL")}
      ) AS either ${inOrder} LIMIT ${mostAhead + 1})
    ) AS merged
  ) AS placed WHERE placed.is_wanted`;

function valuesOf(lines: readonly Line[], wanted: readonly (WaitRow & { readonly line: number })[]): unknown[] {
  const lasts = lines.map(({ rows }) => rows.toSorted(byPlace).at(-1));
  return [
    lines.map((_, number) => number),
    lines.map(({ queueId }) => queueId),
    lines.map(({ lane }) => lane),
    lasts.map((last) => last?.priority),
    lasts.map((last) => last?.ready_key),
    lasts.map((last) => last?.id),
    wanted.map(({ line }) => line),
    wanted.map(({ priority }) => priority),
    wanted.map(({ ready_key: readyKey }) => readyKey),
    wanted.map(({ id }) => id),
  ];
}

function byPlace(a: WaitRow, b: WaitRow): number {
  return b.priority - a.priority || a.ready_key - b.ready_key || a.id - b.id;
}
