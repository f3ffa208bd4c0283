import { statSync } from "node:fs";
import { parentPort, workerData } from "node:worker_threads";
import Database from "better-sqlite3";
import { systemClock } from "../../../domain/clock.ts";
import { createEngine } from "../engine/engine.ts";
import { renewIdentity } from "../file/wal-mark.ts";
import { findDamages } from "../rows/find-damages.ts";
import type { BackupCheck } from "./backup.ts";

parentPort?.postMessage(check(String(workerData)));

function check(path: string): BackupCheck {
  const copiedMs = systemClock.now();
  const db = new Database(path);
  try {
    // One file, to be carried about: the copy comes with the setting of the original.
    db.pragma("journal_mode = DELETE");
    const { isUsable, ...damages } = findDamages(db);
    if (!isUsable) return { unusable: damages.named };
    const obstacle = startObstacle(db);
    if (obstacle !== null) return { unusable: [...damages.named, obstacle] };
    renewIdentity(db, copiedMs);
    return { taskCount: Number(db.prepare("SELECT count(*) FROM task").pluck().get()), damages };
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    const message = error instanceof Error ? error.message : String(error);
    if (code === "SQLITE_FULL") return { noRoomFor: statSync(path).size };
    return /^SQLITE_(CORRUPT|NOTADB|ERROR)/.test(code) ? { unusable: [message] } : { error: message };
  } finally {
    db.close();
  }
}

/** Why a server that reads what each reads at its start would not start, such as a damaged subscription; `null`: it would. */
function startObstacle(db: Database.Database): string | null {
  try {
    createEngine(db, 0);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
