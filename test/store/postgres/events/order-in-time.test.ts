import { expect, test } from "vitest";
import { newEvent, newSubscription } from "../../../harness/calls/builders.ts";
import { isPostgresMissing } from "../../../harness/databases/postgres.ts";
import { completed, leaseOf } from "../../outcomes.ts";
import { startMs } from "../../store-harness.ts";
import { postgresForTests } from "../open-postgres.ts";

const open = postgresForTests();

test.skipIf(isPostgresMissing)("a claim that an end goes ahead of begins no delivery before that end", async () => {
  const { store, close } = await open();
  try {
    await store.createSubscription(newSubscription({ orderingKey: "subject" }), { kind: "now" }, startMs);
    await store.publish([newEvent({ subject: "a" }), newEvent({ subject: "a" })], startMs);
    const plan = { queue: "mail", slots: [{ workerId: "w", n: 1 }], leaseUntilMs: null };
    const [first] = (await store.claim(plan, startMs + 10)).tasks;
    if (first === undefined) return expect.unreachable("nothing to claim");
    // Called in one turn, they share a transaction, in which the end comes first.
    const claiming = store.claim(plan, startMs + 20);
    await store.settle([{ ...leaseOf(first), outcome: completed() }], startMs + 30);
    const [second] = (await claiming).tasks;
    const [ended, begun] = await store.get([first.id, second?.id ?? ""]);
    expect(ended?.task.finishMs).toBe(startMs + 30);
    expect(begun?.task.startMs).toBe(startMs + 30);
  } finally {
    await close();
  }
});
