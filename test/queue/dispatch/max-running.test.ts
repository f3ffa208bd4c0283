import type { MessageInitShape } from "@bufbuild/protobuf";
import fc from "fast-check";
import { expect, it } from "vitest";
import type { OutcomeSchema } from "../../../gen/sitq/v1/worker_service_pb.js";
import type { Store } from "../../../src/store/store.ts";
import { connectWorker } from "../../harness/calls/scripted-worker.ts";
import { enqueue, enqueueMany, json } from "../../harness/calls/tasks.ts";
import { hasBegun, start, stepsIn } from "../../harness/calls/workflows.ts";
import { createSeededRandom } from "../../harness/seeded-random.ts";
import { startServer, type TestServer } from "../../harness/server.ts";

type Ending = NonNullable<MessageInitShape<typeof OutcomeSchema>["outcome"]>;

const limitTo = (server: TestServer, maxRunning: number, strategy = 0) =>
  server.queue.updateQueue({ queue: { name: "orders", maxRunning, strategy, maxAttempts: 100 }, allowMissing: true });

it("goes on where the last task ended while the next was looked for", async () => {
  let answered = Promise.resolve();
  const wrapStore = (store: Store): Store => ({
    ...store,
    async claim(...args) {
      const answer = await store.claim(...args);
      await answered;
      return answer;
    },
  });
  await using server = await startServer({ wrapStore });
  await limitTo(server, 1);
  const worker = await connectWorker(server, { capacity: 2 });
  const [first, second] = [await enqueue(server), await worker.take(1)];
  expect(second).toMatchObject([{ id: first.id }]);
  const { promise, resolve } = Promise.withResolvers<void>();
  answered = promise;
  const next = await enqueue(server);
  expect(await worker.complete(...second)).toEqual(["SETTLED"]);
  resolve();
  expect(await worker.take(1)).toMatchObject([{ id: next.id }]);
});

it("goes on where a costly step is called off before it was handed out", async () => {
  await using server = await startServer();
  await limitTo(server, 1);
  const worker = await connectWorker(server, { workerId: "w", queues: ["orders"], capacity: 2 });
  const [only] = stepsIn("orders", { step: "" });
  const input = json(Array.from({ length: 100 }, (_, index) => index));
  const parameters = json("${input.map(a, input.map(b, input.map(c, a + b + c)))}");
  const workflow = await start(server, { steps: [{ ...only, parameters }], input });
  await hasBegun(server, workflow);
  const waiting = await enqueue(server);
  await server.workflow.cancelWorkflow({ workflowId: workflow.id });
  expect(await worker.take(1)).toMatchObject([{ id: waiting.id }]);
});

it("lets each set of types have its turn where less may run than waits", async () => {
  await using server = await startServer();
  await limitTo(server, 1);
  const a = await connectWorker(server, { workerId: "a", types: ["a"] });
  const b = await connectWorker(server, { workerId: "b", types: ["b"] });
  await enqueueMany(server, 50, { type: "a" });
  const held = await a.take(1);
  const other = await enqueue(server, { type: "b" });
  await a.complete(...held);
  expect(await b.take(1)).toMatchObject([{ id: other.id }]);
});

it("hands out every task, whatever types, strategies, wishes and failures fall together", async () => {
  const all = ["a", "b", "c"];
  const types = fc.subarray(all);
  const wish = fc.oneof(
    fc.constant(undefined),
    fc.record({ strategy: fc.integer({ min: 1, max: 5 }) }),
    fc.record({ workerId: fc.constantFrom("w0", "w1", "w2") }),
  );
  const task = fc.record({ type: fc.constantFrom(...all), priority: fc.nat(2), dispatch: wish });
  const scene = fc.record({
    maxRunning: fc.nat(3),
    strategy: fc.integer({ min: 1, max: 5 }),
    workers: fc.array(fc.record({ types, capacity: fc.integer({ min: 1, max: 6 }) }), { minLength: 2, maxLength: 2 }),
    batches: fc.array(fc.array(task, { minLength: 1, maxLength: 9 }), { minLength: 3, maxLength: 12 }),
    seed: fc.nat(),
  });
  await fc.assert(
    fc.asyncProperty(scene, async ({ maxRunning, strategy, workers, batches, seed }) => {
      await using server = await startServer();
      await limitTo(server, maxRunning, strategy);
      const random = createSeededRandom(seed);
      const completed = new Set<string>();
      const { length } = batches.flat();
      const done = Promise.withResolvers<void>();

      /** Completes most tasks, and gives some back or fails them, at once or a little later. */
      function work(workerId: string, handled: readonly string[], capacity: number): () => void {
        const call = server.worker.work();
        const answer = (taskId: string, attempt: number) => {
          const chance = random.next();
          const outcome: Ending =
            chance < 0.1
              ? { case: "released", value: {} }
              : chance < 0.2
                ? { case: "failed", value: { retryDelay: {}, error: { message: "again" } } }
                : { case: "completed", value: {} };
          call.send({ message: { case: "outcomes", value: { outcomes: [{ taskId, attempt, outcome }] } } });
          if (outcome.case === "completed" && completed.add(taskId).size === length) done.resolve();
        };
        const read = async () => {
          for await (const { message } of call.responses) {
            if (message.case !== "tasks") continue;
            for (const { id, attempt } of message.value.tasks) {
              if (random.chance(0.5)) answer(id, attempt);
              else setImmediate(answer, id, attempt);
            }
          }
        };
        // It is cut at the end.
        read().catch(() => undefined);
        call.send({
          message: { case: "hello", value: { workerId, queues: ["orders"], types: [...handled], capacity } },
        });
        return () => call.cancel();
      }

      const cuts = [...workers, { types: all, capacity: 2 }].map((worker, index) =>
        work(`w${index}`, worker.types, worker.capacity),
      );
      for (const batch of batches) {
        const requests = batch.map(({ dispatch, ...of }) => ({
          task: { queue: "orders", ...of },
          ...(dispatch && {
            dispatch: { ...dispatch, ...("workerId" in dispatch && { workerWait: { seconds: 1n } }) },
          }),
        }));
        await server.queue.enqueueBatch({ requests });
      }
      await done.promise;
      for (const cut of cuts) cut();
    }),
    { numRuns: 8 },
  );
}, 60_000);
