import type Database from "better-sqlite3";
import { idOfKey } from "../../../domain/ids.ts";
import { taskIs } from "../../rows/task-states.ts";
import type { CopyDamages } from "../../store.ts";
import { bytesChecksum, isSound, planChecksum } from "./checksums.ts";
import { eventChecksum, type FullEventRow, fullEventColumns } from "./event-rows.ts";
import {
  type DeliveredTask,
  deliveredTaskColumns,
  isSoundResult,
  type StoredResult,
  taskChecksum,
} from "./task-checksum.ts";

/** How many are named. */
const mostNamed = 10;

interface WorkflowContent {
  readonly id: number;
  readonly name: string;
  readonly plan: string;
  readonly input: Uint8Array | null;
  readonly plan_checksum: number | null;
  readonly input_checksum: number | null;
}

/**
 * What SQLite's check says of single rows: the rest of the file can be used. Whatever else it says is of the form of the file
 * (https://sqlite.org/pragma.html#pragma_integrity_check).
 */
const ofRows = [
  /^row \d+ missing from index /,
  /^wrong # of entries in index /,
  /^non-unique entry in index /,
  /^CHECK constraint failed in /,
  /^(NULL|non-[A-Z]+|TEXT|NUMERIC) value in /,
];

/** Reads a whole database, and answers what of it is not as it was stored. @throws SQLite's error if it cannot be read whole */
export function findDamages(db: Database.Database): FoundInCopy {
  const problems = db.prepare<[], string>("PRAGMA integrity_check").pluck().all();
  const found = problems.filter((problem) => problem !== "ok");
  const isUsable = found.every((problem) => ofRows.some((pattern) => pattern.test(problem)));
  if (!isUsable) return { isUsable, count: found.length, named: found.slice(0, mostNamed) };
  const damages = [...damagesOf(db), ...found];
  return { isUsable, count: damages.length, named: damages.slice(0, mostNamed) };
}

/** What was found by a check of a copy. */
export interface FoundInCopy extends CopyDamages {
  /** A server can be started with it. */
  readonly isUsable: boolean;
}

function* damagesOf(db: Database.Database): Generator<string> {
  const tasks = db.prepare<[], DeliveredTask & { readonly checksum: number | null }>(
    `SELECT ${deliveredTaskColumns}, checksum FROM task WHERE ${taskIs.unfinished} AND checksum IS NOT NULL`,
  );
  for (const row of tasks.iterate()) if (!isSound(row, taskChecksum)) yield `task ${idOfKey(row.id)}`;

  const results = db.prepare<[], StoredResult>(
    "SELECT id, result, result_checksum FROM task WHERE result_checksum IS NOT NULL",
  );
  for (const row of results.iterate()) {
    if (!isSoundResult(row)) yield `the result of task ${idOfKey(row.id)}`;
  }

  const events = db.prepare<[], FullEventRow>(`SELECT ${fullEventColumns} FROM event WHERE checksum IS NOT NULL`);
  for (const row of events.iterate()) if (!isSound(row, eventChecksum)) yield `event ${idOfKey(row.id)}`;

  const workflows = db.prepare<[], WorkflowContent>(
    "SELECT id, name, plan, input, plan_checksum, input_checksum FROM workflow WHERE plan_checksum IS NOT NULL",
  );
  for (const { id, name, plan, input, plan_checksum, input_checksum } of workflows.iterate()) {
    if (plan_checksum === planChecksum(id, name, plan) && input_checksum === bytesChecksum(id, input)) continue;
    yield `workflow ${idOfKey(id)}`;
  }
}
