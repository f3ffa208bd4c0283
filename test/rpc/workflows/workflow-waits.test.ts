import { expect, it } from "vitest";
import { type Explanation, WaitReason } from "../../../gen/sitq/v1/explanation_pb.js";
import { connectWorker } from "../../harness/calls/scripted-worker.ts";
import { present } from "../../harness/calls/tasks.ts";
import { readWorkflow, start, step, stepsIn } from "../../harness/calls/workflows.ts";
import { freshQueue, shareServer } from "../../harness/shared-server.ts";

const shared = shareServer();

const shown = (explanation: Explanation | undefined) =>
  explanation && `${WaitReason[explanation.reason]}: ${explanation.message}`;

/** What a list says that the workflows of a name wait for, newest first. */
async function listed(name: string) {
  const { workflows } = await shared().workflow.listWorkflows({ filter: { name } });
  return workflows.map(({ wait }) => wait && `${wait.stepId} ${shown(wait.explanation)}`);
}

it("says of each step, and of the workflow, what it waits for", async () => {
  const queue = freshQueue();
  const name = `order-${queue}`;
  const started = await start(shared(), { name, steps: stepsIn(queue, { reserve: "", charge: "reserve" }) });
  const alone = `NO_WORKER: no worker is on the queue "${queue}"`;
  const waiting = await readWorkflow(shared(), started);
  expect(shown(step(waiting, "reserve").explanation)).toBe(alone);
  expect(shown(step(waiting, "charge").explanation)).toBe('DEPENDENCIES: it waits for the step "reserve"');
  expect(step(waiting, "reserve").wait).toMatchObject({ serviceName: queue, workerCount: 0, isUnhandled: false });
  expect(step(waiting, "reserve").wait?.sinceTime).toEqual(started.createTime);
  expect(step(waiting, "charge").wait).toMatchObject({ stepIds: ["reserve"], sinceTime: undefined });
  expect(waiting.wait).toMatchObject({ stepId: "reserve", isCompensation: false });
  expect(shown(waiting.wait?.explanation)).toBe(alone);
  expect(await listed(name)).toEqual([`reserve ${alone}`]);
  // The same as for the task itself.
  const { explanation } = await shared().queue.explainTask({ taskId: step(waiting, "reserve").taskId });
  expect(explanation).toEqual(step(waiting, "reserve").explanation);

  const worker = await connectWorker(shared(), { workerId: queue, queues: [queue], capacity: 1 });
  const [reserve] = await worker.take(1);
  const running = await readWorkflow(shared(), started);
  expect(running.wait).toBeUndefined();
  expect(step(running, "reserve").explanation).toBeUndefined();
  expect(await listed(name)).toEqual([undefined]);

  await worker.complete(present(reserve));
  await worker.complete(...(await worker.take(1)));
  expect(await listed(name)).toEqual([undefined]);
});

it("says that a workflow waits to be executed, or for a compensation", async () => {
  const queue = freshQueue();
  const name = `order-${queue}`;
  await start(shared(), { name, steps: stepsIn(queue, { a: "" }), pending: true });
  expect(await listed(name)).toEqual(["a NOT_EXECUTED: the workflow waits for ExecuteWorkflow"]);

  const [first, second] = stepsIn(queue, { a: "", b: "a" }, { maxRetries: 0 });
  const started = await start(shared(), { name, steps: [{ ...first, compensateWith: "undo" }, present(second)] });
  const worker = await connectWorker(shared(), { workerId: queue, queues: [queue], types: ["a", "b"] });
  await worker.complete(...(await worker.take(1)));
  await worker.end(await worker.take(1), { case: "failed", value: { error: { message: "no" } } });
  const undone = await readWorkflow(shared(), started);
  const none = `NO_HANDLER: the worker on the queue "${queue}" does not handle "undo"`;
  expect(undone.wait).toMatchObject({ stepId: "a", isCompensation: true });
  const [a] = undone.steps;
  expect(shown(a?.compensation?.explanation)).toBe(none);
  expect(a?.compensation?.wait).toMatchObject({ workerCount: 1, isUnhandled: true });
  expect((await listed(name))[0]).toBe(`a ${none}`);
});
