/** Claims of servers that share a database, at the same moment. */

import { expect, test } from "vitest";
import type { Store } from "../../../../src/store/store.ts";
import { newTask } from "../../../harness/calls/builders.ts";
import { isPostgresMissing } from "../../../harness/databases/postgres.ts";
import { startMs } from "../../store-harness.ts";
import { serversForTests } from "../open-postgres.ts";
import { clusterOf, join } from "./sharing.ts";

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
