import type Database from "better-sqlite3";
import type { TaskChange, TaskState } from "../../domain/task.ts";
import { idOfKey, msOfKey } from "./ids.ts";
import type { QueueTable } from "./queue-table.ts";

/** Collects what a transaction changes, for those who watch. While nobody does, it costs nothing. */
export interface ChangeLog {
  /** Whether anybody listens. */
  enabled: boolean;
  /** Notes that a task came into a state; `null`: it is about to be deleted. */
  note(key: number, state: TaskState | null, nowMs: number): void;
  /** How much has been noted since the last `take`. */
  readonly length: number;
  /** Forgets what was noted beyond this length: it was undone. */
  undo(length: number): void;
  /** What was noted since the last call. */
  take(): TaskChange[];
}

interface ChangeRow {
  readonly queue_id: number;
  readonly type: string;
  readonly correlation_id: string | null;
  readonly attempt: number;
  readonly worker_id: string | null;
}

/** The change log of an open database. */
export function createChangeLog(db: Database.Database, queues: QueueTable): ChangeLog {
  const select = db.prepare<[number], ChangeRow>(
    "SELECT queue_id, type, correlation_id, attempt, worker_id FROM task WHERE id = ?",
  );
  let changes: TaskChange[] = [];
  return {
    enabled: false,

    note(key, state, nowMs) {
      if (!this.enabled) return;
      const row = select.get(key);
      if (row === undefined) return;
      changes.push({
        id: idOfKey(key),
        queue: queues.byId(row.queue_id).name,
        type: row.type,
        correlationId: row.correlation_id,
        state,
        attempt: row.attempt,
        workerId: row.worker_id,
        createMs: msOfKey(key),
        changeMs: nowMs,
      });
    },

    get length() {
      return changes.length;
    },

    undo(length) {
      changes.length = length;
    },

    take() {
      const taken = changes;
      changes = [];
      return taken;
    },
  };
}
