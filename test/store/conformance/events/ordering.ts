import fc from "fast-check";
import { describe, expect } from "vitest";
import type { BulkChange } from "../../../../src/domain/operators/operator-changes.ts";
import { isFinished, type TaskState } from "../../../../src/domain/tasks/task.ts";
import { newEvent, newSubscription, taskError, taskFilter } from "../../../harness/calls/builders.ts";
import { completed, failed, leaseLost, type Outcome, released } from "../../outcomes.ts";
import { advanceAll, listAll } from "../../read-all.ts";
import type { StoreHarness, StoreTest } from "../../store-harness.ts";

async function subscribe(harness: StoreHarness): Promise<void> {
  const wish = newSubscription({ orderingKey: "subject", maxAttempts: 1 });
  expect(await harness.store.createSubscription(wish, { kind: "now" }, harness.now)).toMatchObject({
    status: "created",
  });
}

async function publish(harness: StoreHarness, ...subjects: (string | null)[]): Promise<void> {
  await harness.store.publish(
    subjects.map((subject, index) => newEvent({ id: `${index}`, subject })),
    harness.now,
  );
}

/** What may be claimed now, by event id. */
async function claimed(harness: StoreHarness) {
  const { tasks } = await harness.claim(10, { queue: "mail" });
  return tasks;
}

const eventIds = (tasks: Awaited<ReturnType<typeof claimed>>) => tasks.map(({ event }) => event?.id);

