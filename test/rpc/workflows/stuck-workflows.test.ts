import { durationFromMs } from "@bufbuild/protobuf/wkt";
import { expect, it } from "vitest";
import { WaitReason } from "../../../gen/sitq/v1/explanation_pb.js";
import { ProblemKind } from "../../../gen/sitq/v1/monitor_service_pb.js";
import { WorkflowState } from "../../../gen/sitq/v1/workflow_service_pb.js";
import { connectWorker } from "../../harness/calls/scripted-worker.ts";
import { ms } from "../../harness/calls/tasks.ts";
import { start, stepsIn } from "../../harness/calls/workflows.ts";
import { createFakeClock } from "../../harness/fake-clock.ts";
import { refusalOf } from "../../harness/refusal.ts";
import { startServer, type TestServer } from "../../harness/server.ts";

const minuteMs = 60_000;

async function stuck(server: TestServer, minutes: number) {
  const filter = { stuckFor: durationFromMs(minutes * minuteMs) };
  return (await server.workflow.listWorkflows({ filter })).workflows;
}

it("lists workflows of whose steps none runs and none has ended for so long, with what they wait for", async () => {
  const clock = createFakeClock();
  // Workers hold their leases for longer than the minutes that pass.
  await using server = await startServer({ clock, config: { leaseDurationMs: 3_600_000 } });
  const worker = await connectWorker(server, { queues: ["packing"], capacity: 1 });
  const { id } = await start(server, {
    name: "waits",
    steps: [...stepsIn("packing", { a: "" }), ...stepsIn("shipping", { b: "a", c: "a", d: "b c" })],
  });
  const [a] = await worker.take(1);
  clock.advance(20 * minuteMs);
  // It runs for long, and is not stuck.
  expect(await stuck(server, 10)).toEqual([]);
  await worker.complete(...(a === undefined ? [] : [a]));
  const endedMs = clock.now();
  clock.advance(10 * minuteMs - 1);
  expect(await stuck(server, 10)).toEqual([]);
  clock.advance(1);
  const [found, ...others] = await stuck(server, 10);
  expect(others).toEqual([]);
  expect(found).toMatchObject({
    id,
    state: WorkflowState.RUNNING,
    steps: [],
    wait: { stepId: "b", isCompensation: false, explanation: { reason: WaitReason.NO_WORKER } },
  });
  expect(ms(found?.waitingSinceTime)).toBe(endedMs);

  const shipper = await connectWorker(server, { workerId: "shipper", queues: ["shipping"] });
  await shipper.take(2);
  expect(await stuck(server, 10)).toEqual([]);
});

it("says of one that was never executed, and of one whose undoing waits, since when it does", async () => {
  const clock = createFakeClock();
  await using server = await startServer({ clock });
  const startMs = clock.now();
  const later = await start(server, { name: "later", steps: stepsIn("nobody", { a: "" }), pending: true });
  const undone = await start(server, {
    name: "undone",
    steps: [
      ...stepsIn("packing", { a: "" }, { compensateWith: "undo" }),
      ...stepsIn("packing", { b: "a" }, { maxRetries: 0 }),
    ],
  });
  const worker = await connectWorker(server, { queues: ["packing"], capacity: 1, types: ["a", "b"] });
  await worker.complete(...(await worker.take(1)));
  clock.advance(1_000);
  await worker.end(await worker.take(1), { case: "failed", value: { error: { type: "NoMoney" } } });
  clock.advance(5_000);
  const found = await server.workflow.listWorkflows({ filter: { stuckFor: durationFromMs(5_000) } });
  expect(found.workflows.map(({ name, waitingSinceTime }) => [name, ms(waitingSinceTime)])).toEqual([
    ["undone", startMs + 1_000],
    ["later", startMs],
  ]);
  expect(found.workflows).toMatchObject([
    { wait: { stepId: "a", isCompensation: true, explanation: { reason: WaitReason.NO_HANDLER } } },
    { wait: { stepId: "a", explanation: { reason: WaitReason.NOT_EXECUTED } } },
  ]);

  await server.workflow.executeWorkflow({ workflowId: later.id });
  // It waits for a worker from now on.
  const again = await server.workflow.listWorkflows({ filter: { stuckFor: durationFromMs(5_000) } });
  expect(again.workflows.map(({ name }) => name)).toEqual(["undone"]);
  await server.workflow.cancelWorkflow({ workflowId: later.id });
  clock.advance(60_000);
  expect((await stuck(server, 1)).map(({ id }) => id)).toEqual([undone.id]);
});

it("finds the same as GetStatus, and none that waits for a time that was set for it", async () => {
  const clock = createFakeClock();
  await using server = await startServer({ clock });
  const { id } = await start(server, { name: "waits", steps: stepsIn("nobody", { a: "" }) });
  const { id: later } = await start(server, { name: "later", steps: stepsIn("nobody", { a: "" }) });
  const taskId = (await server.workflow.getWorkflow({ workflowId: later })).workflow?.steps[0]?.taskId ?? "";
  const inStatus = async () => {
    const { problems } = await server.monitor.getStatus({});
    return problems.flatMap(({ kind, subject }) => (kind === ProblemKind.WORKFLOW_STUCK ? [subject.value] : []));
  };
  const delay = durationFromMs(60 * minuteMs);
  await server.queue.updateTask({ task: { id: taskId, delay }, updateMask: { paths: ["delay"] } });
  expect([await stuck(server, 10), await inStatus()]).toEqual([[], []]);
  clock.advance(10 * minuteMs);
  expect([(await stuck(server, 10)).map((found) => found.id), await inStatus()]).toEqual([[id], [id]]);
});

it("lists them page by page with the other filters, and refuses a token of another duration", async () => {
  const clock = createFakeClock();
  await using server = await startServer({ clock });
  for (const name of ["x", "y", "x", "x"]) await start(server, { name, steps: stepsIn("nobody", { a: "" }) });
  clock.advance(minuteMs);
  const filter = { name: "x", stuckFor: durationFromMs(minuteMs), states: [WorkflowState.PENDING] };
  const first = await server.workflow.listWorkflows({ filter, pageSize: 2 });
  const pageToken = first.nextPageToken;
  const second = await server.workflow.listWorkflows({ filter, pageSize: 2, pageToken });
  expect([first.workflows.length, second.workflows.length, second.nextPageToken]).toEqual([2, 1, ""]);
  const other = { ...filter, stuckFor: durationFromMs(2 * minuteMs) };
  expect(await refusalOf(server.workflow.listWorkflows({ filter: other, pageToken }))).toMatchObject({
    reason: "INVALID_PAGE_TOKEN",
  });
  expect(await refusalOf(server.workflow.listWorkflows({ filter: { stuckFor: durationFromMs(1) } }))).toMatchObject({
    field: "filter.stuck_for",
  });
});
