import { connect } from "../../src/client/index.ts";
import type { Case } from "../case.ts";
import { measureInFlight, paceOf } from "../in-flight.ts";
import { payload } from "../payload.ts";

const batchTasks = 100;

/** Batches over the typed client: each enqueue with a request id, as everybody should. */
export const enqueueBatches: Case = {
  name: "enqueue-batches",
  what: "EnqueueBatch with 100 tasks, 4 batches in flight",
  server: "sitq",
  ceiling: "rows",
  goal: { atLeast: 80_000 },
  async run({ address, quick }, rounds) {
    const client = connect({ address });
    const task = { queue: "bench", type: "work", payload: { kind: { case: "binary" as const, value: payload } } };
    let count = 0;
    const enqueue = () => {
      const requests = Array.from({ length: batchTasks }, () => ({ task, requestId: `batch-${count++}` }));
      return client.queue.enqueueBatch({ requests });
    };
    const rates = await measureInFlight(4, enqueue, rounds, paceOf(quick));
    client.close();
    return rates.map((rate) => [{ name: "rate", unit: "tasks/s", value: rate * batchTasks }]);
  },
};
