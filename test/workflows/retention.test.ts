import { expect, it } from "vitest";
import { connectWorker } from "../harness/calls/scripted-worker.ts";
import { present } from "../harness/calls/tasks.ts";
import { readWorkflow, start, step, stepsIn } from "../harness/calls/workflows.ts";
import { createFakeClock } from "../harness/fake-clock.ts";
import { refusalOf } from "../harness/refusal.ts";
import { startServer } from "../harness/server.ts";

const hourMs = 3_600_000;

it("keeps workflows at rest for their retention, whatever their queues keep, and others for ever", async () => {
  const clock = createFakeClock();
  await using server = await startServer({ clock, config: { workflowRetentionMs: 48 * hourMs } });
  const retention = { completed: { seconds: 0n, nanos: 0 } };
  await server.queue.updateQueue({ queue: { name: "shop", retention }, allowMissing: true });
  const worker = await connectWorker(server, { queues: ["shop"] });
  const done = await start(server, { steps: stepsIn("shop", { a: "" }) });
  await worker.complete(...(await worker.take(1)));
  worker.cut();
  await worker.ended;
  const waiting = await start(server, { steps: stepsIn("other", { a: "" }) });

  /** Lets time pass until whatever is due has been done: the store answers in order. */
  async function pass(ms: number): Promise<void> {
    clock.advance(ms);
    for (let turn = 0; turn < 5; turn++) {
      await server.queue.listQueues({});
      clock.advance(hourMs);
    }
  }
  await pass(30 * hourMs);
  expect((await readWorkflow(server, done)).finishTime).toBeDefined();
  await pass(20 * hourMs);
  expect(await refusalOf(readWorkflow(server, done))).toMatchObject({ reason: "WORKFLOW_NOT_FOUND" });
  const taskId = step(done, "a").taskId;
  expect(await refusalOf(server.queue.getTask({ taskId }))).toMatchObject({ reason: "TASK_NOT_FOUND" });
  expect(present((await server.queue.getQueue({ name: "shop" })).queue?.statistics).completed).toBe(0n);
  await pass(1_000 * hourMs);
  expect((await readWorkflow(server, waiting)).finishTime).toBeUndefined();
});
