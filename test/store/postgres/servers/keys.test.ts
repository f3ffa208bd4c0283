/** Keys of tasks and events: a server that is alone takes them in its transactions, until it finds that it is not. */

import { expect, test } from "vitest";
import type { Store } from "../../../../src/store/store.ts";
import { newEvent, newTask } from "../../../harness/calls/builders.ts";
import { isPostgresMissing } from "../../../harness/databases/postgres.ts";
import { startMs } from "../../store-harness.ts";
import { serversForTests } from "../open-postgres.ts";
import { clusterOf, join, sql } from "./sharing.ts";

const openServers = serversForTests();

async function enqueued(store: Store, n: number, nowMs = startMs): Promise<string[]> {
  const answers = await store.enqueue(
    Array.from({ length: n }, () => newTask()),
    nowMs,
  );
  return answers.map((answer) => (answer.status === "created" ? answer.task.id : answer.status));
}

test.skipIf(isPostgresMissing)("two servers of which one believes that it is alone", { timeout: 60_000 }, async () => {
  const servers = await openServers(1);
  try {
    const [first] = servers.stores as [Store];
    await join(clusterOf(first), "first");
    expect((await clusterOf(first).renew()).servers).toHaveLength(1);

    const ids = [
      ...(await enqueued(first, 3)),
      ...(await enqueued(first, 2)),
      ...(await enqueued(first, 1, startMs + 5)),
    ];
    expect(ids).toEqual([...new Set(ids)].sort());

    // It has not joined: the first one does not know it.
    const second = await servers.openAnother();
    const there = await enqueued(second, 2);
    expect(there[0]).not.toBe(undefined);
    expect((there[0] ?? "") > (ids.at(-1) ?? "")).toBe(true);
    const here = await enqueued(first, 2);
    expect((here[0] ?? "") > (there[1] ?? "")).toBe(true);
    ids.push(...there, ...here);

    for (let round = 0; round < 20; round++) {
      const some = await Promise.all([first, second, first, second].map((store) => enqueued(store, 5)));
      ids.push(...some.flat());
    }
    expect(new Set(ids).size).toBe(ids.length);
    expect(await sql(servers, "SELECT count(*)::int AS n FROM task")).toEqual([{ n: ids.length }]);

    // A transaction that has taken keys may need more of them.
    const published: string[] = [];
    for (let round = 0; round < 5; round++) {
      for (const store of [first, second]) {
        const answers = await store.publish([newEvent(), newEvent()], startMs);
        published.push(...answers.map((answer) => (answer.status === "created" ? answer.event.id : answer.status)));
      }
    }
    expect(published).toEqual([...new Set(published)].sort());
  } finally {
    await servers.close();
  }
});
