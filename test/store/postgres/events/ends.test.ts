/** The end of subscriptions, and of events, where several servers share a database. */

import { test as base, expect } from "vitest";
import type { Store } from "../../../../src/store/store.ts";
import { newEvent, newSubscription, taskFilter } from "../../../harness/calls/builders.ts";
import { isPostgresMissing } from "../../../harness/databases/postgres.ts";
import { catchUp } from "../../events.ts";
import { leaseOf, released } from "../../outcomes.ts";
import { listAll } from "../../read-all.ts";
import { startMs } from "../../store-harness.ts";
import { serversForTests } from "../open-postgres.ts";

const test = base.skipIf(isPostgresMissing);
const openServers = serversForTests();
const testMs = 120_000;

test("no delivery of a subscription that one server ends is left to wait that another server brings back in line", {
  timeout: testMs,
}, async () => {
  const { stores, close } = await openServers(2);
  const [a, b] = stores as [Store, Store];
  try {
    for (let round = 0; round < 60; round++) {
      await a.createSubscription(newSubscription(), { kind: "now" }, startMs);
      await a.publish(
        Array.from({ length: 8 }, () => newEvent()),
        startMs,
      );
      const { tasks } = await a.claim({ queue: "mail", slots: [{ workerId: "w", n: 8 }], leaseUntilMs: null }, startMs);
      expect(tasks).toHaveLength(8);
      const release = async () => {
        for (const task of tasks) await a.settle([{ ...leaseOf(task), outcome: released() }], startMs);
      };
      const end = async () => {
        const ended = await b.endSubscription("mail");
        while (!(await b.endDeliveries(ended ?? 0, startMs)).isDone);
      };
      await Promise.all([release(), end()]);
      const states = (await listAll(a, taskFilter({ queue: "mail" }))).map(({ state }) => state);
      expect(new Set(states), `in round ${round}`).toEqual(new Set(["cancelled"]));
    }
  } finally {
    await close();
  }
});

test("no event is deleted by one server that another server is about to deliver", { timeout: testMs }, async () => {
  const { stores, close } = await openServers(2);
  const [a, b] = stores as [Store, Store];
  try {
    let delivered = 0;
    for (let round = 0; round < 30; round++) {
      const nowMs = startMs + round * 1_000;
      await a.publish(
        Array.from({ length: 20 }, () => newEvent()),
        nowMs,
      );
      const name = `s${round}`;
      let isOver = false;
      const sweep = async () => {
        while (!isOver) await b.sweepEvents(null, nowMs + 500);
      };
      const subscribe = async () => {
        const wish = newSubscription({ name, queue: name });
        await Promise.all([a.createSubscription(wish, { kind: "earliest" }, nowMs), a.catchUp(nowMs)]);
        await catchUp(a, nowMs);
        isOver = true;
      };
      await Promise.all([sweep(), subscribe()]);
      const tasks = await listAll(a, taskFilter({ queue: name }), { full: true });
      expect(tasks.length).toBeOneOf([0, 20]);
      delivered += tasks.length;
      expect(tasks.filter(({ event }) => event === null)).toEqual([]);
      await a.endSubscription(name);
      await a.delete(
        tasks.map(({ id }) => id),
        nowMs,
      );
      await b.sweepEvents(null, nowMs + 500);
    }
    expect(delivered).toBeGreaterThan(0);
  } finally {
    await close();
  }
});
