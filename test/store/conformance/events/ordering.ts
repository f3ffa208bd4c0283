import fc from "fast-check";
import { describe, expect } from "vitest";
import { isFinished } from "../../../../src/domain/tasks/task.ts";
import { newEvent, newSubscription, taskError, taskFilter } from "../../../harness/calls/builders.ts";
import { completed, failed, leaseLost, type Outcome, released } from "../../outcomes.ts";
import { advanceAll, listAll } from "../../read-all.ts";
import type { Lab, StoreTest } from "../../store-harness.ts";

async function subscribe(lab: Lab): Promise<void> {
  const wish = newSubscription({ orderingKey: "subject", maxAttempts: 1 });
  expect(await lab.store.createSubscription(wish, { kind: "now" }, lab.now)).toMatchObject({ status: "created" });
}

async function publish(lab: Lab, ...subjects: (string | null)[]): Promise<void> {
  await lab.store.publish(
    subjects.map((subject, index) => newEvent({ id: `${index}`, subject })),
    lab.now,
  );
}

/** What may be claimed now, by event id. */
async function claimed(lab: Lab) {
  const { tasks } = await lab.claim(10, { queue: "mail" });
  return tasks;
}

const eventIds = (tasks: Awaited<ReturnType<typeof claimed>>) => tasks.map(({ event }) => event?.id);

/** The order of deliveries by key. */
export function describeOrdering(test: StoreTest): void {
  describe("deliveries with an ordering key", () => {
    test("wait for the one before them, and only for that of their own key", async (lab) => {
      await subscribe(lab);
      await publish(lab, "a", "a", "b", null, "a");
      const first = await claimed(lab);
      expect(eventIds(first)).toEqual(["0", "2", "3"]);
      expect(await claimed(lab)).toEqual([]);

      for (const task of first) await lab.settle(task, completed());
      const second = await claimed(lab);
      expect(eventIds(second)).toEqual(["1"]);
    });

    test("go on when the one before fails for good, is cancelled or deleted", async (lab) => {
      await subscribe(lab);
      await publish(lab, "a", "a", "a", "a");
      const [one] = await claimed(lab);
      if (one === undefined) throw new Error("nothing was delivered");
      await lab.settle(one, failed());
      const [two] = await claimed(lab);
      await lab.store.cancel([two?.id ?? ""], { type: "", message: "", stackTrace: "" }, lab.now);
      const { tasks } = await lab.store.list({
        filter: {
          queue: "mail",
          type: null,
          states: ["pending"],
          correlationId: null,
          createdAfterMs: null,
          createdBeforeMs: null,
        },
        beforeId: null,
        limit: 10,
        full: true,
        maxBytes: 1_000,
      });
      expect(tasks.map(({ event }) => event?.id)).toEqual(["2"]);
      await lab.store.delete(
        tasks.map(({ id }) => id),
        lab.now,
      );
      expect(eventIds(await claimed(lab))).toEqual(["3"]);
    });

    test("are put back in their turn: never two of a key at once", async (lab) => {
      await subscribe(lab);
      await publish(lab, "a", "a", "a");
      const [one] = await claimed(lab);
      if (one === undefined) throw new Error("nothing was delivered");
      await lab.settle(one, failed());
      expect(await lab.store.retry([one.id], lab.now)).toMatchObject([
        { status: "retried", task: { state: "blocked" } },
      ]);
      const [two] = await claimed(lab);
      if (two === undefined) throw new Error("nothing goes on");
      expect(two.event?.id).toBe("1");
      expect(await claimed(lab)).toEqual([]);
      await lab.settle(two, completed());
      const [again] = await claimed(lab);
      expect(again).toMatchObject({ id: one.id, attempt: 2 });
    });

    test("are one at a time and in order for each key, whatever is done to them", async (lab) => {
      const keys = ["a", "b", null] as const;
      await subscribeMore(lab);
      const operation = fc.record({
        what: fc.constantFrom(
          ...(["publish", "publish", "claim", "complete", "fail", "retry later", "release", "lose"] as const),
          ...(["cancel", "delete", "retry", "advance", "reopen", "purge"] as const),
        ),
        pick: fc.nat(1_000),
      });
      let published = 0;
      await fc.assert(
        fc.asyncProperty(fc.array(operation, { maxLength: 60 }), async (operations) => {
          for (const { what, pick } of operations) {
            const all = await listAll(lab.store, taskFilter({ queue: "mail" }));
            const any = all[pick % Math.max(all.length, 1)];
            const running = all.filter(({ state }) => state === "running");
            const one = running[pick % Math.max(running.length, 1)];
            const settle = async (outcome: Outcome) => {
              if (one?.workerId == null) return;
              const { id, attempt, workerId } = one;
              await lab.store.settle([{ id, attempt, workerId, lease: "stream", outcome }], lab.now);
            };
            switch (what) {
              case "publish":
                await lab.store.publish(
                  [newEvent({ id: `p-${published++}`, subject: keys[pick % 3] ?? null })],
                  lab.now,
                );
                break;
              case "claim":
                await lab.claim(1 + (pick % 3), { queue: "mail" });
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
                if (any) await lab.store.cancel([any.id], taskError(), lab.now);
                break;
              case "delete":
                if (any) await lab.store.delete([any.id], lab.now);
                break;
              case "retry":
                if (any) await lab.store.retry([any.id], lab.now);
                break;
              case "advance":
                await advanceAll(lab.store, lab.tick(1_000));
                break;
              case "purge":
                await lab.store.purge(
                  "mail",
                  pick % 2 === 0 ? ["blocked"] : ["pending", "failed"],
                  null,
                  false,
                  lab.now,
                );
                break;
              case "reopen":
                if (pick % 5 === 0) await lab.reopen();
                break;
            }
            await expectOrdered(lab);
          }
        }),
        { numRuns: 25 },
      );
      // In the end all of it can be worked off.
      for (let round = 0; (await lab.store.getQueue("mail"))?.counts.blocked !== 0; round++) {
        expect(round).toBeLessThan(5_000);
        await advanceAll(lab.store, lab.tick(1_000));
        await lab.claim(100, { queue: "mail" });
        for (const lease of await lab.store.leases()) {
          await lab.store.settle([{ ...lease, lease: "stream", outcome: completed() }], lab.now);
        }
      }
    });
  });
}

async function subscribeMore(lab: Lab): Promise<void> {
  const wish = newSubscription({ orderingKey: "subject", maxAttempts: 3 });
  expect(await lab.store.createSubscription(wish, { kind: "now" }, lab.now)).toMatchObject({ status: "created" });
}

/** Of the unfinished deliveries of each key exactly one is not BLOCKED; of those without a key none is. */
async function expectOrdered(lab: Lab): Promise<void> {
  const tasks = await listAll(lab.store, taskFilter({ queue: "mail" }), { full: true });
  const byKey = Map.groupBy(
    tasks.filter(({ state }) => !isFinished(state)),
    ({ event }) => event?.subject ?? null,
  );
  for (const [key, unfinished] of byKey) {
    const free = unfinished.filter(({ state }) => state !== "blocked").length;
    expect(free, `of key ${key}`).toBe(key === null ? unfinished.length : 1);
  }
}
