import { readdirSync, readFileSync } from "node:fs";
import type Database from "better-sqlite3";
import { StoreRefused } from "../../store-refused.ts";

const directory = new URL("../migrations/", import.meta.url);

/** A step of the schema: `NNNN_subject.sql`, numbered from 1 without gaps, never changed once released. */
interface Migration {
  readonly version: number;
  readonly sql: string;
}

function readMigrations(): Migration[] {
  return readdirSync(directory)
    .filter((name) => name.endsWith(".sql"))
    .sort()
    .map((name) => ({ version: Number(name.slice(0, 4)), sql: readFileSync(new URL(name, directory), "utf8") }));
}

/**
 * Reads the schema, and changes nothing yet.
 *
 * @returns brings it up to date, one transaction a step, so that an interrupted run goes on where it was; `null`: it is
 * @throws StoreRefused if the schema is newer than this program
 */
export function prepareMigration(db: Database.Database, path: string): (() => void) | null {
  const migrations = readMigrations();
  const current = Number(db.pragma("user_version", { simple: true }));
  const newest = migrations.at(-1)?.version ?? 0;
  if (current > newest) {
    throw new StoreRefused(
      `${path} was written by a newer sitq (schema ${current}; this one knows up to ${newest}). ` +
        "Run the newer version, or restore a backup from before the upgrade.",
    );
  }
  if (current === newest) return null;
  return () => {
    for (const { version, sql } of migrations.filter((migration) => migration.version > current)) {
      db.transaction(() => {
        db.exec(sql);
        db.pragma(`user_version = ${version}`);
      })();
    }
  };
}
