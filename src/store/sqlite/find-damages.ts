import type Database from "better-sqlite3";
import {
  bytesChecksum,
  type DeliveredTask,
  deliveredTaskColumns,
  eventChecksum,
  isSound,
  isSoundResult,
  planChecksum,
  type StoredResult,
  taskChecksum,
} from "./checksums.ts";
import { type FullEventRow, fullEventColumns } from "./event-rows.ts";
import { idOfKey } from "./ids.ts";

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

/** Reads all that may still be delivered, and answers what is not as it was stored, at most a few of it. */
export function findDamages(db: Database.Database): string[] {
  return [...damagesOf(db)].slice(0, mostNamed);
}

function* damagesOf(db: Database.Database): Generator<string> {
  const tasks = db.prepare<[], DeliveredTask & { readonly checksum: number | null }>(
    `SELECT ${deliveredTaskColumns}, checksum FROM task WHERE state <= 4 AND checksum IS NOT NULL`,
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
