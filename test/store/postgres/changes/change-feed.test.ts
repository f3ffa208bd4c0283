/** Listeners at any of several servers are shown what all of them commit, in the order of the commits, once each. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import fc from "fast-check";
import { test as base, expect, vi } from "vitest";
import type { TaskChange } from "../../../../src/domain/tasks/task.ts";
import type { WorkflowChange } from "../../../../src/domain/workflows/workflow.ts";
import { Session } from "../../../../src/store/postgres/database/session.ts";
import type { Store } from "../../../../src/store/store.ts";
import { newTask } from "../../../harness/calls/builders.ts";
import { createCondition } from "../../../harness/condition.ts";
import { isPostgresMissing } from "../../../harness/databases/postgres.ts";
import { completed, leaseOf } from "../../outcomes.ts";
import { listAll } from "../../read-all.ts";
import { startMs } from "../../store-harness.ts";
import { type OpenServers, serversForTests } from "../open-postgres.ts";
import { lives } from "../servers/actions.ts";
import { createWorld, ServerClient } from "../servers/clients.ts";
import { aliveMs, becomeSteady, clusterOf, join as joinOthers, letTimePass, sql } from "../servers/sharing.ts";

const openServers = serversForTests({ aliveMs });
/** How many random runs are tried: more of them on a machine that has the night for it. */
const numRuns = Number(process.env.SITQ_PROPERTY_RUNS ?? 10);
const limitMs = 60_000 + 2_000 * numRuns;

/** Defines a test of two servers on one schema. */
function test(name: string, body: (stores: readonly [Store, Store], servers: OpenServers) => Promise<void>): void {
  base.skipIf(isPostgresMissing)(name, { timeout: limitMs }, async () => {
    const servers = await openServers(2);
    try {
      await body(servers.stores as unknown as [Store, Store], servers);
    } finally {
      await servers.close();
    }
  });
}

/** Remembers what the listeners of a store are told. */
function listen(store: Store) {
  const tasks: TaskChange[] = [];
  const workflows: WorkflowChange[] = [];
  const told = createCondition();
  store.subscribe((changes) => {
    tasks.push(...changes);
    told.changed();
  });
  store.subscribeWorkflows((changes) => {
    workflows.push(...changes);
    told.changed();
  });
  const hasTask = (isIt: (change: TaskChange) => boolean) => told.until(() => tasks.some(isIt), "the change was shown");
  return { tasks, workflows, hasTask, until: told.until };
}

async function enqueue(store: Store, queue: string, n = 1): Promise<string[]> {
  const tasks = Array.from({ length: n }, () => newTask({ queue }));
  const answers = await store.enqueue(tasks, startMs);
  return answers.map((answer) => (answer.status === "created" ? answer.task.id : ""));
}

async function claim(store: Store, queue: string, n: number) {
  return (await store.claim({ queue, slots: [{ workerId: "w", n }], leaseUntilMs: null }, startMs)).tasks;
}

/** Moves tasks through their lives, until it is ended. */
function work(store: Store, queue: string) {
  let isEnded = false;
  const done = (async () => {
    while (!isEnded) {
      await Promise.all([enqueue(store, queue, 3), enqueue(store, queue, 2)]);
      const tasks = await claim(store, queue, 4);
      await store.settle(
        tasks.map((task) => ({ ...leaseOf(task), outcome: completed() })),
        startMs,
      );
    }
  })();
  return {
    async end() {
      isEnded = true;
      await done;
    },
  };
}

test("a server that watches is shown what another one commits, in its order, and what it commits itself", async ([
  watching,
  other,
]) => {
  const seen = listen(watching);
  const ids: string[] = [];
  for (let n = 0; n < 20; n++) ids.push(...(await enqueue(n % 2 === 0 ? watching : other, "a")));
  const tasks = await claim(other, "a", 20);
  await watching.settle(
    tasks.map((task) => ({ ...leaseOf(task), outcome: completed() })),
    startMs,
  );
  await seen.until(() => seen.tasks.length >= 60, "all was shown");
  const statesOf = (id: string) => seen.tasks.filter((change) => change.id === id).map(({ state }) => state);
  expect(seen.tasks.slice(0, 20).map(({ id }) => id)).toEqual(ids);
  for (const id of ids) expect(statesOf(id)).toEqual(["pending", "running", "completed"]);
});

