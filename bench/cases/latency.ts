import { TaskState } from "../../gen/sitq/v1/task_pb.js";
import { connect, createProducer, createWorker } from "../../src/client/index.ts";
import type { Case, Figure } from "../case.ts";
import { payload } from "../payload.ts";
import { quantile } from "../quantile.ts";

/** On an idle system: the next task is enqueued when the one before is settled. Producer and worker share a process, so a clock. */
export const latency: Case = {
  name: "latency",
  what: "from the call of enqueue to the call of the handler, one task at a time",
  server: "sitq",
  ceilings: [{ name: "echo", figure: "one at a time" }, { name: "sync" }],
  goals: [
    { figure: "median", atMost: (of) => of("echo", "one at a time") + of("sync") + 0.3 },
    { figure: "p99 to median", atMost: 3 },
  ],
  async run({ address, quick }, rounds) {
    const client = connect({ address });
    const producer = createProducer(client);
    let onHandled: () => void = () => undefined;
    const worker = createWorker(client, { queues: ["latency"], handlers: { work: () => onHandled() } });
    await worker.start();

    async function once(): Promise<number> {
      const beganMs = performance.now();
      const handled = new Promise<number>((resolve) => {
        onHandled = () => resolve(performance.now() - beganMs);
      });
      const { id: taskId } = await producer.enqueue("latency", "work", payload);
      const span = await handled;
      while ((await client.queue.getTask({ taskId })).task?.state !== TaskState.COMPLETED);
      return span;
    }

    async function times(count: number): Promise<number[]> {
      const spans: number[] = [];
      while (spans.length < count) spans.push(await once());
      return spans;
    }

    await times(quick ? 20 : 500);
    const figures: Figure[][] = [];
    for (let round = 0; round < rounds; round++) {
      const spans = await times(quick ? 50 : 1_000);
      const [median, p99] = [quantile(spans, 0.5), quantile(spans, 0.99)];
      figures.push([
        { name: "median", unit: "ms", value: median },
        { name: "p99", unit: "ms", value: p99 },
        { name: "p99 to median", unit: "ratio", value: p99 / median },
      ]);
    }
    await worker.stop();
    await producer.close();
    client.close();
    return figures;
  },
};
