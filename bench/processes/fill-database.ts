import { keyAt } from "../../src/domain/ids.ts";
import { openDatabase } from "../../src/store/sqlite/file/database.ts";
import { roomBytes } from "../../src/store/sqlite/tasks/insert-task.ts";
import { storedPayload } from "../payload.ts";

/** What is put into a database file. */
export interface Content {
  /** Queues without tasks. */
  readonly emptyQueues?: number;
  /** Queues with one waiting task each. */
  readonly waitingQueues?: number;
  /** Tasks that wait to be claimed, in the queue `backlog`. */
  readonly pending?: number;
  /** Tasks whose time comes in a day, in the queue `later`. */
  readonly scheduled?: number;
}

/** Rows of one transaction. */
const step = 500_000;
const dayMs = 86_400_000;
const firstWaitingQueue = 1_000_000;
const states = { scheduled: 2, pending: 3 } as const;

/**
 * Makes a database file with so much in it, as the server would have stored it, but in seconds: through the front door ten
 * million tasks take minutes. The file is closed in order, so the server finds everything in its place.
 */
export function fillDatabase(
  path: string,
  { emptyQueues = 0, waitingQueues = 0, pending = 0, scheduled = 0 }: Content,
): void {
  const { db } = openDatabase(path, "full");
  db.pragma("wal_autocheckpoint = 4000");
  db.pragma("synchronous = OFF");
  const nowMs = performance.timeOrigin + performance.now();
  const firstKey = keyAt(Math.floor(nowMs) - dayMs);

  function addTasks(queueId: number, queue: string, state: keyof typeof states, count: number, from: number): void {
    db.prepare(
      `INSERT INTO queue (id, name, settings, ${state}, create_ms, update_ms) VALUES (?, ?, '{}', ?, 0, 0)`,
    ).run(queueId, queue, count);
    const insert = db.prepare(
      `WITH RECURSIVE row (n) AS (SELECT ? UNION ALL SELECT n + 1 FROM row WHERE n < ?)
       INSERT INTO task (id, queue_id, state, priority, ready_key, schedule_ms, type, request_id, payload, room)
       SELECT n, ${queueId}, ${states[state]}, 0, n, ?, 'work', 'filled-' || n, ?, zeroblob(${roomBytes}) FROM row`,
    );
    const scheduleMs = state === "scheduled" ? Math.floor(nowMs) + dayMs : null;
    for (let done = 0; done < count; done += step) {
      insert.run(from + done, from + Math.min(done + step, count) - 1, scheduleMs, storedPayload);
    }
  }

  if (pending > 0) addTasks(1, "backlog", "pending", pending, firstKey);
  if (scheduled > 0) addTasks(2, "later", "scheduled", scheduled, firstKey + pending);
  db.prepare(
    `WITH RECURSIVE row (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM row WHERE n < ?)
     INSERT INTO queue (name, settings, create_ms, update_ms) SELECT 'queue-' || n, '{}', 0, 0 FROM row WHERE n <= ?`,
  ).run(emptyQueues, emptyQueues);
  for (let n = 1; n <= waitingQueues; n++) {
    addTasks(firstWaitingQueue + n, `waiting-${n}`, "pending", 1, firstKey + pending + scheduled + n);
  }
  db.close();
}
