import { statSync } from "node:fs";
import { parentPort, workerData } from "node:worker_threads";
import Database from "better-sqlite3";
import type { BackupCheck } from "./backup.ts";
import { findDamages } from "./find-damages.ts";
import { renewIdentity } from "./wal-mark.ts";

parentPort?.postMessage(check(String(workerData)));

function check(path: string): BackupCheck {
  const db = new Database(path);
  try {
    // One file, to be carried about: the copy comes with the setting of the original.
    db.pragma("journal_mode = DELETE");
    const problems = db.prepare<[], string>("PRAGMA integrity_check").pluck().all();
    if (problems.length !== 1 || problems[0] !== "ok") return { damaged: problems.slice(0, 3) };
    const damaged = findDamages(db);
    if (damaged.length > 0) return { damaged };
    renewIdentity(db);
    return { taskCount: Number(db.prepare("SELECT count(*) FROM task").pluck().get()) };
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "SQLITE_FULL")
      return { noRoomFor: statSync(path).size };
    return { error: error instanceof Error ? error.message : String(error) };
  } finally {
    db.close();
  }
}