base.skipIf(isPostgresMissing)(
  "whatever clients call at once, all that watch are shown the same, and it leads to what is stored",
  async () => {
    let changes = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(lives, { minLength: 2, maxLength: 4 }), async (all) => {
        const servers = await openServers(3);
        try {
          const { stores } = servers;
          const [a, b] = stores.slice(0, 2).map(listen);
          if (a === undefined || b === undefined) throw new Error("no stores");
          await Promise.all(stores.map((store) => store.get([])));
          const world = createWorld(startMs);
          const clients = all.map((_, index) => new ServerClient(stores[index % 3] as Store, `w${index}`, world));
          await Promise.all(clients.map((client, index) => client.live(all[index] ?? [])));
          const [last] = await enqueue(stores[2] as Store, "end");
          await Promise.all([a, b].map((seen) => seen.hasTask(({ id }) => id === last)));
          changes += a.tasks.length;
          expect(a.tasks).toEqual(b.tasks);
          expect(a.workflows).toEqual(b.workflows);
          await expectTruth(stores[0] as Store, a.tasks);
        } finally {
          await servers.close();
        }
      }),
      // The servers of each run are opened anew: to try smaller ones would take longer than to read this one.
      { numRuns, endOnFailure: true },
    );
    expect(changes).toBeGreaterThan(10 * numRuns);
  },
  limitMs,
);

/** The last that was shown of each task is how it stands. */
async function expectTruth(
  store: Store,
  changes: readonly TaskChange[],
  before: ReadonlyMap<string, string> = new Map(),
) {
  const states = new Map<string, string | null>(before);
  for (const { id, state, attempt } of changes) states.set(id, state && `${state} ${attempt}`);
  const told = [...states].filter(([, state]) => state !== null).sort(([a], [b]) => (a < b ? -1 : 1));
  const stored = (await listAll(store)).map(({ id, state, attempt }) => [id, `${state} ${attempt}`]);
  expect(told).toEqual(stored.sort(([a = ""], [b = ""]) => (a < b ? -1 : 1)));
}

test("who begins to watch while others commit, and reads then, misses nothing", async ([one, other], servers) => {
  const works = [work(one, "a"), work(other, "b")];
  const watching: { seen: ReturnType<typeof listen>; before: Map<string, string> }[] = [];
  for (let round = 0; round < 5; round++) {
    const store = await servers.openAnother();
    const seen = listen(store);
    const before = new Map((await listAll(store)).map(({ id, state, attempt }) => [id, `${state} ${attempt}`]));
    watching.push({ seen, before });
  }
  await Promise.all(works.map((each) => each.end()));
  const [last] = await enqueue(other, "end");
  for (const { seen, before } of watching) {
    await seen.hasTask(({ id }) => id === last);
    expect(before.size).toBeGreaterThan(0);
    await expectTruth(one, seen.tasks, before);
  }
});

test("what is committed is shown also where its server is killed at once", async ([watching], servers) => {
  const seen = listen(watching);
  await watching.get([]);
  const program = join(import.meta.dirname, "killed-server.ts");
  const child = spawn(process.execPath, [program, JSON.stringify({ url: servers.url, schema: servers.schema })], {
    stdio: "inherit",
  });
  const [, signal] = await once(child, "exit");
  expect(signal).toBe("SIGKILL");
  await seen.hasTask(({ queue, state }) => queue === "killed" && state === "pending");
});

