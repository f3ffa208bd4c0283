/**
 * In which part of `task` a row is, by its `part_key`. What is unfinished is in a part of its own, `task_live`, whose indexes are those that are
 * claimed by. What is finished is in the part of the time when its retention is over, and goes with it as a whole: see `../retention/`. To move a large
 * one would cost more than to delete it by itself, so that it stays where it is.
 */

/** The part_key of what is unfinished, of what is finished and large, and of what is finished and in no part that goes whole. */
const liveKey = Number.MAX_SAFE_INTEGER;
const largeKey = liveKey - 1;
const keptKey = 0;
/** Between the keys of two kinds of parts: later than any time that is kept, in milliseconds. */
const kindKeys = 2 ** 44;
/** What is larger is stored beside the row, which is moved by copying it. */
const largeBytes = 2_000;

const hourMs = 3_600_000;

/** Parts of equal width, for what is kept about equally long. */
export interface PartKind {
  /** From 1 on: the first key of its parts, in multiples of 2^44. */
  readonly number: number;
  /** What is kept no longer than this is in its parts, in milliseconds. */
  readonly mostMs: number;
  /** What a part holds: the ends of retention of so many milliseconds. */
  readonly widthMs: number;
}

/** The kinds of parts. What is kept longer comes slowly, and is deleted row by row. */
export const partKinds: readonly PartKind[] = [
  { number: 1, mostMs: 4 * hourMs, widthMs: hourMs / 2 },
  { number: 2, mostMs: 36 * hourMs, widthMs: 4 * hourMs },
  { number: 3, mostMs: 10 * 24 * hourMs, widthMs: 24 * hourMs },
];

/** The kind of parts for what is kept so long; `undefined`: there is none. */
export function partKindOf(retentionMs: number): PartKind | undefined {
  return partKinds.find(({ mostMs }) => retentionMs <= mostMs);
}

/** The kind of a part, by its first key. */
export function partKindAt(fromKey: number): PartKind | undefined {
  return partKinds.find(({ number }) => number === Math.floor(fromKey / kindKeys));
}

/** A time as a key of a kind. */
export function partKeyAt({ number }: PartKind, ms: number): number {
  return number * kindKeys + ms;
}

/** What is added to the time when a task is finished for its part_key; `null`: there are no parts for what is kept so long. */
export function keepKeyOf(retentionMs: number): number | null {
  const kind = partKindOf(retentionMs);
  return kind === undefined ? null : partKeyAt(kind, retentionMs);
}

// Read by the statement that writes, so that no server believes in a part that is gone.
const parts = "(SELECT range_agg(int8range(from_key, until_key)) FROM task_part WHERE passed_page IS NULL)";

const isLarge = `coalesce(pg_column_size(task.payload), 0) + coalesce(pg_column_size(task.headers), 0) > ${largeBytes}`;

/** The part_key of a row of `task` that is finished now, in SQL. @param wanted SQL: the key that it should have; NULL: none */
export function finishedPart(wanted: string): string {
  return `CASE WHEN ${isLarge} THEN ${largeKey} WHEN ${wanted} <@ ${parts} THEN ${wanted} ELSE ${keptKey} END`;
}

/** Sets of rows of `task`, in terms by which only the parts are looked at that have some. */
export const partIs = {
  live: `task.part_key = ${liveKey}`,
  finished: `task.part_key < ${liveKey}`,
  /** Finished, but for the large ones. */
  small: `task.part_key < ${largeKey}`,
  /** Finished, and large. */
  large: `task.part_key < ${liveKey} AND task.part_key = ${largeKey}`,
  /** Finished tasks of workflows are among these. */
  ofFinishedSteps: `task.part_key IN (${keptKey}, ${largeKey})`,
  /** The tasks of workflows are among these. */
  ofWorkflows: `task.part_key IN (${keptKey}, ${largeKey}, ${liveKey})`,
} as const;

/** The values of `part_key` that rows are moved to, in SQL. */
export const partKey = { live: String(liveKey), kept: String(keptKey) } as const;
