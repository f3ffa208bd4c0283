/** Answers that are lost with their connection, of transactions whose commits were sent along with their last statements. */

import { afterAll, beforeAll, expect, test } from "vitest";
import { openPostgres } from "../../../../src/store/postgres/postgres-store.ts";
import type { Store } from "../../../../src/store/store.ts";
import { newTask } from "../../../harness/calls/builders.ts";
import { isPostgresMissing, type PostgresServer, startPostgres } from "../../../harness/databases/postgres.ts";
import { startCutter } from "../cutter.ts";

const nowMs = Date.UTC(2026, 6, 1, 12);
const n = 6;
const plan = { queue: "orders", slots: [{ workerId: "w", n }], leaseUntilMs: null };

let server: PostgresServer;
beforeAll(async () => {
  if (!isPostgresMissing) server = await startPostgres();
});
afterAll(() => server?.stop());

const taskIds = async (store: Store) =>
  (await store.claim(plan, nowMs)).tasks.map(({ id, attempt }) => ({ id, attempt }));
const completed = (held: readonly { id: string; attempt: number }[]) =>
  held.map(({ id, attempt }) => ({
    taskId: id,
    attempt,
    workerId: "w",
    leaseKind: "stream" as const,
    outcome: { kind: "completed" as const, result: null },
  }));

const several = () => Array.from({ length: n }, () => newTask());
const cases = (["before", "after"] as const).flatMap((side) =>
  (["the ends of attempts", "new tasks"] as const).map((beside) => ({ side, beside })),
);

test.skipIf(isPostgresMissing).each(cases)(
  "of claims beside $beside whose commit is cut $side it, each task is handed out once, and each end counts once",
  async ({ side, beside }) => {
    const proxy = await startCutter(server.url);
    const store = await openPostgres({ url: proxy.url, schema: `lost_${side}_${beside.replaceAll(" ", "_")}` });
    try {
      // A server that is alone takes keys in its transactions.
      await store.cluster?.renew();
      const rounds = 5;
      const done: string[] = [];
      for (let round = 1; round <= rounds; round++) {
        await store.enqueue(several(), nowMs);
        const held = await taskIds(store);
        if (beside === "the ends of attempts") await store.enqueue(several(), nowMs);
        else await store.settle(completed(held), nowMs);
        proxy.cutAtCommit(side);
        // Together in a transaction.
        const [statuses, next] = await Promise.all([
          beside === "new tasks" ? store.enqueue(several(), nowMs) : store.settle(completed(held), nowMs),
          taskIds(store),
        ]);
        expect(proxy.cuts).toBe(round);
        for (const { status } of statuses)
          expect(beside === "new tasks" ? ["created"] : ["settled", "already_settled"]).toContain(status);
        // The first attempt of each.
        expect(next.map(({ attempt }) => attempt)).toEqual(Array.from({ length: n }, () => 1));
        await store.settle(completed(next), nowMs);
        done.push(...held.map(({ id }) => id), ...next.map(({ id }) => id));
      }
      expect(new Set(done).size).toBe(2 * n * rounds);
      expect(await taskIds(store)).toEqual([]);
      expect(await store.getQueue("orders")).toMatchObject({
        counts: { pending: 0, running: 0, completed: 2 * n * rounds },
      });
    } finally {
      await store.close();
      await proxy.stop();
    }
  },
);

test.skipIf(isPostgresMissing)(
  "a transaction that reaches the database after its outcome was looked up does nothing",
  async () => {
    const proxy = await startCutter(server.url);
    const store = await openPostgres({ url: proxy.url, schema: "late" });
    try {
      await store.cluster?.renew();
      const rounds = 3;
      for (let round = 1; round <= rounds; round++) {
        await store.enqueue([...several(), ...several(), ...several()], nowMs);
        const first = await taskIds(store);
        proxy.cutAtCommit("late");
        const second = await taskIds(store);
        expect(proxy.cuts).toBe(round);
        expect(await proxy.deliver()).toBe("ROLLBACK");
        const third = await taskIds(store);
        expect(new Set([...first, ...second, ...third].map(({ id }) => id)).size).toBe(3 * n);
        await store.settle(completed([...first, ...second, ...third]), nowMs);
      }
      expect(await store.getQueue("orders")).toMatchObject({
        counts: { pending: 0, running: 0, completed: 3 * n * rounds },
      });
    } finally {
      await store.close();
      await proxy.stop();
    }
  },
);
