import { fork } from "node:child_process";
import { resolve } from "node:path";
import { WorkerService } from "../../gen/sitq/v1/worker_service_pb.js";
import { connect, createProducer } from "../../src/client/index.ts";
import { createChannel } from "../../src/grpc/client/channel.ts";
import { createClient } from "../../src/grpc/client/client.ts";
import type { Case, Figure } from "../case.ts";
import type { SenderCount, SenderOrder } from "../processes/overload-sender.ts";
import { quantile } from "../quantile.ts";

const senders = 4;

/** Enqueues by the clock from several processes, and meanwhile does what `meanwhile` does. */
async function underLoad<T>(order: SenderOrder, meanwhile: (ended: AbortSignal) => Promise<T>) {
  const ended = new AbortController();
  const counts = Promise.all(
    Array.from({ length: senders }, () => {
      const child = fork(resolve(import.meta.dirname, "../processes/overload-sender.ts"));
      child.send({ ...order, perSecond: order.perSecond / senders } satisfies SenderOrder);
      return new Promise<SenderCount>((done, reject) => {
        child.once("message", done);
        child.once("exit", () => reject(new Error("a sender ended early")));
      });
    }),
  ).finally(() => ended.abort());
  const [sent, found] = await Promise.all([counts, meanwhile(ended.signal)]);
  const sum = (name: keyof SenderCount) => sent.reduce((total, each) => total + each[name], 0);
  const seconds = order.forMs / 1_000;
  return { found, accepted: sum("accepted") / seconds, refused: sum("refused") / seconds, failed: sum("failed") };
}

/**
 * New work at ten times what the server can store, by the clock. Reads and settlements of others are to take at most twice what they
 * take at 80 % of it. Everything runs on one machine, so that the senders take from the server what they need.
 */
export const overload: Case = {
  name: "overload",
  what: "GetTask and a settlement while enqueues come at ten times the capacity, beside 80 % of it",
  server: "sitq",
  goals: [
    { figure: "GetTask p99 to that at 80 %", atMost: 2 },
    { figure: "settlement p99 to that at 80 %", atMost: 2 },
  ],
  async run({ address, quick, say }, rounds) {
    const client = connect({ address });
    const producer = createProducer(client);
    const { id: taskId } = await producer.enqueue("probe", "kept");
    const forMs = quick ? 1_000 : 8_000;

    async function reads(ended: AbortSignal): Promise<number[]> {
      const spans: number[] = [];
      while (!ended.aborted) {
        const beganMs = performance.now();
        await client.queue.getTask({ taskId });
        spans.push(performance.now() - beganMs);
        await new Promise((next) => setTimeout(next, 10));
      }
      return spans;
    }

    async function settlements(ended: AbortSignal): Promise<number[]> {
      const channel = createChannel(address);
      const call = createClient(WorkerService, channel).work();
      call.send({ message: { case: "hello", value: { queues: ["overload"], capacity: 1 } } });
      const spans: number[] = [];
      let beganMs = 0;
      ended.addEventListener("abort", () => call.end());
      for await (const { message } of call.responses) {
        if (message.case === "settled") spans.push(performance.now() - beganMs);
        if (message.case !== "tasks" || ended.aborted) continue;
        await new Promise((next) => setTimeout(next, 10));
        beganMs = performance.now();
        const outcomes = message.value.tasks.map(({ id, attempt }) => ({
          taskId: id,
          attempt,
          outcome: { case: "completed" as const, value: {} },
        }));
        call.send({ message: { case: "outcomes", value: { outcomes } } });
      }
      channel.close();
      return spans;
    }

    const probe = (ended: AbortSignal) => Promise.all([reads(ended), settlements(ended)]);
    const at = (perSecond: number, mostOpen: number, ms = forMs) =>
      underLoad({ address, perSecond, forMs: ms, mostOpen }, probe);

    const figures: Figure[][] = [];
    for (let round = 0; round < rounds; round++) {
      // As much as is open at a time decides how much is stored; 50 for each sender keep the server busy.
      const { accepted: capacity } = await at(1_000_000, 50, forMs / 2);
      const busy = await at(capacity * 0.8, 3_000);
      const over = await at(capacity * 10, 3_000);
      say(
        `capacity ${Math.round(capacity)}/s; at 80 %: ${Math.round(busy.accepted)}/s stored; at ten times: ` +
          `${Math.round(over.accepted)}/s stored, ${Math.round(over.refused)}/s refused, ${over.failed} failed`,
      );
      const [readsBusy, settledBusy] = busy.found.map((spans) => quantile(spans, 0.99)) as [number, number];
      const [readsOver, settledOver] = over.found.map((spans) => quantile(spans, 0.99)) as [number, number];
      figures.push([
        { name: "GetTask p99 to that at 80 %", unit: "ratio", value: readsOver / readsBusy },
        { name: "settlement p99 to that at 80 %", unit: "ratio", value: settledOver / settledBusy },
        { name: "GetTask p99 at 80 %", unit: "ms", value: readsBusy },
        { name: "GetTask p99", unit: "ms", value: readsOver },
        { name: "settlement p99 at 80 %", unit: "ms", value: settledBusy },
        { name: "settlement p99", unit: "ms", value: settledOver },
      ]);
    }
    await producer.close();
    client.close();
    return figures;
  },
};
