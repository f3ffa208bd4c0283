import { connect } from "../../../src/client/index.ts";
import type { Case } from "../../case.ts";
import { measureEnqueues } from "../../measure/measure-enqueues.ts";
import { payload } from "../../payload.ts";

/** The plain call, as every language has it: what a unary call of grpc-js costs bounds it. */
export const enqueueUnary: Case = {
  name: "enqueue-unary",
  what: "unary Enqueue over the typed client, 64 in flight",
  server: "sitq",
  ceilings: [{ name: "echo" }],
  goals: [{ figure: "rate", atLeast: (of) => 0.85 * of("echo") }],
  async run(context, rounds) {
    const client = connect({ address: context.address });
    const task = { queue: "bench", type: "work", payload: { kind: { case: "binary" as const, value: payload } } };
    let count = 0;
    const enqueue = () => client.queue.enqueue({ task, requestId: `unary-${count++}` });
    const figures = await measureEnqueues(context, rounds, { inFlight: 64, enqueue });
    client.close();
    return figures;
  },
};
