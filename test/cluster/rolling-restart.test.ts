/** An update of all servers, one after the other, while clients go on. */

import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it, onTestFinished } from "vitest";
import { AttemptOutcome, TaskState } from "../../gen/sitq/v1/task_pb.js";
import {
  awaitDelivery,
  awaitWorkflow,
  connect,
  createProducer,
  createPublisher,
  createWorker,
  type HandlerContext,
  jsonTask,
  type SitqClient,
  startWorkflow,
  subscribe,
  workflow,
} from "../../src/client/index.ts";
import { present } from "../harness/calls/tasks.ts";
import { isPostgresMissing } from "../harness/databases/postgres.ts";
import { clustersForTests } from "./cluster-harness.ts";

/** How many workers there are, how many tasks each takes at a time, and how many clients call, with how many calls at a time of each kind. */
const load = { workers: 3, capacity: 12, clients: 3, calls: 2 };
/** How many calls have to come through before a server is stopped, and while it is away. */
const between = 60;

const double = jsonTask<number, number>("double", { queue: "orders" });
const twice = workflow("twice")
  .step("first", double, "${input}")
  .step("second", double, "${results.first}", { dependsOn: ["first"] });

describe.skipIf(isPostgresMissing)("a rolling restart of three servers", () => {
  const startCluster = clustersForTests();

  it("loses no call, runs each task once, and burns no attempt", { timeout: 110_000 }, async () => {
    const servers = await startCluster(3);
    const address = servers.map((server) => server.address).join();
    const runs = new Map<string, number>();
    const ran = async ({ task, signal }: HandlerContext) => {
      runs.set(task.id, (runs.get(task.id) ?? 0) + 1);
      await sleep(5 + Math.random() * 40, undefined, { signal });
    };
    const open = () => {
      const client = connect({ address, log: "silent", service: "shop" });
      onTestFinished(() => client.close());
      return client;
    };
    for (let n = 0; n < load.workers; n++) {
      const { capacity } = load;
      const handlers = {
        async double(payload: unknown, context: HandlerContext) {
          await ran(context);
          return (payload as number) * 2;
        },
      };
      const worker = createWorker(open(), { queues: ["orders"], capacity, workerId: `w${n}`, handlers });
      onTestFinished(() => worker.stop({ graceMs: 0 }));
      await worker.start();
    }
    const subscription = await subscribe(open(), {
      name: "placed",
      types: ["order.*"],
      from: "now",
      capacity: load.capacity,
      handler: (_, context) => ran(context),
    });
    onTestFinished(() => subscription.stop());

    const waiting: { readonly n: number; readonly resolve: () => void }[] = [];
    let calls = 0;
    let isOver = false;
    async function callers(client: SitqClient): Promise<void> {
      const producer = createProducer(client);
      const publisher = createPublisher(client);
      const kinds = [
        async (n: number) => expect(await producer.awaitResult(await producer.enqueue(double, n))).toBe(n * 2),
        async (n: number) => {
          const { results } = await awaitWorkflow(client, await startWorkflow(client, twice, { input: n }));
          expect(results).toEqual({ first: n * 2, second: n * 4 });
        },
        async (n: number) => {
          const { deliveries } = await awaitDelivery(client, await publisher.publish("order.placed", n));
          expect(deliveries).toMatchObject([{ subscription: "placed", state: "COMPLETED", attempt: 1 }]);
        },
      ];
      const loop = async (call: (n: number) => Promise<void>) => {
        for (let n = 1; !isOver; n++) {
          await call(n);
          calls++;
          for (const each of waiting) if (calls >= each.n) each.resolve();
        }
      };
      await Promise.all(kinds.flatMap((kind) => Array.from({ length: load.calls }, () => loop(kind))));
      await producer.close();
      await publisher.close();
    }
    const all = Promise.all(Array.from({ length: load.clients }, () => callers(open())));
    const more = () =>
      Promise.race([
        new Promise<void>((resolve) => void waiting.push({ n: calls + between, resolve })),
        // A call that fails ends the test.
        all.then(() => expect.unreachable("the callers have ended")),
      ]);
    await more();
    for (const server of servers) {
      await server.app.close(10_000);
      await more();
      await server.restart();
      await more();
    }
    isOver = true;
    await all;

    expect([...runs.values()].filter((n) => n !== 1)).toEqual([]);
    const { queue } = present(servers[0]);
    for (const taskId of runs.keys()) {
      const { task } = await queue.getTask({ taskId });
      expect(task).toMatchObject({ state: TaskState.COMPLETED, attempt: 1 });
      expect(task?.attempts.map(({ outcome }) => outcome)).toEqual([AttemptOutcome.COMPLETED]);
    }
    const kept = await Promise.all(["orders", "placed"].map((name) => queue.getQueue({ name })));
    expect(kept.reduce((sum, each) => sum + Number(each.queue?.statistics?.completed ?? 0), 0)).toBe(runs.size);
  });
});
