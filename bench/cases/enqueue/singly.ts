import { connect, createProducer } from "../../../src/client/index.ts";
import type { Case } from "../../case.ts";
import { measureEnqueues } from "../../measure/measure-enqueues.ts";
import { payload } from "../../payload.ts";

/** Single enqueues as a service makes them: the SDK puts those that are under way together into batches. */
export const enqueueSingly: Case = {
  name: "enqueue-singly",
  what: "single enqueues through the SDK's producer, 64 in flight, a promise for each",
  server: "sitq",
  ceilings: [{ name: "echo" }, { name: "rows", figure: "insert 64" }],
  goals: [
    { figure: "rate", atLeast: 50_000 },
    { figure: "rate", atLeast: (of) => 3 * of("echo") },
  ],
  async run(context, rounds) {
    const client = connect({ address: context.address });
    const producer = createProducer(client);
    const enqueue = () => producer.enqueue("bench", "work", payload);
    const figures = await measureEnqueues(context, rounds, { inFlight: 64, enqueue });
    await producer.close();
    client.close();
    return figures;
  },
};
