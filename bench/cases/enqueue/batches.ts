import { connect, createProducer, newTask } from "../../../src/client/index.ts";
import type { Case } from "../../case.ts";
import { measureEnqueues } from "../../measure/measure-enqueues.ts";
import { payload } from "../../payload.ts";

const batchTasks = 100;

/** Batches over the typed client: each enqueue with a request id, as everybody should. */
export const enqueueBatches: Case = {
  name: "enqueue-batches",
  what: `EnqueueBatch with ${batchTasks} tasks over the typed client, 4 batches in flight`,
  server: "sitq",
  ceilings: [{ name: "rows", figure: "insert 100" }],
  goals: [
    { figure: "rate", atLeast: 110_000 },
    { figure: "rate", atLeast: (of) => 0.6 * of("rows", "insert 100") },
  ],
  async run(context, rounds) {
    const client = connect({ address: context.address });
    const task = { queue: "bench", type: "work", payload: { kind: { case: "binary" as const, value: payload } } };
    let count = 0;
    const enqueue = () => {
      const requests = Array.from({ length: batchTasks }, () => ({ task, requestId: `batch-${count++}` }));
      return client.queue.enqueueBatch({ requests });
    };
    const figures = await measureEnqueues(context, rounds, { inFlight: 4, tasks: batchTasks, enqueue });
    client.close();
    return figures;
  },
};

/** Batches as a service makes them: each task with a request id of the producer's, and an answer of its own. */
export const enqueueAll: Case = {
  name: "enqueue-all",
  what: `enqueueAll with ${batchTasks} tasks through the SDK's producer, 4 batches in flight`,
  server: "sitq",
  ceilings: [{ name: "rows", figure: "insert 100" }],
  goals: [{ figure: "rate", atLeast: (of) => 0.6 * of("rows", "insert 100") }],
  async run(context, rounds) {
    const client = connect({ address: context.address });
    const producer = createProducer(client);
    const tasks = () => Array.from({ length: batchTasks }, () => newTask("bench", "work", payload));
    const enqueue = () => producer.enqueueAll(tasks());
    const figures = await measureEnqueues(context, rounds, { inFlight: 4, tasks: batchTasks, enqueue });
    await producer.close();
    client.close();
    return figures;
  },
};
