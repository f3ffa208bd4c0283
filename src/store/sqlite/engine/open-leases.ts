import type Database from "better-sqlite3";
import type { Lease } from "../../../domain/lease.ts";
import { leaseKindOf } from "../../../domain/lease.ts";
import type { TaskRow } from "../../rows/task-rows.ts";
import { stateNumber } from "../../rows/task-states.ts";
import { byPlace, type Place } from "../rows/line-front.ts";

/** A lease that is handed out and not written, beside the row of its task: PENDING, and with one attempt less. */
export interface OpenLease
  extends Pick<
    TaskRow,
    "id" | "queue_id" | "state" | "attempt" | "subscription_id" | "ordering_key" | "workflow_id" | "undoes" | "lane"
  > {
  readonly worker_id: string;
  readonly start_ms: number;
  readonly lease_ms: number | null;
}

/** An open lease with the place of its task in line, which it keeps until it is written. */
export interface PlacedLease extends OpenLease, Place {}

/**
 * The leases that are written behind.
 *
 * A hand-out need not be on the disk before its task: what a crash forgets is handed out again under the same attempt number, and
 * the fence is the task, the attempt and the worker together (docs/reliability.md). So the lease of a task that ends soon is
 * written together with its end, in one UPDATE in place of two. Every other one is written by `writeOld`, or before a verb that
 * looks at tasks: to all but `claim`, `settle` and `enqueue` each lease is on the disk.
 */
export class OpenLeases {
  private readonly writeMany: Database.Statement<[string, number, number | null, string]>;
  private readonly leases = new Map<number, PlacedLease>();
  /** Those that were open at the last call of `old`. */
  private known = new Set<number>();
  /** What the open transaction changed: each key, and what it stood for before. */
  private readonly changedKeys: number[] = [];
  private readonly before: (PlacedLease | undefined)[] = [];
  private onWritten: (leases: readonly OpenLease[], startMs: number) => void = () => undefined;
  private onRefused: (lease: OpenLease) => void = () => undefined;

  /** Creates it over an open database; no lease is open. */
  constructor(db: Database.Database) {
    // All tasks of a worker at once: one by one they cost half as much again.
    this.writeMany = db.prepare(
      `UPDATE task SET state = ${stateNumber.running}, attempt = attempt + 1, worker_id = ?, start_ms = ?, lease_ms = ?, room = NULL
       WHERE id IN (SELECT value FROM json_each(?))`,
    );
  }

  /** Sets what is called with leases that are written, in the same transaction, and when they began. */
  whenWritten(listener: (leases: readonly OpenLease[], startMs: number) => void): void {
    this.onWritten = listener;
  }

  /** Sets what is called with each lease whose row is damaged so that it cannot be written, in the same transaction. */
  whenRefused(listener: (lease: OpenLease) => void): void {
    this.onRefused = listener;
  }

  get size(): number {
    return this.leases.size;
  }

  has(key: number): boolean {
    return this.leases.has(key);
  }

  /** The open lease of a task. */
  of(key: number): OpenLease | undefined {
    return this.leases.get(key);
  }

  /** The open lease of a task if it is this one. */
  find(key: number, { attempt, workerId, leaseKind }: Lease): OpenLease | undefined {
    const lease = this.leases.get(key);
    if (lease?.attempt !== attempt - 1 || lease.worker_id !== workerId) return undefined;
    return leaseKindOf(lease.lease_ms) === leaseKind ? lease : undefined;
  }

  /** The keys of all tasks whose leases are open, as a JSON array. */
  keys(): string {
    return this.leases.size === 0 ? "[]" : JSON.stringify([...this.leases.keys()]);
  }

  /** How many leases of a queue are open. */
  countOf(queueId: number): number {
    let count = 0;
    for (const lease of this.leases.values()) if (lease.queue_id === queueId) count++;
    return count;
  }

  /** Whether no task of the queue that is behind this place has an open lease. */
  areNoneBehind(queueId: number, place: Place & { readonly id: number }): boolean {
    for (const lease of this.leases.values()) {
      if (lease.queue_id !== queueId) continue;
      const order = byPlace(lease, place);
      if (order > 0 || (order === 0 && lease.id > place.id)) return false;
    }
    return true;
  }

  /** Opens a lease; it is written later. */
  open(lease: PlacedLease): void {
    this.change(lease.id);
    this.leases.set(lease.id, lease);
  }

  /** Forgets a lease: it was written together with its end. */
  close(key: number): void {
    this.change(key);
    this.leases.delete(key);
  }

  /** PENDING → RUNNING: writes leases, which need not be open. */
  write(leases: Iterable<OpenLease>): void {
    for (const group of Map.groupBy(leases, groupOf).values()) this.writeGroup(group);
  }

  /** Writes the lease of a task if it is open. */
  writeOne(key: number): void {
    const lease = this.leases.get(key);
    if (lease !== undefined) this.write([lease]);
  }

  /** All that are open. */
  all(): OpenLease[] {
    return [...this.leases.values()];
  }

  /** Those that were open at the last call. */
  old(): OpenLease[] {
    const old = this.all().filter(({ id }) => this.known.has(id));
    this.known = new Set(this.leases.keys());
    return old;
  }

  /** Begins a transaction: what was opened before stays open, whatever becomes of it. */
  begin(): void {
    this.changedKeys.length = 0;
    this.before.length = 0;
  }

  /** Goes back to the beginning of a transaction that was undone. */
  undo(): void {
    for (let at = this.changedKeys.length - 1; at >= 0; at--) {
      const key = this.changedKeys[at] as number;
      const lease = this.before[at];
      if (lease === undefined) this.leases.delete(key);
      else this.leases.set(key, lease);
    }
    this.begin();
  }

  private writeGroup(group: readonly OpenLease[]): void {
    const [{ worker_id, start_ms, lease_ms }] = group as [OpenLease];
    let isRefused = false;
    try {
      this.writeMany.run(worker_id, start_ms, lease_ms, JSON.stringify(group.map(({ id }) => id)));
    } catch (error) {
      if (!isRefusedRow(error)) throw error;
      isRefused = true;
    }
    if (isRefused && group.length > 1) {
      for (const lease of group) this.writeGroup([lease]);
      return;
    }
    for (const { id } of group) if (this.leases.has(id)) this.close(id);
    if (!isRefused) this.onWritten(group, start_ms);
    else for (const lease of group) this.onRefused(lease);
  }

  private change(key: number): void {
    this.changedKeys.push(key);
    this.before.push(this.leases.get(key));
  }
}

/** Whether a statement was undone since a row cannot be written: a flipped bit can make a text of it bytes. */
export function isRefusedRow(error: unknown): boolean {
  return error instanceof Error && "code" in error && String(error.code).startsWith("SQLITE_CONSTRAINT");
}

/** Leases with one of these can share a statement. */
function groupOf({ worker_id, start_ms, lease_ms }: OpenLease): string {
  return `${start_ms} ${lease_ms} ${worker_id}`;
}
