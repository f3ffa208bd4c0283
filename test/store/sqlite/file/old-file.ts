import { readdirSync, readFileSync } from "node:fs";
import Database from "better-sqlite3";

const migrations = new URL("../../../../src/store/sqlite/migrations/", import.meta.url);

/** Makes a file of this version of the schema, and fills it. */
export function writeOldFile(path: string, version: number, sql: string): void {
  const db = new Database(path);
  db.pragma("journal_mode = WAL");
  // "sitq", as the server writes it.
  db.pragma(`application_id = ${0x73697471}`);
  for (const name of readdirSync(migrations).sort().slice(0, version)) {
    db.exec(readFileSync(new URL(name, migrations), "utf8"));
  }
  db.pragma(`user_version = ${version}`);
  db.exec(sql);
  db.close();
}
