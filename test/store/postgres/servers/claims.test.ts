/** Claims of servers that share a database, at the same moment. */

import { expect, test } from "vitest";
import { stateNumber } from "../../../../src/store/rows/task-states.ts";
import type { Store } from "../../../../src/store/store.ts";
import { newTask } from "../../../harness/calls/builders.ts";
import { isPostgresMissing } from "../../../harness/databases/postgres.ts";
import { startMs } from "../../store-harness.ts";
import { serversForTests } from "../open-postgres.ts";
import { clusterOf, join, sql } from "./sharing.ts";

const openServers = serversForTests();
const rounds = 20;
const n = 40;

test.skipIf(isPostgresMissing)(
  "claims of types are filled, though others take the head of the line",
  { timeout: 60_000 },
  async () => {
    const servers = await openServers(3);
    try {
      const stores = servers.stores as readonly Store[];
      for (const [index, store] of stores.entries()) await join(clusterOf(store), `server-${index}`);
      for (const store of stores) expect((await clusterOf(store).renew()).servers).toHaveLength(3);
      await stores[0]?.enqueue(
        Array.from({ length: stores.length * rounds * n }, () => newTask({ type: "a" })),
        startMs,
      );

      const claimed: string[] = [];
      for (let round = 0; round < rounds; round++) {
        const plan = { queue: "orders", types: ["a", "b"], slots: [{ workerId: "w", n }], leaseUntilMs: null };
        const claims = await Promise.all(stores.map((store) => store.claim(plan, startMs)));
        for (const { tasks } of claims) {
          expect(tasks).toHaveLength(n);
          claimed.push(...tasks.map(({ id }) => id));
        }
      }
      expect(new Set(claimed).size).toBe(stores.length * rounds * n);
    } finally {
      await servers.close();
    }
  },
);

/** So many that nobody of these claims takes stand before those behind them: more than a claim looks through at first. */
const others = 100;
const slots = 20;
const claimOfTypes = { queue: "orders", types: ["a"], slots: [{ workerId: "w", n: slots }], leaseUntilMs: null };

test.skipIf(isPostgresMissing)(
  "a claim that begins what it finds and looks further hands out each payload whole",
  { timeout: 60_000 },
  async () => {
    const servers = await openServers(1);
    try {
      const [store] = servers.stores as [Store];
      const large = (n: number, length: number) =>
        Array.from({ length: n }, (_, index) =>
          newTask({ type: "a", payload: new Uint8Array(length).fill(index + 1) }),
        );
      for (const lengths of [
        [400_000, 400_000],
        [600_000, 600_000],
        [10, 900_000],
      ] as const) {
        const [before, behind] = [large(8, lengths[0]), large(10, lengths[1])];
        await store.enqueue(before, startMs);
        await store.enqueue(
          Array.from({ length: others }, () => newTask({ type: "b" })),
          startMs,
        );
        await store.enqueue(behind, startMs);
        const payloads: (Uint8Array | null)[] = [];
        for (let claims = 0; payloads.length < before.length + behind.length && claims < 20; claims++) {
          const { tasks } = await store.claim(claimOfTypes, startMs);
          payloads.push(...tasks.map(({ payload }) => payload));
        }
        expect(payloads.map((each) => [each?.length, each?.[0]])).toEqual(
          [...before, ...behind].map(({ payload }) => [payload?.length, payload?.[0]]),
        );
      }
    } finally {
      await servers.close();
    }
  },
);

test.skipIf(isPostgresMissing)(
  "a claim that begins what it finds and meets expired tasks behind it hands out all that it has begun",
  { timeout: 60_000 },
  async () => {
    const servers = await openServers(1);
    try {
      const [store] = servers.stores as [Store];
      const several = (n: number, task: Parameters<typeof newTask>[0]) =>
        Array.from({ length: n }, () => newTask(task));
      await store.enqueue(several(5, { type: "a" }), startMs);
      await store.enqueue(several(others, { type: "b" }), startMs);
      await store.enqueue(several(3, { type: "a", expireMs: startMs + 1 }), startMs);
      await store.enqueue(several(7, { type: "a" }), startMs);
      const claimed = new Set<string>();
      for (let short: string | null = "cut"; short === "cut"; ) {
        const answer = await store.claim(claimOfTypes, startMs + 10);
        for (const { id } of answer.tasks) claimed.add(id);
        short = answer.short;
        expect(await sql(servers, "SELECT count(*)::int AS n FROM task WHERE worker_id = 'w'")).toEqual([
          { n: claimed.size },
        ]);
      }
      expect(claimed.size).toBe(5 + 7);
    } finally {
      await servers.close();
    }
  },
);

test.skipIf(isPostgresMissing)(
  "what a claim has begun is handed out, also where another server puts tasks aside at the same moment",
  { timeout: 60_000 },
  async () => {
    const servers = await openServers(1);
    try {
      const [store] = servers.stores as [Store];
      const { types, ...claimOfAll } = claimOfTypes;
      await store.enqueue(
        [newTask({ dispatch: { strategy: "round_robin" } }), newTask(), newTask({ type: "b", delayMs: 1 })],
        startMs,
      );
      // As if it were committed right behind the statement by which the attempts begin.
      await sql(
        servers,
        `CREATE FUNCTION aside() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
           UPDATE "${servers.schema}".task SET lane = 'type:b', state = ${stateNumber.pending} WHERE type = 'b'; RETURN NULL; END $$;
         CREATE TRIGGER aside AFTER UPDATE ON task FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION aside()`,
      );
      const { tasks } = await store.claim(claimOfAll, startMs);
      expect(tasks.map(({ type }) => type)).toEqual([newTask().type]);
      expect(await sql(servers, "SELECT count(*)::int AS n FROM task WHERE worker_id = 'w'")).toEqual([{ n: 1 }]);
    } finally {
      await servers.close();
    }
  },
);

test.skipIf(isPostgresMissing)(
  "a claim of types that goes through a thousand tasks says that there may be more",
  { timeout: 60_000 },
  async () => {
    const servers = await openServers(1);
    try {
      const [store] = servers.stores as [Store];
      await store.enqueue(
        Array.from({ length: 2_000 }, () => newTask({ type: "a" })),
        startMs,
      );
      const plan = { ...claimOfTypes, slots: [{ workerId: "w", n: 1_024 }] };
      const first = await store.claim(plan, startMs);
      expect(first.tasks.length === 1_024 ? null : "cut").toBe(first.short);
      const second = await store.claim(plan, startMs);
      expect(first.tasks.length + second.tasks.length).toBe(2_000);
    } finally {
      await servers.close();
    }
  },
);
