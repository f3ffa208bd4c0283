import { toBinary } from "@bufbuild/protobuf";
import { expect, it } from "vitest";
import { GetWorkflowResponseSchema, WorkflowSchema } from "../../../gen/sitq/v1/workflow_service_pb.js";
import { connectWorker } from "../../harness/calls/scripted-worker.ts";
import { bytes, present } from "../../harness/calls/tasks.ts";
import { type StepInit, start, stepsIn } from "../../harness/calls/workflows.ts";
import { freshQueue, shareServer } from "../../harness/shared-server.ts";

const shared = shareServer();

it("is read whole below the bound of a message, however large its parts are", async () => {
  const queue = freshQueue();
  const worker = await connectWorker(shared(), { workerId: queue, queues: [queue], capacity: 100 });
  const graph = Object.fromEntries(Array.from({ length: 99 }, (_, n) => [`${"s".repeat(60)}_${n}`, ""]));
  const last: StepInit = { stepId: "last", serviceName: queue, action: "last", dependsOn: Object.keys(graph) };
  const steps = [...stepsIn(queue, graph, { parameters: bytes(10_000), maxRetries: 0 }), last];
  const started = await start(shared(), { steps, input: bytes(1_000_000) });
  const tasks = await worker.take(99);
  // A workflow has failed with its first failure; those that run are left to end.
  const error = { message: "m".repeat(8_192), type: "Large", stackTrace: "t".repeat(16_384) };
  await worker.end(tasks.slice(0, 80), { case: "failed", value: { error, terminal: true } });
  await worker.end(tasks.slice(80, 90), { case: "completed", value: { result: bytes(50_000) } });
  await worker.end(tasks.slice(90), { case: "completed", value: { result: bytes(200_000) } });

  const response = await shared().workflow.getWorkflow({ workflowId: started.id });
  expect(toBinary(GetWorkflowResponseSchema, response).length).toBeLessThan(3 * 1_048_576);
  const { workflow } = await shared().workflow.retryWorkflow({ workflowId: started.id });
  expect(toBinary(WorkflowSchema, present(workflow)).length).toBeLessThan(3 * 1_048_576);
  const read = response.workflow?.steps ?? [];
  expect(read).toHaveLength(100);
  expect(read.every(({ parameters, stepId }) => stepId === "last" || parameters !== undefined)).toBe(true);
  expect(read.filter(({ lastError }) => lastError?.type === "Large")).toHaveLength(80);
});
