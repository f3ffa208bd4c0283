import { existsSync } from "node:fs";
import { copyFile } from "node:fs/promises";
import Database from "better-sqlite3";
import { keyOfId } from "../../../src/domain/ids.ts";
import type { History } from "./history.ts";

/** States as they are stored, from 1. */
const states = ["blocked", "scheduled", "pending", "running", "completed", "failed", "cancelled"];

/** What a database without a server must hold. */
export interface Acknowledged {
  readonly requestIds: readonly string[];
  /** Of the queues together. */
  readonly completed: number;
  /** Default: none. */
  readonly eventIds?: readonly string[];
}

/** A task as its row says. */
export interface StoredTask {
  readonly state: string;
  readonly attempt: number;
}

/** What the clients have been told by now. */
export function acknowledgedBy(history: History): Acknowledged {
  const answered = [...history.enqueues.values()].filter(({ taskIds }) => taskIds.length > 0);
  const completed = history.outcomes.filter(({ kind, answers }) => kind === "completed" && answers.includes("settled"));
  return { requestIds: answered.map(({ requestId }) => requestId), completed: completed.length };
}

/** Copies what a dead server left, as it left it, and inspects the copy. */
export async function inspectCopy(db: string, copy: string, acknowledged: Acknowledged): Promise<string[]> {
  await copyLeft(db, copy);
  return inspect(copy, acknowledged);
}

/** Copies what a dead server left, as it left it, and reads how a task stands in the copy. */
export async function readCopy(db: string, copy: string, taskId: string): Promise<StoredTask> {
  await copyLeft(db, copy);
  const left = new Database(copy);
  try {
    const select = left.prepare<[number | null], { state: number; attempt: number }>(
      "SELECT state, attempt FROM task WHERE id = ?",
    );
    const { state = 0, attempt = 0 } = select.get(keyOfId(taskId)) ?? {};
    return { state: states[state - 1] ?? "gone", attempt };
  } finally {
    left.close();
  }
}

async function copyLeft(db: string, copy: string): Promise<void> {
  for (const suffix of ["", "-wal"]) if (existsSync(db + suffix)) await copyFile(db + suffix, copy + suffix);
}

/** Opens a database that no server has open; answers what is wrong with it. */
export function inspect(path: string, { requestIds, completed, eventIds = [] }: Acknowledged): string[] {
  const db = new Database(path);
  try {
    const wrong: string[] = [];
    const integrity = db.prepare<[], string>("PRAGMA integrity_check").pluck().all();
    if (integrity.join() !== "ok") wrong.push(`integrity_check: ${integrity.join("; ")}`);
    const foreign = db.prepare("PRAGMA foreign_key_check").all();
    if (foreign.length > 0) wrong.push(`foreign_key_check: ${foreign.length} rows`);

    const queues = db.prepare<[], Record<string, number> & { id: number }>("SELECT * FROM queue").all();
    const count = db
      .prepare<[number, number], number>("SELECT count(*) FROM task WHERE queue_id = ? AND state = ?")
      .pluck();
    for (const queue of queues) {
      states.forEach((state, index) => {
        const counted = count.get(queue.id, index + 1);
        if (queue[state] !== counted) wrong.push(`${queue.name}: ${state} says ${queue[state]}, ${counted} are there`);
      });
    }
    const stored = new Set(db.prepare<[], string>("SELECT request_id FROM task").pluck().all());
    for (const requestId of requestIds)
      if (!stored.has(requestId)) wrong.push(`${requestId}: acknowledged, and not there`);
    const events = new Set(db.prepare<[], string>("SELECT event_id FROM event").pluck().all());
    for (const id of eventIds) if (!events.has(id)) wrong.push(`event ${id}: acknowledged, and not there`);
    const done = db.prepare<[], number>("SELECT count(*) FROM task WHERE state = 5").pluck().get() ?? 0;
    if (done < completed) wrong.push(`${completed} completions were settled, and ${done} are there`);
    return wrong;
  } finally {
    db.close();
  }
}
