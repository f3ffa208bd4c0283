/** The order of deliveries by key where several servers share a database. */

import { test as base, expect } from "vitest";
import type { Settlement } from "../../../../src/domain/tasks/outcome.ts";
import type { ClaimedTask } from "../../../../src/domain/tasks/task.ts";
import type { Store } from "../../../../src/store/store.ts";
import { newEvent, newSubscription, taskError, taskFilter } from "../../../harness/calls/builders.ts";
import { isPostgresMissing } from "../../../harness/databases/postgres.ts";
import { completed, failed, leaseOf, type Outcome, released } from "../../outcomes.ts";
import { listAll } from "../../read-all.ts";
import { startMs } from "../../store-harness.ts";
import { serversForTests } from "../open-postgres.ts";

const test = base.skipIf(isPostgresMissing);
const openServers = serversForTests();
const testMs = 120_000;

/** Works on deliveries with all servers, and checks that of each key one is worked on at a time, in the order of the events. */
class Workers {
  /** The events of each key that were claimed, in their order. */
  readonly claimed = new Map<string, number[]>();
  finished = 0;
  private readonly running = new Set<string>();
  private readonly released = new Set<string>();

  /** Claims what there is on one server, and settles it; answers how much it was. */
  async work(store: Store, workerId: string): Promise<number> {
    const claim = { queue: "mail", slots: [{ workerId, n: 3 }], leaseUntilMs: null };
    const { tasks } = await store.claim(claim, startMs);
    for (const task of tasks) this.begin(task);
    const settlements = tasks.map((task): Settlement => ({ ...leaseOf(task), outcome: this.outcomeOf(task) }));
    for (const task of tasks) this.running.delete(keyOf(task));
    for (const answer of await store.settle(settlements, startMs)) {
      if (answer.status === "settled" && answer.state !== "pending") this.finished++;
    }
    return tasks.length;
  }

  /** Half of them complete; a quarter fails; a quarter is released once, for one that is released again and again waits ever longer. */
  private outcomeOf({ id, event }: ClaimedTask): Outcome {
    const kind = Number(event?.id) % 4;
    if (kind === 1) return failed({ terminal: true });
    if (kind !== 2 || this.released.has(id)) return completed();
    this.released.add(id);
    return released();
  }

  private begin(task: ClaimedTask): void {
    const key = keyOf(task);
    expect(this.running.has(key), `a second delivery of ${key}`).toBe(false);
    this.running.add(key);
    const events = this.claimed.get(key) ?? [];
    this.claimed.set(key, events);
    const number = Number(task.event?.id);
    // One that was released comes again.
    if (events.at(-1) !== number) events.push(number);
  }
}

function keyOf({ event }: ClaimedTask): string {
  return event?.subject ?? "";
}

/** Publishes events of a few keys, one after the other. */
async function publishAll(store: Store, count: number, keys: number): Promise<void> {
  for (let number = 0; number < count; number++) {
    await store.publish([newEvent({ id: `${number}`, subject: `k${number % keys}` })], startMs);
  }
}

test("deliveries of a key go one at a time and in order, and none is left waiting, while servers finish and publish beside each other", {
  timeout: testMs,
}, async () => {
  const { stores, close } = await openServers(3);
  const [a, b, c] = stores as [Store, Store, Store];
  try {
    await a.createSubscription(newSubscription({ orderingKey: "subject" }), { kind: "now" }, startMs);
    const workers = new Workers();
    let isOver = false;
    const work = async (store: Store, workerId: string) => {
      for (;;) {
        const wasOver = isOver;
        if ((await workers.work(store, workerId)) === 0 && wasOver) return;
      }
    };
    const working = Promise.all([work(a, "a"), work(b, "b"), work(b, "c")]);
    await publishAll(c, 600, 3);
    isOver = true;
    await working;
    // What a worker released last may have been claimed by one that had gone.
    while ((await workers.work(a, "a")) > 0);
    const counts = (await a.getQueue("mail"))?.counts;
    expect(counts).toMatchObject({ blocked: 0, pending: 0, scheduled: 0, running: 0 });
    expect(workers.finished).toBe(600);
    for (let key = 0; key < 3; key++) {
      const expected = Array.from({ length: 200 }, (_, index) => index * 3 + key);
      expect(workers.claimed.get(`k${key}`)).toEqual(expected);
    }
  } finally {
    await close();
  }
});

test("a delivery is not left behind the last one of its key that another server finishes at the same moment", {
  timeout: testMs,
}, async () => {
  const { stores, close } = await openServers(2);
  const [a, b] = stores as [Store, Store];
  const keys = Array.from({ length: 10 }, (_, index) => `k${index}`);
  const eventsOf = (round: number) => keys.map((subject) => newEvent({ id: `${subject}-${round}`, subject }));
  const claim = { queue: "mail", slots: [{ workerId: "w", n: 2 * keys.length }], leaseUntilMs: null };
  try {
    await a.createSubscription(newSubscription({ orderingKey: "subject" }), { kind: "now" }, startMs);
    await a.publish(eventsOf(0), startMs);
    for (let round = 1; round <= 100; round++) {
      const { tasks } = await a.claim(claim, startMs);
      const claimed = tasks.map(({ event }) => event?.id).sort();
      expect(claimed, `in round ${round}`).toEqual(keys.map((subject) => `${subject}-${round - 1}`));
      const settle = async () => {
        // One after the other, so that some of them meet the other server in the midst of its transaction.
        for (const task of tasks) await a.settle([{ ...leaseOf(task), outcome: completed() }], startMs);
      };
      const publish = async () => {
        for (const event of eventsOf(round)) await b.publish([event], startMs);
      };
      await Promise.all([settle(), publish()]);
    }
  } finally {
    await close();
  }
});

test("of each key one delivery goes on, however operators of two servers cancel, delete and put back what is in its line", {
  timeout: testMs,
}, async () => {
  const { stores, close } = await openServers(3);
  const [a, b, c] = stores as [Store, Store, Store];
  try {
    await a.createSubscription(newSubscription({ orderingKey: "subject" }), { kind: "now" }, startMs);
    for (let round = 0; round < 25; round++) {
      await a.publish(
        Array.from({ length: 12 }, (_, index) => newEvent({ id: `${round}-${index}`, subject: `k${index % 2}` })),
        startMs,
      );
      const all = (await listAll(a, taskFilter({ queue: "mail" }))).slice(0, 24);
      const some = (remainder: number) => all.filter((_, index) => index % 3 === remainder).map(({ id }) => id);
      await Promise.all([
        a.cancel(some(0), taskError(), startMs),
        b.cancel(some(1), taskError(), startMs),
        c.publish([newEvent({ id: `${round}-late`, subject: "k0" })], startMs),
        b.retry(some(2), startMs),
        a.retry(some(1), startMs),
        c.delete(some(round % 3), startMs),
      ]);
      const unfinished = await listAll(
        a,
        taskFilter({ queue: "mail", states: ["blocked", "scheduled", "pending", "running"] }),
        { full: true },
      );
      for (const [key, theirs] of Map.groupBy(unfinished, ({ event }) => event?.subject)) {
        expect(
          theirs.filter(({ state }) => state !== "blocked"),
          `of ${key} in round ${round}`,
        ).toHaveLength(1);
      }
    }
  } finally {
    await close();
  }
});
