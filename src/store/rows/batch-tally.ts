import { idOfKey } from "../../domain/ids.ts";
import type { EndedLease } from "../../domain/lease.ts";
import type { TaskError } from "../../domain/tasks/task.ts";
import type { Batch, SkipReason } from "../task-store.ts";
import { readJson, textOf } from "./json-column.ts";
import type { TaskRow } from "./task-rows.ts";

const sampleSize = 10;

/** What a batch did, while it is under way. */
export class BatchTally {
  private changed = 0;
  private readonly sampleIds: string[] = [];
  private readonly skipped = new Map<SkipReason, { count: number; readonly sampleIds: string[] }>();
  private readonly errorTypes = new Map<string, number>();
  private readonly leases: EndedLease[] = [];
  private readonly queues = new Set<string>();

  /** A task was left as it is. */
  skip(reason: SkipReason, { id }: TaskRow): void {
    const known = this.skipped.get(reason) ?? { count: 0, sampleIds: [] };
    this.skipped.set(reason, known);
    known.count++;
    if (known.sampleIds.length < sampleSize) known.sampleIds.push(idOfKey(id));
  }

  /** A task was changed, or would be. @param lease what ran until then */
  count({ id }: TaskRow, queue: string, lease: EndedLease | null): void {
    this.changed++;
    if (this.sampleIds.length < sampleSize) this.sampleIds.push(idOfKey(id));
    if (lease !== null) this.leases.push(lease);
    else this.queues.add(queue);
  }

  /** Counts the type of the error that a task has. */
  countErrorType({ error }: TaskRow): void {
    if (error === null) return;
    const type = textOf(readJson<TaskError>(error)?.type ?? null) ?? "";
    this.errorTypes.set(type, (this.errorTypes.get(type) ?? 0) + 1);
  }

  /** What it did. @param nextKey go on behind it @param keys as `Batch.keys` */
  batch(nextKey: number | null, keys: readonly string[] = []): Batch {
    return {
      count: this.changed,
      sampleIds: this.sampleIds,
      skipped: [...this.skipped].map(([reason, left]) => ({ reason, ...left })),
      errorTypes: [...this.errorTypes],
      keys,
      leases: this.leases,
      queues: [...this.queues],
      nextId: nextKey === null ? null : idOfKey(nextKey),
    };
  }
}
