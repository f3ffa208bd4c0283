/** Tasks where several servers share a database. */

import { test as base, expect } from "vitest";
import type { ClaimedTask, NewTask } from "../../../../src/domain/tasks/task.ts";
import type { Store } from "../../../../src/store/store.ts";
import type { EnqueueAnswer } from "../../../../src/store/task-store.ts";
import { newTask } from "../../../harness/calls/builders.ts";
import { isPostgresMissing } from "../../../harness/databases/postgres.ts";
import { bytes, completed, leaseOf } from "../../outcomes.ts";
import { listAll } from "../../read-all.ts";
import { expectSound } from "../../soundness.ts";
import { startMs } from "../../store-harness.ts";
import { serversForTests } from "../open-postgres.ts";

const openServers = serversForTests();

/** Defines a test of three servers on one schema, which is sound afterwards. */
function test(name: string, body: (stores: readonly [Store, Store, Store]) => Promise<void>): void {
  base.skipIf(isPostgresMissing)(name, { timeout: 60_000 }, async () => {
    const { stores, close } = await openServers(3);
    try {
      await body(stores as [Store, Store, Store]);
      for (const store of stores) await expectSound(store, stores);
    } finally {
      await close();
    }
  });
}

function idOf(answer: EnqueueAnswer | undefined): string {
  if (answer?.status === "created" || answer?.status === "existing") return answer.task.id;
  throw new Error(`refused: ${JSON.stringify(answer)}`);
}

const claimOf = (store: Store, workerId: string, n: number) =>
  store.claim({ queue: "orders", slots: [{ workerId, n }], leaseUntilMs: null }, startMs);

const settle = (store: Store, tasks: readonly ClaimedTask[], result: string | null = null) =>
  store.settle(
    tasks.map((task) => ({ ...leaseOf(task), outcome: completed(result) })),
    startMs,
  );

test("a request that reaches all of them at once makes one task, and each answers it", async (stores) => {
  const requests = Array.from({ length: 400 }, (_, index) => newTask({ requestId: `r${index}` }));
  // In one order here, in another there, in small calls and in one.
  const answers = await Promise.all([
    stores[0].enqueue(requests, startMs),
    Promise.all(requests.toReversed().map((task) => stores[1].enqueue([task], startMs))).then((all) =>
      all.flat().toReversed(),
    ),
    Promise.all(
      Array.from({ length: 8 }, (_, part) => stores[2].enqueue(requests.slice(part * 50, part * 50 + 50), startMs)),
    ).then((all) => all.flat()),
  ]);
  for (const index of requests.keys()) {
    const ofRequest = answers.map((ofStore) => ofStore[index]);
    expect(new Set(ofRequest.map(idOf)).size, `request ${index}`).toBe(1);
    expect(ofRequest.filter((answer) => answer?.status === "created")).toHaveLength(1);
  }
  expect(await listAll(stores[0])).toHaveLength(requests.length);
});

test("a batch is stored whole by one of them, and repeated or refused whole by the others", async (stores) => {
  for (let round = 0; round < 20; round++) {
    const batch = (type: string, offset: number): NewTask[] =>
      Array.from({ length: 10 }, (_, index) =>
        newTask({ type, requestId: `b${round}.${(index + offset) % 10}`, queue: `q${round}` }),
      );
    const [same, again, other] = await Promise.all([
      stores[0].enqueue(batch("a", 0), startMs, true),
      stores[1].enqueue(batch("a", 5), startMs, true),
      stores[2].enqueue(batch("b", 0), startMs, true),
    ]);
    const statuses = [same, again, other].map((answers) => [...new Set(answers.map(({ status }) => status))].sort());
    expect(
      statuses.filter(([status]) => status === "created"),
      JSON.stringify(statuses),
    ).toEqual([["created"]]);
    const isOtherFirst = statuses[2]?.[0] === "created";
    const repeated = isOtherFirst ? statuses.slice(0, 2) : [statuses[2]];
    expect(repeated).toEqual(repeated.map(() => ["request_id_reused"]));
    if (!isOtherFirst) expect(statuses.slice(0, 2)).toContainEqual(["existing"]);
    expect((await stores[0].getQueue(`q${round}`))?.counts.pending).toBe(10);
  }
});

