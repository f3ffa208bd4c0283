import { existsSync } from "node:fs";
import type Database from "better-sqlite3";
import { openDatabase } from "../sqlite/file/database.ts";
import { findDamages } from "../sqlite/rows/find-damages.ts";
import { StoreRefused } from "../store-refused.ts";
import type { TransferTable } from "./tables.ts";

/** The values of a row, in the order of the table's columns. */
export type RowValues = readonly (number | string | Uint8Array | null)[];

/** The counts of a queue's tasks, and of the deliveries of subscriptions that it holds. */
export interface QueueCountsRow {
  readonly id: number;
  readonly counts: readonly number[];
  /** Each: the subscription, and its waiting, running and failed deliveries. */
  readonly deliveries: readonly (readonly [subscription: number, waiting: number, running: number, failed: number])[];
}

/** A file that is moved, held so that no server opens it meanwhile. */
export class SourceFile {
  /** Tells the file from all others. */
  readonly identity: string;
  private readonly db: Database.Database;
  private readonly guard: { close(): void };

  /**
   * Opens a file and brings its schema up to date.
   *
   * @throws StoreRefused if it is not there, cannot be used, is open by a server, or is damaged
   */
  static open(path: string): SourceFile {
    if (!existsSync(path)) throw new StoreRefused(`${path}: there is no such file.`);
    const { db, guard } = openDatabase(path, "full");
    try {
      return new SourceFile(db, guard, path);
    } catch (error) {
      db.close();
      guard.close();
      throw error;
    }
  }

  private constructor(db: Database.Database, guard: { close(): void }, path: string) {
    this.db = db;
    this.guard = guard;
    const { isUsable, count, named } = findDamages(db);
    if (!isUsable || count > 0) {
      throw new StoreRefused(
        `${path} is damaged: ${named.join(", ")}${count > named.length ? ` and ${count - named.length} more` : ""}. ` +
          "Start a server on it and delete what is damaged, or move a backup from before the damage.",
      );
    }
    this.identity = String(db.prepare("SELECT value FROM meta WHERE name = 'page_key'").pluck().get());
  }

  /** How many rows a table has. */
  count({ name }: TransferTable): number {
    return Number(this.db.prepare(`SELECT count(*) FROM ${name}`).pluck().get());
  }

  /** The next rows of a table behind a key; `null`: from the first. */
  rows(table: TransferTable, after: RowValues | null, limit: number): RowValues[] {
    const key = table.key.join(", ");
    const behind = after === null ? "" : `WHERE (${key}) > (${table.key.map(() => "?").join(", ")})`;
    const columns = table.columns.map(({ name }) => name).join(", ");
    return this.db
      .prepare<unknown[], RowValues>(`SELECT ${columns} FROM ${table.name} ${behind} ORDER BY ${key} LIMIT ?`)
      .raw()
      .all(...(after ?? []), limit);
  }

  /** The last key that was given out. */
  lastKey(): number {
    return Number(
      this.db
        .prepare(
          `SELECT max(ifnull((SELECT max(id) FROM task), 0), ifnull((SELECT max(id) FROM event), 0),
             ifnull((SELECT max(id) FROM workflow), 0), ifnull((SELECT value FROM meta WHERE name = 'last_task_id'), 0))`,
        )
        .pluck()
        .get(),
    );
  }

  /** The last event that retention has deleted; 0: it has deleted none. */
  lastSweptEvent(): number {
    return Number(this.db.prepare("SELECT value FROM meta WHERE name = 'last_swept_event'").pluck().get() ?? 0);
  }

  /** The counts of all queues, as their tasks are: those that are stored beside them may be of before a crash. */
  queueCounts(): QueueCountsRow[] {
    const tasks = this.db
      .prepare<[], [queue: number, state: number, subscription: number | null, n: number]>(
        "SELECT queue_id, state, subscription_id, count(*) FROM task GROUP BY 1, 2, 3",
      )
      .raw()
      .all();
    const byQueue = Map.groupBy(tasks, ([queue]) => queue);
    return Array.from(byQueue, ([id, rows]) => {
      const counts = Array<number>(7).fill(0);
      const deliveries = new Map<number, [number, number, number, number]>();
      for (const [, state, subscription, n] of rows) {
        counts[state - 1] = (counts[state - 1] ?? 0) + n;
        if (subscription === null) continue;
        const of = deliveries.get(subscription) ?? [subscription, 0, 0, 0];
        deliveries.set(subscription, of);
        // Waiting up to 3, RUNNING is 4, FAILED is 6.
        const place = state <= 3 ? 1 : state === 4 ? 2 : state === 6 ? 3 : null;
        if (place !== null) of[place] = (of[place] ?? 0) + n;
      }
      return { id, counts, deliveries: [...deliveries.values()] };
    });
  }

  /** Gives the file free. */
  close(): void {
    this.db.close();
    this.guard.close();
  }
}
