import { test as base, expect } from "vitest";
import type { Store } from "../../../../src/store/store.ts";
import { newTask } from "../../../harness/calls/builders.ts";
import { isPostgresMissing } from "../../../harness/databases/postgres.ts";
import { startMs } from "../../store-harness.ts";
import { serversForTests } from "../open-postgres.ts";

const test = base.skipIf(isPostgresMissing);
const openServers = serversForTests();

/** The queues that may have changed since a revision, all of them in one page. */
async function read(store: Store, since: number) {
  const page = await store.changedQueues({ since, isFirstPage: true, limit: 100 }, startMs);
  return { ...page, names: page.queues.map(({ name }) => name).sort() };
}

test("a server tells of what the others have changed, once", async () => {
  const { stores, close } = await openServers(3);
  const [one, two, three] = stores as [Store, Store, Store];
  try {
    await two.enqueue([newTask({ queue: "a" }), newTask({ queue: "b" })], startMs);
    await three.enqueue([newTask({ queue: "b" })], startMs);
    const first = await read(one, 0);
    expect(first.queues.map(({ name, counts }) => [name, counts.pending]).sort()).toEqual([
      ["a", 1],
      ["b", 2],
    ]);
    await three.updateQueue("a", { maxRunning: 7 }, false, startMs);
    const second = await read(one, first.revision);
    expect(second.queues).toMatchObject([{ name: "a", maxRunning: 7 }]);
    await Promise.all([one, two, three].map((store) => store.enqueue([newTask({ queue: "c" })], startMs)));
    const third = await read(one, second.revision);
    expect(third.queues).toMatchObject([{ name: "c", counts: { pending: 3 } }]);
    expect((await read(one, third.revision)).names).toEqual([]);
    expect((await read(two, 0)).names).toEqual(["a", "b", "c"]);
  } finally {
    await close();
  }
});

test("none is missed while servers change them as they are read", async () => {
  const { stores, close } = await openServers(3);
  const [one, ...others] = stores as [Store, Store, Store];
  try {
    const seen = new Map<string, number>();
    let since = 0;
    const look = async () => {
      const page = await read(one, since);
      since = page.revision;
      for (const { name, counts } of page.queues) seen.set(name, counts.pending);
    };
    for (let round = 0; round < 15; round++) {
      const writes = others.flatMap((store, server) =>
        [0, 1, 2].map((n) => store.enqueue([newTask({ queue: `q-${(round + server + n) % 7}` })], startMs)),
      );
      await Promise.all([...writes, look(), look()]);
    }
    await look();
    const queues = await one.listQueues(null, 100);
    expect(new Map([...seen].sort())).toEqual(new Map(queues.map(({ name, counts }) => [name, counts.pending])));
  } finally {
    await close();
  }
});