/** The order of deliveries by key. */
export function describeOrdering(test: StoreTest): void {
  describe("deliveries with an ordering key", () => {
    test("wait for the one before them, and only for that of their own key", async (harness) => {
      await subscribe(harness);
      await publish(harness, "a", "a", "b", null, "a");
      const first = await claimed(harness);
      expect(eventIds(first)).toEqual(["0", "2", "3"]);
      expect(await claimed(harness)).toEqual([]);

      for (const task of first) await harness.settle(task, completed());
      const second = await claimed(harness);
      expect(eventIds(second)).toEqual(["1"]);
    });

    test("go on when the one before fails for good, is cancelled or deleted", async (harness) => {
      await subscribe(harness);
      await publish(harness, "a", "a", "a", "a");
      const [one] = await claimed(harness);
      if (one === undefined) throw new Error("nothing was delivered");
      await harness.settle(one, failed());
      const [two] = await claimed(harness);
      await harness.store.cancel([two?.id ?? ""], { type: "", message: "", stackTrace: "" }, harness.now);
      const { tasks } = await harness.store.list({
        filter: taskFilter({ queue: "mail", states: ["pending"] }),
        cursor: null,
        limit: 10,
        full: true,
        maxBytes: 1_000,
      });
      expect(tasks.map(({ event }) => event?.id)).toEqual(["2"]);
      await harness.store.delete(
        tasks.map(({ id }) => id),
        harness.now,
      );
      expect(eventIds(await claimed(harness))).toEqual(["3"]);
    });

    test("are put back in their turn: never two of a key at once", async (harness) => {
      await subscribe(harness);
      await publish(harness, "a", "a", "a");
      const [one] = await claimed(harness);
      if (one === undefined) throw new Error("nothing was delivered");
      await harness.settle(one, failed());
      expect(await harness.store.retry([one.id], harness.now)).toMatchObject([
        { status: "retried", task: { state: "blocked" } },
      ]);
      const [two] = await claimed(harness);
      if (two === undefined) throw new Error("nothing goes on");
      expect(two.event?.id).toBe("1");
      expect(await claimed(harness)).toEqual([]);
      await harness.settle(two, completed());
      const [again] = await claimed(harness);
      expect(again).toMatchObject({ id: one.id, attempt: 2 });
    });

    test("are one at a time and in order for each key, whatever is done to them", async (harness) => {
      const keys = ["a", "b", null] as const;
      await subscribeMore(harness);
      const operation = fc.record({
        what: fc.constantFrom(
          ...(["publish", "publish", "claim", "complete", "fail", "retry later", "release", "lose"] as const),
          ...(["cancel", "delete", "retry", "advance", "reopen", "purge", "cancelSome"] as const),
        ),
        pick: fc.nat(1_000),
      });
      let published = 0;
      await fc.assert(
        fc.asyncProperty(fc.array(operation, { maxLength: 60 }), async (operations) => {
          for (const { what, pick } of operations) {
            const all = await listAll(harness.store, taskFilter({ queue: "mail" }));
            const any = all[pick % Math.max(all.length, 1)];
            const running = all.filter(({ state }) => state === "running");
            const one = running[pick % Math.max(running.length, 1)];
            const settle = async (outcome: Outcome) => {
              if (one?.workerId == null) return;
              const { id: taskId, attempt, workerId } = one;
              await harness.store.settle([{ taskId, attempt, workerId, leaseKind: "stream", outcome }], harness.now);
            };
            const changeSome = async (change: BulkChange, states: readonly TaskState[]) => {
              const filter = taskFilter({ queue: "mail", states });
              await harness.store.changeMatching(change, filter, null, false, harness.now);
            };
            switch (what) {
              case "publish":
                await harness.store.publish(
                  [newEvent({ id: `p-${published++}`, subject: keys[pick % 3] ?? null })],
                  harness.now,
                );
                break;
              case "claim":
                await harness.claim(1 + (pick % 3), { queue: "mail" });
                break;
              case "complete":
                await settle(completed());
                break;
              case "fail":
                await settle(failed({ terminal: true }));
                break;
              case "retry later":
                await settle(failed({ retryDelayMs: 1_000 }));
                break;
              case "release":
                await settle(released(pick % 2 === 0 ? null : 1_000));
                break;
              case "lose":
                await settle(leaseLost);
                break;
              case "cancel":
                if (any) await harness.store.cancel([any.id], taskError(), harness.now);
                break;
              case "delete":
                if (any) await harness.store.delete([any.id], harness.now);
                break;
              case "retry":
                if (any) await harness.store.retry([any.id], harness.now);
                break;
              case "advance":
                await advanceAll(harness.store, harness.tick(1_000));
                break;
              case "purge":
                await changeSome({ kind: "delete" }, pick % 2 === 0 ? ["blocked"] : ["pending", "failed"]);
                break;
              case "cancelSome":
                await changeSome({ kind: "cancel", error: taskError() }, pick % 2 === 0 ? ["blocked"] : []);
                break;
              case "reopen":
                if (pick % 5 === 0) await harness.reopen();
                break;
            }
            await expectOrdered(harness);
          }
        }),
        { numRuns: 25 },
      );
      // In the end all of it can be worked off.
      for (let round = 0; (await harness.store.getQueue("mail"))?.counts.blocked !== 0; round++) {
        expect(round).toBeLessThan(5_000);
        await advanceAll(harness.store, harness.tick(1_000));
        await harness.claim(100, { queue: "mail" });
        for (const lease of await harness.store.leases()) {
          await harness.store.settle([{ ...lease, outcome: completed() }], harness.now);
        }
      }
    });
  });
}

async function subscribeMore(harness: StoreHarness): Promise<void> {
  const wish = newSubscription({ orderingKey: "subject", maxAttempts: 3 });
  expect(await harness.store.createSubscription(wish, { kind: "now" }, harness.now)).toMatchObject({
    status: "created",
  });
}

/** Of the unfinished deliveries of each key exactly one is not BLOCKED; of those without a key none is. */
async function expectOrdered(harness: StoreHarness): Promise<void> {
  const tasks = await listAll(harness.store, taskFilter({ queue: "mail" }), { full: true });
  const byKey = Map.groupBy(
    tasks.filter(({ state }) => !isFinished(state)),
    ({ event }) => event?.subject ?? null,
  );
  for (const [key, unfinished] of byKey) {
    const free = unfinished.filter(({ state }) => state !== "blocked").length;
    expect(free, `of key ${key}`).toBe(key === null ? unfinished.length : 1);
  }
}