test("a deduplication key has one unfinished task, whatever all of them do with it at once", async (stores) => {
  for (const duplicatePolicy of ["return_existing", "refuse", "replace"] as const) {
    const keys = Array.from({ length: 30 }, (_, index) => `${duplicatePolicy}-${index}`);
    const tasks = keys.map((deduplicationKey) => newTask({ deduplicationKey, duplicatePolicy }));
    const answers = await Promise.all([
      stores[0].enqueue(tasks, startMs),
      stores[1].enqueue(tasks.toReversed(), startMs).then((all) => all.toReversed()),
      Promise.all(tasks.map((task) => stores[2].enqueue([task], startMs))).then((all) => all.flat()),
    ]);
    const left = (await listAll(stores[0])).filter(({ state }) => state === "pending");
    for (const [index, key] of keys.entries()) {
      const found = left.filter(({ deduplicationKey }) => deduplicationKey === key);
      expect(found, key).toHaveLength(1);
      const ofKey = answers.map((ofStore) => ofStore[index]);
      const created = ofKey.filter((answer) => answer?.status === "created");
      expect(created).toHaveLength(duplicatePolicy === "replace" ? 3 : 1);
      expect(created.map(idOf)).toContain(found[0]?.id);
      if (duplicatePolicy === "return_existing") expect(new Set(ofKey.map(idOf)).size).toBe(1);
    }
  }
});

test("each task goes to one worker, whichever of them it claims from, and none is left", async (stores) => {
  const count = 3_000;
  for (let from = 0; from < count; from += 500) {
    await stores[0].enqueue(
      Array.from({ length: 500 }, () => newTask()),
      startMs,
    );
  }
  const handedOut: string[] = [];
  await Promise.all(
    stores.map(async (store, index) => {
      for (;;) {
        const { tasks } = await claimOf(store, `worker-${index}`, 40);
        if (tasks.length === 0) return;
        handedOut.push(...tasks.map(({ id }) => id));
        for (const answer of await settle(store, tasks)) expect(answer.status).toBe("settled");
      }
    }),
  );
  expect(handedOut).toHaveLength(count);
  expect(new Set(handedOut).size).toBe(count);
  expect((await stores[1].getQueue("orders"))?.counts).toMatchObject({ pending: 0, running: 0, completed: count });
});

test("no more tasks of a queue run than may, over all of them", async (stores) => {
  await stores[0].updateQueue("orders", { maxRunning: 3 }, true, startMs);
  await stores[0].enqueue(
    Array.from({ length: 60 }, () => newTask()),
    startMs,
  );
  for (let round = 0; round < 20; round++) {
    const claims = await Promise.all(stores.flatMap((store) => ["a", "b"].map((worker) => claimOf(store, worker, 2))));
    const tasks = claims.flatMap((claim) => claim.tasks);
    expect(tasks, `round ${round}`).toHaveLength(3);
    await settle(stores[round % 3] as Store, tasks);
  }
});

test("an attempt ends once, though two of them hear of its end at once", async (stores) => {
  const [first, second] = stores;
  await first.enqueue(
    Array.from({ length: 100 }, () => newTask()),
    startMs,
  );
  const { tasks } = await claimOf(first, "worker", 100);
  const [ours, theirs] = await Promise.all([
    settle(first, tasks, "ours"),
    settle(second, tasks.toReversed(), "theirs"),
  ]);
  const results = (await first.get(tasks.map(({ id }) => id))).map((found) => found?.task.result);
  for (const [index, answer] of ours.entries()) {
    const other = theirs.toReversed()[index];
    expect([answer.status, other?.status].sort()).toEqual(["already_settled", "settled"]);
    expect(results[index]).toEqual(bytes(answer.status === "settled" ? "ours" : "theirs"));
  }
});

test("times are shifted once, though all of them want to at once", async (stores) => {
  const [answer] = await stores[0].enqueue([newTask({ delayMs: 60_000 })], startMs);
  await Promise.all(stores.map((store) => store.shiftTimes(3_600_000, 0)));
  for (const store of stores) {
    const [found] = await store.get([idOf(answer)]);
    expect(found?.task.scheduleMs).toBe(startMs + 60_000 + 3_600_000);
  }
});
