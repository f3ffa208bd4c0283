import { test as base, expect } from "vitest";
import type { Store } from "../../../../src/store/store.ts";
import { newTask, taskError, taskFilter } from "../../../harness/calls/builders.ts";
import { isPostgresMissing } from "../../../harness/databases/postgres.ts";
import { createdIds } from "../../answers.ts";
import { listIds } from "../../read-all.ts";
import { expectSound } from "../../soundness.ts";
import { startMs } from "../../store-harness.ts";
import { serversForTests } from "../open-postgres.ts";

const test = base.skipIf(isPostgresMissing);
const openServers = serversForTests();
const key = { deduplicationKey: "key" };

/** Runs a test on two servers, which share what is stored. */
async function onTwo(body: (one: Store, other: Store) => Promise<void>): Promise<void> {
  const { stores, close } = await openServers(2);
  const [one, other] = stores;
  try {
    if (one === undefined || other === undefined) throw new Error("two servers are missing");
    await body(one, other);
    await expectSound(one, [one, other]);
    await expectSound(other, [one, other]);
  } finally {
    await close();
  }
}

test("two servers put the same tasks back once each", () =>
  onTwo(async (one, other) => {
    const tasks = Array.from({ length: 50 }, () => newTask());
    const ids = createdIds(await one.enqueue(tasks, startMs));
    await one.cancel(ids, taskError(), startMs);
    const backwards = ids.toReversed();
    const answers = await Promise.all([one.retry(ids, startMs), other.retry(backwards, startMs)]);
    const retried = answers.flat().filter(({ status }) => status === "retried");
    expect(retried).toHaveLength(ids.length);
    expect(answers.flat().filter(({ status }) => status === "not_retryable")).toHaveLength(ids.length);
    expect((await one.getQueue("orders"))?.counts).toMatchObject({ pending: ids.length, cancelled: 0 });
  }));

test("a deduplication key goes to one of two tasks that two servers give it at once", () =>
  onTwo(async (one, other) => {
    for (let round = 0; round < 20; round++) {
      const queue = `queue-${round}`;
      const [id = ""] = createdIds(await one.enqueue([newTask({ queue, ...key })], startMs));
      await one.cancel([id], taskError(), startMs);
      const [[retried], [enqueued]] = await Promise.all([
        one.retry([id], startMs),
        other.enqueue([newTask({ queue, ...key })], startMs),
      ]);
      expect([retried?.status, enqueued?.status].sort()).toEqual(
        retried?.status === "retried" ? ["existing", "retried"] : ["created", "duplicate"],
      );
      expect(await listIds(other, { queue, states: ["pending"] })).toHaveLength(1);
    }
  }));

test("a deduplication key is not taken along into a queue in which another server has just given it away", () =>
  onTwo(async (one, other) => {
    for (let round = 0; round < 20; round++) {
      const queue = `to-${round}`;
      const [id = ""] = createdIds(await one.enqueue([newTask({ queue: `from-${round}`, ...key })], startMs));
      const [moved, [enqueued]] = await Promise.all([
        one.update(id, { queue }, startMs),
        other.enqueue([newTask({ queue, ...key })], startMs),
      ]);
      expect([moved.status, enqueued?.status].sort()).toEqual(
        moved.status === "updated" ? ["existing", "updated"] : ["created", "duplicate"],
      );
      expect(await listIds(other, { queue, states: ["pending"] })).toHaveLength(1);
    }
  }));

test("two servers change all that match together, each task once", () =>
  onTwo(async (one, other) => {
    const tasks = Array.from({ length: 400 }, () => newTask());
    await one.enqueue(tasks, startMs);
    const change = { kind: "cancel", error: taskError() } as const;
    const batches = await Promise.all(
      [one, other].map((store) => store.changeMatching(change, taskFilter(), null, false, startMs)),
    );
    expect(batches.reduce((sum, { count }) => sum + count, 0)).toBe(tasks.length);
    expect((await other.getQueue("orders"))?.counts).toMatchObject({ pending: 0, cancelled: tasks.length });
  }));
