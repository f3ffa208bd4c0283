import { connect, createProducer } from "../../src/client/index.ts";
import type { Case } from "../case.ts";
import { measureInFlight, paceOf } from "../in-flight.ts";
import { payload } from "../payload.ts";

/** Single enqueues as a service makes them: the SDK puts those that are under way together into batches. */
export const enqueueSingly: Case = {
  name: "enqueue-singly",
  what: "single enqueues through the SDK's producer, 64 in flight",
  server: "sitq",
  ceiling: "rows",
  goal: { atLeast: 30_000 },
  async run({ address, quick }, rounds) {
    const client = connect({ address });
    const producer = createProducer(client);
    const enqueue = () => producer.enqueue("bench", "work", payload);
    const rates = await measureInFlight(64, enqueue, rounds, paceOf(quick));
    await producer.close();
    client.close();
    return rates.map((value) => [{ name: "rate", unit: "tasks/s", value }]);
  },
};
