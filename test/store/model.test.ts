import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { isPostgresMissing } from "../harness/databases/postgres.ts";
import { commands } from "./model-commands.ts";
import { cleanUp, runCommands, type SharedStore } from "./model-run.ts";
import { postgresForTests } from "./postgres/open-postgres.ts";
import { expectSound } from "./soundness.ts";
import { openSqlite } from "./sqlite/open-sqlite.ts";
import { type OpenStore, type StoreOpener, startMs } from "./store-harness.ts";

/** Every engine; each must behave as the model does. */
const engines: readonly (readonly [string, StoreOpener])[] = [
  ["SQLite", openSqlite],
  ...(isPostgresMissing ? [] : ([["PostgreSQL", postgresForTests()]] as const)),
];

/** How many sequences are tried: more of them on a machine that has the night for it. */
const numRuns = Number(process.env.SITQ_PROPERTY_RUNS ?? 100);
const mostCommands = 40;

for (const [name, open] of engines) {
  let opened: OpenStore;
  let shared: SharedStore;

  beforeAll(async () => {
    opened = await open();
    shared = { store: opened.store, reopen: opened.reopen, crash: opened.crash, now: startMs, runs: 0 };
  });

  afterAll(() => opened.close());

  it(
    `${name} behaves as the model of a task's life, whatever is done to it`,
    async () => {
      await fc.assert(
        fc.asyncProperty(commands(mostCommands), fc.boolean(), async (list, isWatched) => {
          try {
            await runCommands(shared, list, isWatched);
            await expectSound(shared.store);
          } finally {
            await cleanUp(shared);
          }
        }),
        { numRuns },
      );
      expect(shared.runs).toBeGreaterThanOrEqual(numRuns);
    },
    60_000 + 1_000 * numRuns,
  );
}
