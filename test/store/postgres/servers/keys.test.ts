/** Keys of tasks and events: a server that is alone takes them in its transactions, until it finds that it is not. */

import { Client } from "pg";
import { expect, test } from "vitest";
import type { Store } from "../../../../src/store/store.ts";
import { newEvent, newTask } from "../../../harness/calls/builders.ts";
import { isPostgresMissing } from "../../../harness/databases/postgres.ts";
import { startMs } from "../../store-harness.ts";
import { type OpenServers, serversForTests } from "../open-postgres.ts";
import { clusterOf, join, sql } from "./sharing.ts";

const openServers = serversForTests();

async function enqueued(store: Store, n: number, nowMs = startMs): Promise<string[]> {
  const answers = await store.enqueue(
    Array.from({ length: n }, () => newTask()),
    nowMs,
  );
  return answers.map((answer) => (answer.status === "created" ? answer.task.id : answer.status));
}

/** How many transactions the server of a store has begun. */
async function begunBy(servers: OpenServers, store: Store): Promise<number> {
  const [row] = await sql(servers, `SELECT batch FROM server WHERE id = ${clusterOf(store).serverId}`);
  return Number(row?.batch);
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

test.skipIf(isPostgresMissing)("two servers that both believe that they are alone", { timeout: 60_000 }, async () => {
  const servers = await openServers(2);
  try {
    const [first, second] = servers.stores as [Store, Store];
    // None has joined, so that none is seen.
    for (const store of [first, second]) expect((await clusterOf(store).renew()).servers).toEqual([]);
    const ids: string[] = [];
    for (let round = 0; round < 20; round++) {
      const some = await Promise.all(
        [first, second, first, second].map((store) => enqueued(store, 5, startMs + round)),
      );
      ids.push(...some.flat());
    }
    expect(new Set(ids).size).toBe(ids.length);
    expect(await sql(servers, "SELECT count(*)::int AS n FROM task")).toEqual([{ n: ids.length }]);
  } finally {
    await servers.close();
  }
});

test.skipIf(isPostgresMissing)(
  "a transaction whose calls take keys by a clock that is set back meanwhile is repeated once",
  { timeout: 60_000 },
  async () => {
    const servers = await openServers(1);
    try {
      const [store] = servers.stores as [Store];
      await clusterOf(store).renew();
      await enqueued(store, 1);
      const before = await begunBy(servers, store);
      const backMs = startMs - 3_600_000;
      const published = (nowMs: number) => store.publish([newEvent()], nowMs);
      const [, , , late] = await Promise.all([
        enqueued(store, 1, startMs + 10),
        published(startMs + 10),
        enqueued(store, 1, startMs + 10),
        published(backMs),
        enqueued(store, 1, backMs),
      ]);
      expect(late).toMatchObject([{ status: "created", event: { publishMs: backMs } }]);
      expect((await begunBy(servers, store)) - before).toBe(2);
    } finally {
      await servers.close();
    }
  },
);

test.skipIf(isPostgresMissing)(
  "a call that needs keys waits for a server that holds them longer than a transaction is repeated for its conflicts",
  { timeout: 60_000 },
  async () => {
    const servers = await openServers(1);
    const other = new Client({ connectionString: servers.url });
    try {
      const [store] = servers.stores as [Store];
      await other.connect();
      await other.query(`SET search_path TO "${servers.schema}"; BEGIN; UPDATE key_range SET last = last + 10`);
      const waiting = enqueued(store, 1);
      const tries = new Set<string>();
      while (tries.size <= 20) {
        const waits = await sql(
          servers,
          `SELECT query_start::text AS began FROM pg_stat_activity, pg_sleep(0.05)
           WHERE wait_event_type = 'Lock' AND query LIKE 'UPDATE key_range%'`,
        );
        for (const { began } of waits) tries.add(String(began));
      }
      await other.query("COMMIT");
      expect(await waiting).toHaveLength(1);
    } finally {
      await other.end();
      await servers.close();
    }
  },
);
