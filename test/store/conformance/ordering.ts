import { describe, expect } from "vitest";
import { newEvent, newSubscription } from "../../support/builders.ts";
import type { Lab, StoreTest } from "../lab.ts";
import { completed, failed } from "../outcomes.ts";

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
  });
}
