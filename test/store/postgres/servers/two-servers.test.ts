/** Two servers on one database, of which clients call whatever they like at once: what is promised holds all the same. */

import fc from "fast-check";
import { expect, test } from "vitest";
import { isFinished } from "../../../../src/domain/tasks/task.ts";
import type { Store } from "../../../../src/store/store.ts";
import { newSubscription } from "../../../harness/calls/builders.ts";
import { isPostgresMissing } from "../../../harness/databases/postgres.ts";
import { listAll } from "../../read-all.ts";
import { expectSound } from "../../soundness.ts";
import { startMs } from "../../store-harness.ts";
import { type DoneTasks, expectPromises } from "../../workflow-promises.ts";
import { serversForTests } from "../open-postgres.ts";
import { type Action, lives, queues } from "./actions.ts";
import { createWorld, mostLimited, ServerClient, type World } from "./clients.ts";

/** How many runs are tried, within `limitMs`: more of them on a machine that has the night for it. */
const numRuns = Number(process.env.SITQ_PROPERTY_RUNS ?? 20);
const limitMs = 750 * numRuns;
const mostRounds = 200;
const openServers = serversForTests();

test.skipIf(isPostgresMissing)(
  "keep what is promised, whatever their clients call at once",
  async () => {
    const sum = { handOuts: 0, settled: 0, stale: 0, ordered: 0 };
    await fc.assert(
      // Two clients of each server.
      fc.asyncProperty(fc.tuple(lives, lives, lives, lives), async (all) => {
        const { stores, close } = await openServers(2);
        try {
          const { judge } = await liveTogether(stores as [Store, Store], all);
          for (const name of Object.keys(sum) as (keyof typeof sum)[]) sum[name] += judge.counts[name];
        } finally {
          await close();
        }
      }),
      { numRuns, interruptAfterTimeLimit: limitMs, endOnFailure: true },
    );
    // So much has happened that it says something.
    for (const count of Object.values(sum)) expect(count).toBeGreaterThan(0);
  },
  60_000 + 2 * limitMs,
);

async function liveTogether(stores: readonly [Store, Store], all: readonly (readonly Action[])[]): Promise<World> {
  const [first, second] = stores;
  const world = createWorld(startMs);
  await first.updateQueue(queues.limited, { maxRunning: mostLimited }, true, startMs);
  const subscription = newSubscription({ name: "ordered", queue: queues.deliveries, orderingKey: "subject" });
  await second.createSubscription(subscription, { kind: "now" }, startMs);

  const clients = all.map((_, index) => new ServerClient(index % 2 === 0 ? first : second, `w${index}`, world));
  await Promise.all(clients.map((client, index) => client.live(all[index] ?? [])));
  expect(world.judge.faults).toEqual([]);
  for (const store of stores) await expectSound(store, stores);

  await finish(stores, clients, world);
  expect(world.judge.faults).toEqual([]);
  for (const store of stores) await expectSound(store, stores);
  await expectKept(second, world);
  return world;
}

/** Completes whatever can be done: every task ends, and every workflow comes to rest. */
async function finish(stores: readonly Store[], clients: readonly ServerClient[], world: World): Promise<void> {
  const done: DoneTasks = new Map();
  for (let round = 0; round < mostRounds; round++) {
    world.nowMs += 100;
    await Promise.all(stores.map((store) => store.advance(world.nowMs)));
    await Promise.all(clients.map((client) => client.workOff()));
    const found = await Promise.all(world.workflowIds.map((id) => stores[0]?.getWorkflow(id)));
    const workflows = found.filter((workflow) => workflow != null);
    expectPromises(workflows, done);
    const left = (await listAll(stores[0] as Store)).filter(({ state }) => !isFinished(state));
    if (left.length === 0) {
      expect(workflows.filter(({ finishMs }) => finishMs === null).map(({ id }) => id)).toEqual([]);
      return;
    }
  }
  throw new Error("a task does not come to its end");
}

/** What was acknowledged is there. */
async function expectKept(store: Store, { judge, taskIds, deleted }: World): Promise<void> {
  const tasks = new Map((await listAll(store)).map((task) => [task.id, task]));
  expect(taskIds.filter((id) => !tasks.has(id) && !deleted.has(id))).toEqual([]);
  for (const [id, name] of judge.completions) {
    if (!deleted.has(id)) expect(tasks.get(id)?.state, name).toBe("completed");
  }
}