test("a commit of many changes is stored in rows of a bounded size, and shown whole", async ([
  watching,
  other,
], servers) => {
  const seen = listen(watching);
  await watching.get([]);
  const ids = (await Promise.all(Array.from({ length: 12 }, () => enqueue(other, "many", 1_000)))).flat();
  await seen.until(() => seen.tasks.length >= ids.length, "all was shown");
  expect(seen.tasks.map(({ id }) => id)).toEqual(ids);
  const [row] = await sql(servers, "SELECT count(*)::int AS n, max(length(changes)) AS longest FROM change");
  expect(row?.n).toBeGreaterThan(5);
  expect(row?.longest).toBeLessThan(150_000);
});

test("while nobody watches no statement is about changes", async ([one, other]) => {
  const texts: string[] = [];
  const spies = (["all", "get", "run"] as const).map((name) => vi.spyOn(Session.prototype, name));
  await Promise.all([enqueue(one, "a", 5), enqueue(other, "a", 5)]);
  await claim(one, "a", 3);
  for (const spy of spies) texts.push(...spy.mock.calls.map(([text]) => text));
  for (const spy of spies) spy.mockRestore();
  expect(texts.length).toBeGreaterThan(3);
  expect(texts.filter((text) => /change|task_watchers = /.test(text))).toEqual([]);
});

/** For whom each server that has not ended stores its changes of tasks. */
async function watchersOf(servers: OpenServers): Promise<unknown[]> {
  const rows = await sql(servers, "SELECT task_watchers FROM server WHERE end_ms IS NULL ORDER BY id");
  return rows.map(({ task_watchers: watchers }) => watchers);
}

test("all servers know who watches, also one that starts later, until it is closed", async ([one], servers) => {
  one.subscribe(() => undefined);
  await one.get([]);
  await servers.openAnother();
  const { serverId } = clusterOf(one);
  expect(await watchersOf(servers)).toEqual([[serverId], [serverId], [serverId]]);
  await one.close();
  expect(await watchersOf(servers)).toEqual([[], []]);
});

test("rows are kept for a server from before it begins to read them", async ([one], servers) => {
  const kept = () => sql(servers, "SELECT read_change::int FROM membership ORDER BY server_id");
  expect(await kept()).toEqual([{ read_change: null }, { read_change: null }]);
  one.subscribe(() => undefined);
  await one.get([]);
  expect(await kept()).toEqual([{ read_change: 0 }, { read_change: null }]);
});

const storedRows = (servers: OpenServers) => sql(servers, "SELECT number::int FROM change ORDER BY number");

test("nothing is left in the feed once nobody watches", async ([one, other], servers) => {
  for (const store of [one, other]) {
    store.subscribe(() => undefined);
    await store.get([]);
    await enqueue(store, "a");
  }
  const rows = [{ number: 1 }, { number: 2 }];
  expect(await storedRows(servers)).toEqual(rows);
  await one.close();
  expect((await storedRows(servers)).at(-1)).toEqual(rows.at(-1));
  const third = await servers.openAnother();
  await enqueue(third, "a");
  await other.close();
  expect(await storedRows(servers)).toEqual([]);
});

test("nothing is stored any more for a server that has ended, and what was is gone", async ([
  lost,
  leader,
], servers) => {
  lost.subscribe(() => undefined);
  await lost.get([]);
  await enqueue(leader, "a");
  expect(await storedRows(servers)).toEqual([{ number: 1 }]);
  await joinOthers(clusterOf(leader), "leader");
  await becomeSteady(clusterOf(leader));
  await letTimePass(servers, clusterOf(lost));
  expect(await clusterOf(leader).adopt()).toMatchObject({ ended: [clusterOf(lost).serverId] });
  await leader.get([]);
  expect(await watchersOf(servers)).toEqual([[]]);
  expect(await storedRows(servers)).toEqual([]);
});

test("news of other servers' commits are enough to be shown them at once", async ([watching, other]) => {
  clusterOf(other).onChangesUpTo((n) => clusterOf(watching).changesUpTo(n));
  const seen = listen(watching);
  await watching.get([]);
  for (let n = 0; n < 50; n++) {
    const [id] = await enqueue(other, "a");
    await seen.hasTask((change) => change.id === id);
  }
});
