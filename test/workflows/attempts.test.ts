import { expect, it } from "vitest";
import { AttemptOutcome, TaskState } from "../../gen/sitq/v1/task_pb.js";
import { WorkflowState } from "../../gen/sitq/v1/workflow_service_pb.js";
import { connectWorker } from "../harness/calls/scripted-worker.ts";
import { json, ms, present, span } from "../harness/calls/tasks.ts";
import { readWorkflow, start, step, stepsIn } from "../harness/calls/workflows.ts";
import { createFakeClock } from "../harness/fake-clock.ts";
import { startServer } from "../harness/server.ts";

const now = { initialBackoff: span(0) };

it.each([
  ["three times unless it says otherwise", {}, 4],
  ["as often as it says", { maxRetries: 1 }, 2],
  ["never if it says so", { maxRetries: 0 }, 1],
])("repeats a step that fails %s", async (_, more, attempts) => {
  await using server = await startServer();
  const worker = await connectWorker(server, { queues: ["shop"] });
  const started = await start(server, { steps: stepsIn("shop", { a: "", b: "a" }, { retryPolicy: now, ...more }) });
  for (let attempt = 1; attempt <= attempts; attempt++) {
    const [task] = await worker.take(1);
    expect(task).toMatchObject({ type: "a", attempt, maxAttempts: attempts });
    await worker.end([present(task)], { case: "failed", value: { error: { message: `no ${attempt}` } } });
  }
  const failed = await readWorkflow(server, started);
  expect(failed).toMatchObject({
    state: WorkflowState.FAILED,
    failure: { stepId: "a", error: { message: `no ${attempts}` } },
  });
  expect(step(failed, "a")).toMatchObject({ state: TaskState.FAILED, attempt: attempts });
  expect(step(failed, "b")).toMatchObject({ state: TaskState.CANCELLED, attempt: 0 });
});

it("ends an attempt that runs longer than the step's timeout, and tells its worker", async () => {
  const clock = createFakeClock();
  await using server = await startServer({ clock });
  const worker = await connectWorker(server, { queues: ["shop"] });
  const steps = stepsIn("shop", { a: "" }, { timeout: span(4_000), maxRetries: 0 });
  const started = await start(server, { steps });
  const [task] = await worker.take(1);
  clock.advance(4_000);
  expect(await worker.next("cancel")).toMatchObject({ tasks: [{ taskId: task?.id, attempt: 1 }] });
  expect(await readWorkflow(server, started)).toMatchObject({ state: WorkflowState.FAILED, failure: { stepId: "a" } });
  const { task: read } = await server.queue.getTask({ taskId: present(task).id });
  expect(read?.attempts.map(({ outcome }) => outcome)).toEqual([AttemptOutcome.TIMED_OUT]);
});

it("says since when a step waits for its service: since it last came to stand in line", async () => {
  const clock = createFakeClock();
  await using server = await startServer({ clock });
  const started = await start(server, { steps: stepsIn("shop", { a: "", b: "a" }) });
  const since = async (stepId: string) => ms(step(await readWorkflow(server, started), stepId).wait?.sinceTime);
  const begin = clock.now();
  expect(await since("a")).toBe(begin);

  clock.advance(60_000);
  const { tasks } = await server.worker.claimTasks({ workerId: "by-hand", queues: ["shop"] });
  const result = json("done");
  await server.worker.completeTask({ workerId: "by-hand", taskId: present(tasks[0]).id, attempt: 1, result });
  expect(await since("b")).toBe(begin + 60_000);

  // What was called off waits anew when it goes on.
  clock.advance(60_000);
  await server.workflow.cancelWorkflow({ workflowId: started.id });
  clock.advance(60_000);
  await server.workflow.retryWorkflow({ workflowId: started.id });
  expect(await since("b")).toBe(begin + 180_000);
});
