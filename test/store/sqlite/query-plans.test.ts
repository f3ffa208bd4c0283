import { join } from "node:path";
import { expect, it } from "vitest";
import { createEngine } from "../../../src/store/sqlite/engine/engine.ts";
import { openDatabase } from "../../../src/store/sqlite/file/database.ts";
import { createVerbs } from "../../../src/store/sqlite/thread/verbs.ts";
import { Tallies } from "../../../src/store/tallies/tallies.ts";
import { createTempDir } from "../../harness/temp-dir.ts";

/** Runs only where a queue's counts on the disk were found wrong. */
const recount = /^SELECT queue_id, state, subscription_id, count.* FROM task WHERE queue_id = \?/;

// An index that a later migration makes narrower serves a statement no longer, and nothing fails: it only becomes slow.
it("reads no large table from its first row to its last", async () => {
  await using directory = await createTempDir();
  const { db } = openDatabase(join(directory.path, "sitq.db"), "normal");
  const prepare = db.prepare.bind(db);
  const statements = new Set<string>();
  db.prepare = ((sql: string) => {
    statements.add(sql);
    return prepare(sql);
  }) as typeof db.prepare;
  const noFiles = { databaseBytes: 0, walBytes: 0, freeBytes: 0, reserveBytes: 0 };
  createVerbs(createEngine(db, 1_000, new Tallies(10, () => noFiles)));

  expect(statements.size).toBeGreaterThan(100);
  const scanning = [...statements].filter((sql) => {
    if (recount.test(sql)) return false;
    const names = [...sql.matchAll(/@(\w+)/g)].map(([, name]) => [name, 1]);
    const bound = names.length > 0 ? [Object.fromEntries(names)] : [...sql.matchAll(/\?/g)].map(() => 1);
    const steps = prepare<unknown[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`).all(...bound);
    return steps.some(({ detail }) => /^SCAN (task|attempt|event|workflow|audit_entry)$/.test(detail));
  });
  expect(scanning).toEqual([]);
  db.close();
});
