import { describe, expect, it } from "vitest";
import { limits } from "../../../src/contract/limits.ts";
import { bytes, json, present } from "../../harness/calls/tasks.ts";
import { readWorkflow, type StartInit, type StepInit, start, stepsIn } from "../../harness/calls/workflows.ts";
import { refusalOf } from "../../harness/refusal.ts";
import { freshQueue, shareServer } from "../../harness/shared-server.ts";

const shared = shareServer();

const step: StepInit = { stepId: "a", serviceName: "shop", action: "do" };
const long = (length: number) => "x".repeat(length);

/** All workflows and all counts of queues. */
async function everything() {
  const [{ workflows }, { queues }] = await Promise.all([
    shared().workflow.listWorkflows({ pageSize: 1_000 }),
    shared().queue.listQueues({ pageSize: 1_000 }),
  ]);
  return { workflows, queues };
}

describe("StartWorkflow", () => {
  it.each<[string, StartInit]>([
    ["name", { name: "", steps: [step] }],
    ["name", { name: "no blanks", steps: [step] }],
    ["steps", { steps: [] }],
    ["steps", { steps: Array.from({ length: 101 }, (_, index) => ({ ...step, stepId: `s${index}` })) }],
    ["steps[1].step_id", { steps: [step, { ...step, stepId: "" }] }],
    ["steps[0].step_id", { steps: [{ ...step, stepId: "1st" }] }],
    ["steps[0].step_id", { steps: [{ ...step, stepId: "a-b" }] }],
    ["steps[0].step_id", { steps: [{ ...step, stepId: long(65) }] }],
    ["steps[1].step_id", { steps: [step, step] }],
    ["steps[0].service_name", { steps: [{ ...step, serviceName: "" }] }],
    ["steps[0].service_name", { steps: [{ ...step, serviceName: "no blanks" }] }],
    ["steps[0].action", { steps: [{ ...step, action: "" }] }],
    ["steps[0].compensate_with", { steps: [{ ...step, compensateWith: "un do" }] }],
    ["steps[0].max_retries", { steps: [{ ...step, maxRetries: -1 }] }],
    ["steps[0].max_retries", { steps: [{ ...step, maxRetries: 1_000 }] }],
    ["steps[0].retry_policy.multiplier", { steps: [{ ...step, retryPolicy: { multiplier: 11 } }] }],
    ["steps[0].timeout", { steps: [{ ...step, timeout: { seconds: 0n, nanos: 0 } }] }],
    ["steps[0].depends_on[0]", { steps: [{ ...step, dependsOn: ["a"] }] }],
    ["steps[1].depends_on[1]", { steps: [step, { ...step, stepId: "b", dependsOn: ["a", "c"] }] }],
    ["steps[1].depends_on[1]", { steps: [step, { ...step, stepId: "b", dependsOn: ["a", "a"] }] }],
    ["steps[0].depends_on", { steps: [{ ...step, dependsOn: Array.from({ length: 101 }, () => "a") }] }],
    ["steps[0].parameters.json.a[1]", { steps: [{ ...step, parameters: json({ a: [1, "${1 +}"] }) }] }],
    ["steps[0].parameters.json", { steps: [{ ...step, parameters: json("${input") }] }],
    ["steps[0].parameters.json", { steps: [{ ...step, parameters: json("${now()}") }] }],
    ["steps[0].parameters.json", { steps: [{ ...step, parameters: json("${results.a}") }] }],
    ["steps[0].parameters.json", { steps: [{ ...step, parameters: json("${results.zzz}") }] }],
    ["steps[0].parameters.json", { steps: [{ ...step, parameters: json("${results[input.step]}") }] }],
    ["steps[1].parameters.json", { steps: [step, { ...step, stepId: "b", parameters: json('${results["a"]}') }] }],
    ["steps", { steps: [{ ...step, parameters: json(Array.from({ length: 201 }, () => "${input}")) }] }],
    ["correlation_id", { steps: [step], correlationId: long(257) }],
    ["source_service", { steps: [step], sourceService: long(101) }],
    ["request_id", { steps: [step], requestId: long(129) }],
    ["headers", { steps: [step], headers: { "": "1" } }],
  ])("refuses, names %s, and changes nothing", async (field, request) => {
    const before = await everything();
    const refusal = await refusalOf(start(shared(), { requestId: "", ...request }));
    expect(refusal).toMatchObject({ code: "INVALID_ARGUMENT", reason: "INVALID_FIELD", field });
    expect(await everything()).toEqual(before);
  });

  it("names a cycle, and changes nothing", async () => {
    const before = await everything();
    const steps = stepsIn("shop", { start: "", a: "start c", b: "a", c: "b" });
    const refusal = await refusalOf(start(shared(), { steps }));
    expect(refusal).toMatchObject({
      code: "INVALID_ARGUMENT",
      reason: "INVALID_FIELD",
      field: "steps[1].depends_on[1]",
    });
    expect(refusal.message).toContain("a -> c -> b -> a");
    expect(await everything()).toEqual(before);
  });

  it("refuses payloads that are too large, alone and together", async () => {
    const large = { ...step, parameters: bytes(1_048_577) };
    expect(await refusalOf(start(shared(), { steps: [large] }))).toMatchObject({
      reason: "PAYLOAD_TOO_LARGE",
      field: "steps[0].parameters",
    });
    expect(await refusalOf(start(shared(), { steps: [step], input: bytes(1_048_577) }))).toMatchObject({
      field: "input",
    });
    const steps = ["a", "b", "c"].map((stepId) => ({ ...step, stepId, parameters: bytes(900_000) }));
    expect(await refusalOf(start(shared(), { steps }))).toMatchObject({ reason: "PAYLOAD_TOO_LARGE", field: "steps" });
    const deep = JSON.parse(`${"[".repeat(limits.jsonDepth + 1)}${"]".repeat(limits.jsonDepth + 1)}`);
    expect(await refusalOf(start(shared(), { steps: [{ ...step, parameters: json(deep) }] }))).toMatchObject({
      field: "steps[0].parameters.json",
    });
  });

  it("names the step whose queue has no room, and stores nothing", async () => {
    const [roomy, full] = [freshQueue(), freshQueue()];
    await shared().queue.updateQueue({ queue: { name: full, maxDepth: 1n }, allowMissing: true });
    const steps = [...stepsIn(roomy, { a: "" }), ...stepsIn(full, { b: "a", c: "b" })];
    expect(await refusalOf(start(shared(), { steps, correlationId: full }))).toMatchObject({
      code: "RESOURCE_EXHAUSTED",
      reason: "QUEUE_FULL",
      field: "steps[2].service_name",
      retryAfterMs: 1_000,
    });
    const { workflows } = await shared().workflow.listWorkflows({ filter: { correlationId: full } });
    expect(workflows).toEqual([]);
  });

  it("stores one workflow for a request that is repeated, and refuses other content", async () => {
    const request = {
      name: "place-order",
      requestId: freshQueue(),
      steps: stepsIn("shop", { a: "", b: "a" }, { parameters: json({ x: 1, y: 2 }) }),
      input: json({ b: 1, a: [2] }),
      headers: { tenant: "acme", traceparent: "00-1" },
    };
    const first = await shared().workflow.startWorkflow(request);
    expect(first.created).toBe(true);
    const again = await shared().workflow.startWorkflow({
      ...request,
      input: json({ a: [2], b: 1 }),
      headers: { tenant: "acme", traceparent: "00-2" },
    });
    expect(again).toMatchObject({ created: false, workflow: { id: first.workflow?.id } });
    for (const change of [
      { input: json({ b: 1 }) },
      { headers: { tenant: "other" } },
      { headers: {} },
      { name: "other" },
      { correlationId: "c" },
      { steps: stepsIn("shop", { a: "", b: "" }, { parameters: json({ x: 1, y: 2 }) }) },
      { steps: stepsIn("shop", { a: "", b: "a" }, { parameters: json({ x: 1, y: 3 }) }) },
    ]) {
      expect(await refusalOf(shared().workflow.startWorkflow({ ...request, ...change }))).toMatchObject({
        code: "ALREADY_EXISTS",
        reason: "REQUEST_ID_REUSED",
        metadata: { workflow_id: first.workflow?.id },
      });
    }
  });

  it("stores a workflow of a hundred steps, each after the one before", async () => {
    const queue = freshQueue();
    const graph = Object.fromEntries(Array.from({ length: 100 }, (_, n) => [`s${n}`, n === 0 ? "" : `s${n - 1}`]));
    const started = await start(shared(), { steps: stepsIn(queue, graph) });
    expect((await readWorkflow(shared(), started)).steps).toHaveLength(100);
    expect(present((await shared().queue.getQueue({ name: queue })).queue?.statistics)).toMatchObject({
      pending: 1n,
      blocked: 99n,
    });
  });

  it("answers no payloads, and keeps what it was given", async () => {
    const queue = freshQueue();
    const asked: StepInit = {
      stepId: "a",
      serviceName: queue,
      action: "do",
      parameters: json({ x: "${input}", y: "$${" }),
      maxRetries: 7,
      retryPolicy: { initialBackoff: { seconds: 3n, nanos: 0 }, multiplier: 1 },
      timeout: { seconds: 5n, nanos: 0 },
      compensateWith: "undo",
    };
    const started = await start(shared(), { steps: [asked], input: json(1) });
    expect(started.input).toBeUndefined();
    expect(started.steps[0]?.parameters).toBeUndefined();
    const whole = await readWorkflow(shared(), started);
    expect(whole.steps[0]).toMatchObject(asked);
  });
});
