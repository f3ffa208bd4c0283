import { expect, it } from "vitest";
import type { Store } from "../../src/store/store.ts";
import { publish } from "../harness/calls/events.ts";
import { connectWorker } from "../harness/calls/scripted-worker.ts";
import { enqueue, json, present, readQueue } from "../harness/calls/tasks.ts";
import { start, stepsIn } from "../harness/calls/workflows.ts";
import { refusalOf } from "../harness/refusal.ts";
import { startServer } from "../harness/server.ts";

const refused = { code: "RESOURCE_EXHAUSTED", reason: "OVERLOADED", domain: "sitq", retryAfterMs: 1_000 };

it("refuses new work of every sort at once while as much waits as may, and serves outcomes and reads", async () => {
  let held = Promise.resolve();
  const wrapStore = (store: Store): Store => ({
    ...store,
    async enqueue(...call) {
      await held;
      return store.enqueue(...call);
    },
  });
  await using server = await startServer({ config: { maxWaitingCalls: 1 }, wrapStore });
  const { id: taskId } = await enqueue(server);
  const worker = await connectWorker(server);
  const [task] = await worker.take(1);
  // While the first is on its way to the disk, the others find no room.
  const kinds = [
    () => enqueue(server, { queue: "other" }),
    () => server.queue.enqueueBatch({ requests: [{ task: { queue: "other", type: "a" } }] }),
    () => publish(server),
    () => start(server, { steps: stepsIn("shop", { a: "" }) }),
  ];
  for (const kind of kinds) {
    const mayStore = Promise.withResolvers<void>();
    held = mayStore.promise;
    const first = enqueue(server, { queue: "first" });
    const second = refusalOf(kind());
    const read = server.queue.getTask({ taskId });
    expect(await second).toMatchObject(refused);
    expect((await read).task?.id).toBe(taskId);
    mayStore.resolve();
    await first;
  }
  const mayStore = Promise.withResolvers<void>();
  held = mayStore.promise;
  const busy = enqueue(server, { queue: "first" });
  expect(await worker.complete(present(task))).toEqual(["SETTLED"]);
  mayStore.resolve();
  await busy;
  expect((await readQueue(server, "first")).statistics?.pending).toBe(5n);
  // What was refused changed nothing.
  expect(await refusalOf(server.queue.getQueue({ name: "other" }))).toMatchObject({ reason: "QUEUE_NOT_FOUND" });
});

it("counts the input of workflows that wait for the store", async () => {
  const [reached, mayStore] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  let held = mayStore.promise;
  const wrapStore = (store: Store): Store => ({
    ...store,
    async startWorkflows(...call) {
      reached.resolve();
      await held;
      return store.startWorkflows(...call);
    },
  });
  await using server = await startServer({ config: { maxWaitingBytes: 1_048_576 }, wrapStore });
  const request = { steps: stepsIn("shop", { a: "" }), input: json("x".repeat(700_000)) };
  const first = start(server, request);
  await reached.promise;
  held = Promise.resolve();
  expect(await refusalOf(start(server, request))).toMatchObject(refused);
  mayStore.resolve();
  await first;
});
