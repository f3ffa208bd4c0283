/**
 * In which partition of `task` a row is, by its `partition_key`. Unfinished tasks are in `task_live`, which has the indexes for claims. A finished one is in the
 * partition of the time when its retention is over, and is dropped with it: see `../retention/`. A large one stays in `task_live`, since moving it would
 * cost more than deleting it by itself.
 */

/** The partition_key of what is unfinished, of what is finished and large, and of what is finished and in no partition that is dropped whole. */
const liveKey = Number.MAX_SAFE_INTEGER;
const largeKey = liveKey - 1;
const keptKey = 0;
/** Between the keys of two kinds of partitions: later than any time that is kept, in milliseconds. */
const kindKeys = 2 ** 44;
/** What is larger is stored beside the row, which is moved by copying it. */
const largeBytes = 2_000;

const hourMs = 3_600_000;

/** Partitions of equal width, for what is kept about equally long. */
export interface PartitionKind {
  /** From 1 on: the first key of its partitions, in multiples of 2^44. */
  readonly number: number;
  /** What is kept no longer than this is in its partitions, in milliseconds. */
  readonly mostMs: number;
  /** What a partition holds: the ends of retention of so many milliseconds. */
  readonly widthMs: number;
}

/** The kinds of partitions. What is kept longer comes slowly, and is deleted row by row. */
export const partitionKinds: readonly PartitionKind[] = [
  { number: 1, mostMs: 4 * hourMs, widthMs: hourMs / 2 },
  { number: 2, mostMs: 36 * hourMs, widthMs: 4 * hourMs },
  { number: 3, mostMs: 10 * 24 * hourMs, widthMs: 24 * hourMs },
];

/** The kind of partitions for what is kept so long; `undefined`: there is none. */
export function partitionKindOf(retentionMs: number): PartitionKind | undefined {
  return partitionKinds.find(({ mostMs }) => retentionMs <= mostMs);
}

/** The kind of a partition, by its first key. */
export function partitionKindAt(fromKey: number): PartitionKind | undefined {
  return partitionKinds.find(({ number }) => number === Math.floor(fromKey / kindKeys));
}

/** A time as a key of a kind. */
export function partitionKeyAt({ number }: PartitionKind, ms: number): number {
  return number * kindKeys + ms;
}

/** What is added to the time when a task is finished for its partition_key; `null`: there are no partitions for what is kept so long. */
export function retentionKeyOf(retentionMs: number): number | null {
  const kind = partitionKindOf(retentionMs);
  return kind === undefined ? null : partitionKeyAt(kind, retentionMs);
}

// Read by the statement that writes, so that no server believes in a partition that is gone.
const partitions = "(SELECT range_agg(int8range(from_key, until_key)) FROM task_partition WHERE next_page IS NULL)";

const isLarge = `coalesce(pg_column_size(task.payload), 0) + coalesce(pg_column_size(task.headers), 0) > ${largeBytes}`;

/** The partition_key of a row of `task` that is finished now, in SQL. @param wanted SQL: the key that it should have; NULL: none */
export function finishedPartition(wanted: string): string {
  return `CASE WHEN ${isLarge} THEN ${largeKey} WHEN ${wanted} <@ ${partitions} THEN ${wanted} ELSE ${keptKey} END`;
}

/** Sets of rows of `task`, in terms by which only the partitions are looked at that have some. */
export const partitionIs = {
  live: `task.partition_key = ${liveKey}`,
  finished: `task.partition_key < ${liveKey}`,
  /** Finished, but for the large ones. */
  small: `task.partition_key < ${largeKey}`,
  /** Finished, and large. */
  large: `task.partition_key < ${liveKey} AND task.partition_key = ${largeKey}`,
  /** Finished tasks of workflows are among these. */
  ofFinishedSteps: `task.partition_key IN (${keptKey}, ${largeKey})`,
  /** The tasks of workflows are among these. */
  ofWorkflows: `task.partition_key IN (${keptKey}, ${largeKey}, ${liveKey})`,
} as const;

/** The values of `partition_key` that rows are moved to, in SQL. */
export const partitionKey = { live: String(liveKey), kept: String(keptKey) } as const;
