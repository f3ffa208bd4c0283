import { join } from "node:path";
import type Database from "better-sqlite3";
import { openDatabase } from "../../src/store/sqlite/file/database.ts";
import { roomBytes } from "../../src/store/sqlite/tasks/insert-task.ts";
import type { Case } from "../case.ts";
import { storedPayload } from "../payload.ts";

const pending = 3;
const running = 4;
const completed = 5;

/**
 * The ceiling of everything that is stored: better-sqlite3 in one process, on a database as the server opens it, with one
 * fsync for each transaction, no network and no second thread. The rows are the server's own, with all their indexes, and
 * written one statement a row.
 */
export const rows: Case = {
  name: "rows",
  what: "rows of tasks that better-sqlite3 alone inserts, or settles and claims, so many in a transaction, synchronous=FULL",
  server: "none",
  async run({ directory, quick }, rounds) {
    const { db } = openDatabase(join(directory, "rows.db"), "full");
    db.pragma("wal_autocheckpoint = 4000");
    const { insert, settleAndClaim } = statements(db);
    const roundMs = quick ? 150 : 2_000;
    const measure = (step: (rows: number) => number, size: number) => perSecond(db, step, size, roundMs);
    const measureAll = () =>
      [
        { name: "insert 64", value: measure(insert, 64) },
        { name: "insert 100", value: measure(insert, 100) },
        { name: "settle and claim 64", value: measure(settleAndClaim, 64) },
        { name: "settle and claim 256", value: measure(settleAndClaim, 256) },
      ].map((figure) => ({ ...figure, unit: "rows/s" as const }));
    measureAll();
    const figures = Array.from({ length: rounds }, measureAll);
    db.close();
    return figures;
  },
};

function statements(db: Database.Database) {
  db.exec("INSERT INTO queue (id, name, settings, create_ms, update_ms) VALUES (1, 'bench', '{}', 0, 0)");
  const insertTask = db.prepare<[number, number, string, Uint8Array]>(
    `INSERT INTO task (id, queue_id, state, priority, ready_key, type, request_id, payload, room)
     VALUES (?, 1, ${pending}, 0, ?, 'work', ?, ?, zeroblob(${roomBytes}))`,
  );
  const selectReady = db.prepare<[number], { id: number }>(
    `SELECT id, type, attempt, payload FROM task WHERE queue_id = 1 AND state = ${pending} AND lane IS NULL
     ORDER BY priority DESC, ready_key LIMIT ?`,
  );
  const claim = db.prepare<[number, number]>(
    `UPDATE task SET state = ${running}, attempt = attempt + 1, worker_id = 'worker-1', start_ms = ?, room = NULL
     WHERE id = ?`,
  );
  const complete = db.prepare<[number, number]>(
    `UPDATE task SET state = ${completed}, finish_ms = ? WHERE id = ? AND state = ${running} AND attempt = 1
       AND worker_id = 'worker-1'`,
  );
  let key = 0;
  let claimed: { id: number }[] = [];

  function insert(count: number): number {
    for (let row = 0; row < count; row++) {
      key++;
      insertTask.run(key, key, `request-${key}`, storedPayload);
    }
    return count;
  }

  function settleAndClaim(count: number): number {
    for (const { id } of claimed) complete.run(1, id);
    claimed = selectReady.all(count);
    for (const { id } of claimed) claim.run(1, id);
    return claimed.length;
  }

  return { insert, settleAndClaim };
}

/** @param step answers how many rows it found; none: nothing is left to do */
function perSecond(db: Database.Database, step: (rows: number) => number, size: number, ms: number): number {
  const transaction = db.transaction(step);
  const beganMs = performance.now();
  let count = 0;
  for (let done = -1; done !== 0 && performance.now() - beganMs < ms; count += done) done = transaction(size);
  return (count / (performance.now() - beganMs)) * 1_000;
}
