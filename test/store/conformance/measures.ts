import { describe, expect } from "vitest";
import type { QueueMeasures, StoreMeasures } from "../../../src/store/measures.ts";
import { newStep, newWorkflow, taskFilter } from "../../harness/calls/builders.ts";
import { publish, subscribe } from "../events.ts";
import { completed, failed, leaseLost, released, timedOut } from "../outcomes.ts";
import { release, type StoreHarness, type StoreTest } from "../store-harness.ts";
import { start } from "../workflow-calls.ts";

const on = { measuredQueues: 3 };

async function measure(harness: StoreHarness): Promise<StoreMeasures> {
  const measures = await harness.store.measure(harness.now);
  if (measures === null) throw new Error("nothing is counted");
  return measures;
}

async function measureQueue(harness: StoreHarness, queue = "orders"): Promise<QueueMeasures | undefined> {
  return (await measure(harness)).queues.find((each) => each.queue === queue);
}

const countOf = ({ counts }: { readonly counts: readonly number[] }) => counts.reduce((a, b) => a + b);

/** What is counted for metrics. */
export function describeMeasures(test: StoreTest): void {
  describe("measures", () => {
    test("are not there unless they are asked for", async ({ store, now }) => {
      expect(await store.measure(now)).toBeNull();
      expect(store.answerMeasures()).toBeNull();
    });

    test(
      "count what becomes of tasks, to the unit",
      async (harness) => {
        await harness.enqueueAll(Array.from({ length: 20 }, () => ({ maxAttempts: 2 })));
        harness.tick(2_000);
        const { tasks } = await harness.claim(12);
        harness.tick(500);
        const outcomes = [completed(), completed("bytes"), failed(), failed({ terminal: true }), leaseLost, timedOut()];
        for (const [index, outcome] of outcomes.entries()) {
          const task = tasks[index];
          if (task !== undefined) await harness.settle(task, outcome);
        }
        const settlements = tasks.slice(6, 10).map((task) => ({
          taskId: task.id,
          attempt: task.attempt,
          workerId: task.workerId,
          leaseKind: "stream" as const,
          outcome: completed(),
        }));
        await harness.store.settle(settlements, harness.now);
        // A repeat is none.
        await harness.store.settle(settlements, harness.now);

        const queue = await measureQueue(harness);
        expect(queue).toMatchObject({
          tasks: { blocked: 0, scheduled: 2, pending: 9, running: 2, completed: 6, failed: 1, cancelled: 0 },
          created: 20,
          finished: { completed: 6, failed: 1, cancelled: 0 },
          attempts: { completed: 6, failed: 2, released: 0, lease_lost: 1, timed_out: 1, cancelled: 0 },
          retries: 3,
          paused: false,
        });
        expect(queue && [countOf(queue.wait), queue.wait.sum]).toEqual([12, 24]);
        expect(queue && [countOf(queue.run), queue.run.sum]).toEqual([10, 5]);
        // 2.5 s is a bound.
        expect(queue?.wait.counts[queue.wait.bounds.indexOf(2.5)]).toBe(12);
        expect(queue?.run.counts[queue.run.bounds.indexOf(0.5)]).toBe(10);
      },
      on,
    );

    test(
      "count an attempt whose lease was written before its end as any other",
      async (harness) => {
        await harness.enqueueAll([{}, {}, {}]);
        const { tasks } = await harness.claim(3);
        // Lists see every lease on the disk.
        await harness.store.get(tasks.map(({ id }) => id));
        harness.tick(1_000);
        const [first, ...others] = tasks.map(({ id: taskId, attempt, workerId }) => {
          return { taskId, attempt, workerId, leaseKind: "stream" as const, outcome: completed() };
        });
        await harness.store.settle(first === undefined ? [] : [first], harness.now);
        await harness.store.settle(others, harness.now);
        const queue = await measureQueue(harness);
        expect(queue).toMatchObject({ attempts: { completed: 3 }, finished: { completed: 3 } });
        expect(queue?.run.sum).toBe(3);
      },
      on,
    );

    test(
      "count neither a repeat of a request nor what was given back, and a deletion only as no task",
      async (harness) => {
        await harness.enqueue({ requestId: "r-1" });
        await harness.enqueueAll([{ requestId: "r-1" }, { requestId: "r-2" }]);
        await release(harness, await harness.claimOne());
        const queue = await measureQueue(harness);
        expect(queue).toMatchObject({ created: 2, retries: 0, attempts: { released: 1 }, tasks: { pending: 2 } });
        const waiting = taskFilter({ queue: "orders", states: ["pending"] });
        await harness.store.changeMatching({ kind: "delete" }, waiting, null, false, harness.now);
        expect(await measureQueue(harness)).toMatchObject({ created: 2, tasks: { pending: 0 } });
      },
      on,
    );

    test(
      "say since when the task that waits longest could have begun, whatever its priority and place",
      async (harness) => {
        const oldest = async () => {
          const since = (await measureQueue(harness))?.oldestReadyMs ?? null;
          return since === null ? null : harness.now - since;
        };
        expect(await oldest()).toBeNull();
        await harness.enqueue({ priority: -5 });
        harness.tick(1_000);
        await harness.enqueue({ priority: 5, type: "other" });
        await harness.enqueue({ delayMs: 60_000 });
        harness.tick(1_000);
        expect(await oldest()).toBe(2_000);

        const first = await harness.claimOne();
        expect(await oldest()).toBe(2_000);
        const second = await harness.claimOne();
        expect(await oldest()).toBeNull();
        // It goes back to its old place.
        await harness.settle(second, released());
        expect(await oldest()).toBe(2_000);
        await harness.settle(first, completed());
        await harness.settle(await harness.claimOne(), completed());

        // Of a type that a worker has passed over.
        await harness.enqueue({ type: "strange" });
        harness.tick(3_000);
        const slots = [{ workerId: "w", n: 1 }];
        await harness.store.claim({ queue: "orders", slots, leaseUntilMs: null, types: ["send"] }, harness.now);
        expect(await oldest()).toBe(3_000);
      },
      on,
    );

    test(
      "count queues together that are too many, for good",
      async (harness) => {
        for (const queue of ["a", "b", "other", "c", "d", "e"]) await harness.enqueue({ queue });
        harness.tick(1_000);
        await harness.enqueueAll([{ queue: "d" }, { queue: "b" }]);
        const { queues, queueCount } = await measure(harness);
        expect(queues.map(({ queue, created, tasks }) => [queue, created, tasks.pending])).toEqual([
          ["a", 1, 1],
          ["b", 2, 2],
          ["c", 1, 1],
          ["other", 4, 4],
        ]);
        expect(queueCount).toBe(6);
        expect(harness.now - (queues.at(-1)?.oldestReadyMs ?? 0)).toBe(1_000);

        for (const queue of ["other", "d", "e"]) {
          await harness.settle(await harness.claimOne({ queue }), completed());
        }
        const others = (await measure(harness)).queues.at(-1);
        expect(others).toMatchObject({ tasks: { pending: 1, completed: 3 }, finished: { completed: 3 } });
        expect(others?.oldestReadyMs).toBe(harness.now);
      },
      on,
    );

    test(
      "find the oldest task among many queues that are counted together, in a few looks",
      async (harness) => {
        const names = Array.from({ length: 450 }, (_, n) => `q${n}`);
        await harness.enqueueAll(names.map((queue) => ({ queue })));
        harness.tick(10_000);
        // All but one have younger tasks now.
        for (const queue of names.filter((name) => name !== "q444")) {
          await harness.settle(await harness.claimOne({ queue }), completed());
        }
        await harness.enqueueAll(names.map((queue) => ({ queue })));
        harness.tick(1_000);
        for (let looks = 0; looks < 2; looks++) await measure(harness);
        const others = (await measure(harness)).queues.at(-1);
        expect(harness.now - (others?.oldestReadyMs ?? 0)).toBe(11_000);
      },
      on,
    );

    test(
      "begin at nothing when the store is opened again, but for what there is",
      async (harness) => {
        for (const queue of ["a", "b", "c", "d", "e"]) await harness.enqueue({ queue });
        for (const queue of ["a", "b", "c"]) await harness.settle(await harness.claimOne({ queue }), completed());
        await start(harness, newWorkflow([newStep("first")]));
        await harness.reopen();
        const { queues, workflows } = await measure(harness);
        // Those with something to do are counted apart.
        expect(queues.map(({ queue }) => queue)).toEqual(expect.arrayContaining(["d", "e", "other"]));
        expect(queues.find(({ queue }) => queue === "d")).toMatchObject({ created: 0, tasks: { pending: 1 } });
        expect(queues.at(-1)).toMatchObject({ queue: "other", finished: { completed: 0 }, tasks: { completed: 3 } });
        expect(workflows).toMatchObject({ started: 0, unfinished: { pending: 1, running: 0 } });
      },
      on,
    );

    test(
      "count workflows by their states",
      async (harness) => {
        const unfinished = async () => (await measure(harness)).workflows.unfinished;
        await start(harness, newWorkflow([newStep("first", { service: "w1" })]));
        await start(harness, newWorkflow([newStep("first", { service: "w2", maxAttempts: 1 })]));
        const cancelled = await start(harness, newWorkflow([newStep("first", { service: "w3" })]));
        expect(await unfinished()).toMatchObject({ pending: 3, running: 0 });

        const first = await harness.claimOne({ queue: "w1" });
        const second = await harness.claimOne({ queue: "w2" });
        await harness.store.get([first.id, second.id]);
        expect(await unfinished()).toMatchObject({ pending: 1, running: 2 });
        await harness.settle(first, completed());
        await harness.settle(second, failed({ terminal: true }));
        await harness.store.cancelWorkflow(cancelled, { type: "T", message: "", stackTrace: "" }, false, harness.now);
        const { workflows } = await measure(harness);
        expect(workflows).toEqual({
          started: 3,
          finished: { completed: 1, failed: 1, cancelled: 1 },
          unfinished: { pending: 0, running: 0, completed: 0, failed: 0, cancelled: 0 },
        });
        await harness.store.retryWorkflow(cancelled, harness.now);
        expect(await unfinished()).toMatchObject({ pending: 1 });
      },
      on,
    );

    test(
      "count events, and how far subscriptions are",
      async (harness) => {
        await subscribe(harness, { name: "mail", queue: "mail" });
        await publish(harness, ["e-1", "e-2", "e-3"]);
        harness.tick(4_000);
        await harness.store.updateSubscription("mail", { paused: true });
        await publish(harness, ["e-4"]);
        await publish(harness, ["e-4"]).catch(() => undefined);
        const task = await harness.claimOne({ queue: "mail" });
        let { events, subscriptions } = await measure(harness);
        expect(events).toBe(4);
        expect(subscriptions).toMatchObject([
          { subscription: "mail", deliveries: { waiting: 2, running: 1, failed: 0 } },
        ]);
        expect(harness.now - (subscriptions[0]?.oldestWaitingMs ?? 0)).toBe(4_000);

        await harness.settle(task, failed({ terminal: true }));
        for (let left = 2; left > 0; left--)
          await harness.settle(await harness.claimOne({ queue: "mail" }), completed());
        harness.tick(1_000);
        ({ subscriptions } = await measure(harness));
        expect(subscriptions).toMatchObject([{ deliveries: { waiting: 0, running: 0, failed: 1 } }]);
        // What it has not taken in.
        expect(harness.now - (subscriptions[0]?.oldestWaitingMs ?? 0)).toBe(1_000);
      },
      on,
    );

    test(
      "count subscriptions together that are too many",
      async (harness) => {
        for (const name of ["a", "b", "c", "d", "e"]) await subscribe(harness, { name, queue: name });
        await publish(harness, ["e-1"]);
        const { subscriptions } = await measure(harness);
        expect(subscriptions.map(({ subscription, deliveries }) => [subscription, deliveries.waiting])).toEqual([
          ["a", 1],
          ["b", 1],
          ["c", 1],
          ["other", 2],
        ]);
      },
      on,
    );

    test(
      "count commits, and read what the files take",
      async (harness) => {
        await Promise.all([harness.enqueue(), harness.enqueue(), harness.enqueue()]);
        const { commits, files } = await measure(harness);
        expect(countOf(commits.duration)).toBe(countOf(commits.sync));
        expect(commits.calls.sum).toBeGreaterThanOrEqual(3);
        expect(commits.duration.sum).toBeGreaterThanOrEqual(commits.sync.sum);
        expect(files.databaseBytes).toBeGreaterThan(0);
        expect(files.walBytes).toBeGreaterThan(0);
        expect(harness.store.answerMeasures()?.duration.counts.length).toBeGreaterThan(1);
      },
      on,
    );
  });
}
