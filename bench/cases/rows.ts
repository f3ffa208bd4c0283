import { readFileSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import type { Case, Figure } from "../case.ts";
import { payload } from "../payload.ts";

/** Rows of one transaction: as many as come together under load. */
const transactionRows = 64;

/** The ceiling of everything that is stored: SQLite in one process, with one fsync for each transaction, and no network. */
export const rows: Case = {
  name: "rows",
  what: `rows that better-sqlite3 alone inserts, ${transactionRows} in a transaction, synchronous=FULL`,
  server: "none",
  async run({ directory, quick }, rounds) {
    const schema = readFileSync(join(import.meta.dirname, "../../src/store/sqlite/migrations/0001_tasks.sql"), "utf8");
    const db = new Database(join(directory, "rows.db"));
    db.pragma("journal_mode = WAL");
    db.pragma("synchronous = FULL");
    db.exec(schema);
    db.exec("CREATE TABLE bare (id INTEGER PRIMARY KEY, state INTEGER NOT NULL, payload BLOB NOT NULL) STRICT");
    db.exec("INSERT INTO queue (id, name, settings, create_ms, update_ms) VALUES (1, 'bench', '{}', 0, 0)");
    const task = db.prepare<[number, number, string, Uint8Array]>(
      `INSERT INTO task (id, queue_id, state, priority, ready_key, type, request_id, payload)
       VALUES (?, 1, 3, 0, ?, 'work', ?, ?)`,
    );
    const bare = db.prepare<[number, Uint8Array]>("INSERT INTO bare (id, state, payload) VALUES (?, 3, ?)");
    let key = 0;
    const insertTasks = () => {
      key++;
      task.run(key, key, `request-${key}`, payload);
    };
    const insertBare = () => void bare.run(++key, payload);

    const rowsMs = quick ? 200 : 2_000;
    const perSecond = (insert: () => void) => measure(db, insert, rowsMs);
    perSecond(insertTasks);
    perSecond(insertBare);
    const figures: Figure[][] = [];
    for (let round = 0; round < rounds; round++) {
      figures.push([
        { name: "tasks with their indexes", unit: "rows/s", value: perSecond(insertTasks) },
        { name: "bare rows", unit: "rows/s", value: perSecond(insertBare) },
      ]);
    }
    db.close();
    return figures;
  },
};

function measure(db: Database.Database, insert: () => void, ms: number): number {
  const transaction = db.transaction(() => {
    for (let row = 0; row < transactionRows; row++) insert();
  });
  const beganMs = performance.now();
  let count = 0;
  while (performance.now() - beganMs < ms) {
    transaction();
    count += transactionRows;
  }
  return (count / (performance.now() - beganMs)) * 1_000;
}
