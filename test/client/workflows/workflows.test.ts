import { describe, expect, expectTypeOf, it } from "vitest";
import {
  type AttemptAborted,
  awaitWorkflow,
  CallError,
  connect,
  createWorker,
  createWorkflow,
  executeWorkflow,
  type HandlerContext,
  handle,
  jsonTask,
  startWorkflow,
  TerminalError,
  type WorkerOptions,
  WorkflowFailedError,
  WorkflowState,
  watchWorkflow,
  workflow,
} from "../../../src/client/index.ts";
import { startServer, type TestServer } from "../../harness/server.ts";

const reserve = jsonTask<{ sku: string }, { shelf: string }>("reserve", { queue: "inventory" });
const charge = jsonTask<{ amount: number; note: string }, { receipt: number }>("charge", { queue: "payment" });
const ship = jsonTask<{ receipts: number[] }, string>("ship", { queue: "shipping" });

const placeOrder = workflow("place-order")
  .step("reserve", reserve, { sku: "${input.sku}" }, { compensateWith: "release" })
  .step("charge", charge, { amount: "${input.price * 2}", note: "order ${input.id}" }, { dependsOn: ["reserve"] })
  .step("ship", ship, { receipts: ["${results.charge.receipt}", 1] }, { dependsOn: ["charge"], maxRetries: 0 })
  .step("tell", "mail", { to: "${input.mail}" }, { service: "mailer", dependsOn: ["ship"] });

const order = { id: 7, sku: "cup", price: 4.5, mail: "a@shop.example" };

/** A client of a server and a worker of all services; both end with the block. */
async function startClient(server: TestServer, handlers: WorkerOptions["handlers"]) {
  const client = connect({ address: server.address, service: "shop" });
  const queues = ["inventory", "payment", "shipping", "mailer"];
  const worker = createWorker(client, { queues, handlers });
  await worker.start();
  return {
    client,
    async [Symbol.asyncDispose]() {
      await worker.stop({ graceMs: 0 });
      client.close();
    },
  };
}

describe("a workflow over the SDK", () => {
  it("runs with the types of its steps' definitions, and hands parameters and results on", async () => {
    await using server = await startServer();
    const seen: unknown[] = [];
    const note = (payload: unknown, { task }: HandlerContext) => void seen.push([payload, task.results]);
    await using harness = await startClient(server, [
      handle(reserve, (input, context) => {
        note(input, context);
        expect(context.task.workflow).toMatchObject({ stepId: "reserve", isCompensation: false });
        return { shelf: "A" };
      }),
      handle(charge, (input, context) => {
        note(input, context);
        return { receipt: 9 };
      }),
      handle(ship, (input, context) => {
        note(input, context);
        return "shipped";
      }),
      handle("mail", note),
    ]);
    const started = await startWorkflow(harness.client, placeOrder, { input: order, correlationId: "c-7" });
    expect(started).toMatchObject({ created: true, correlationId: "c-7" });
    const { results, workflow: done } = await awaitWorkflow(harness.client, started);
    expectTypeOf(results.charge).toEqualTypeOf<{ receipt: number }>();
    expectTypeOf(results.ship).toEqualTypeOf<string>();
    expect(results).toEqual({ reserve: { shelf: "A" }, charge: { receipt: 9 }, ship: "shipped", tell: undefined });
    expect(done).toMatchObject({ state: WorkflowState.COMPLETED, sourceService: "shop", correlationId: "c-7" });
    expect(seen).toEqual([
      [{ sku: "cup" }, {}],
      [{ amount: 9, note: "order 7" }, { reserve: { shelf: "A" } }],
      [{ receipts: [9, 1] }, { charge: { receipt: 9 } }],
      [{ to: "a@shop.example" }, { ship: "shipped" }],
    ]);
    expect((await awaitWorkflow(harness.client, started.id)).results).toEqual(results);
  });

  it("tells who waits why it failed, once everything is undone", async () => {
    await using server = await startServer();
    const undone: unknown[] = [];
    await using harness = await startClient(server, [
      handle(reserve, () => ({ shelf: "B" })),
      handle("release", (payload, { task }) => void undone.push(payload, task.results, task.workflow?.isCompensation)),
      handle(charge, () => {
        throw new TerminalError("no money", { type: "NoMoney" });
      }),
    ]);
    const started = await startWorkflow(harness.client, placeOrder, { input: order });
    const failure = await awaitWorkflow(harness.client, started).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(WorkflowFailedError);
    expect(failure).toMatchObject({
      message: `The workflow ${started.id} (place-order) failed at the step charge: NoMoney: no money`,
      workflowId: started.id,
      state: "FAILED",
      stepId: "charge",
      type: "NoMoney",
      compensation: "COMPLETED",
    });
    expect(undone).toEqual([{ sku: "cup" }, { reserve: { shelf: "B" } }, true]);
  });

  it("stops a running handler when the workflow is cancelled", async () => {
    await using server = await startServer();
    const aborted = Promise.withResolvers<AttemptAborted>();
    const began = Promise.withResolvers<void>();
    await using harness = await startClient(server, [
      handle(reserve, async (_, { signal }) => {
        began.resolve();
        await new Promise((resolve) => signal.addEventListener("abort", resolve));
        aborted.resolve(signal.reason);
        return { shelf: "" };
      }),
    ]);
    const { id: workflowId } = await startWorkflow(harness.client, placeOrder, { input: order });
    await began.promise;
    await harness.client.workflow.cancelWorkflow({ workflowId, reason: "changed my mind" });
    expect(await aborted.promise).toMatchObject({ why: "CANCELLED", message: "changed my mind" });
    await expect(awaitWorkflow(harness.client, workflowId)).rejects.toMatchObject({
      state: "CANCELLED",
      stepId: null,
      message: `The workflow ${workflowId} (place-order) was cancelled: changed my mind`,
    });
  });

  it("is waited for and watched through a restart of the server", async () => {
    await using server = await startServer();
    const go = Promise.withResolvers<void>();
    const began = Promise.withResolvers<void>();
    await using harness = await startClient(server, [
      handle(reserve, async () => {
        began.resolve();
        await go.promise;
        return { shelf: "A" };
      }),
    ]);
    const alone = workflow("alone").step("only", reserve, { sku: "pot" });
    const started = await startWorkflow(harness.client, alone);
    const result = awaitWorkflow(harness.client, started);
    const states: string[] = [];
    const watching = (async () => {
      for await (const { workflow: shown, changes } of watchWorkflow(harness.client, started.id)) {
        if (shown !== null) states.push(`at ${WorkflowState[shown.state]}`);
        for (const { stepId, workflowState } of changes)
          if (stepId === "") states.push(WorkflowState[workflowState] ?? "");
      }
    })();
    await began.promise;
    await server.restart();
    go.resolve();
    expect((await result).results).toEqual({ only: { shelf: "A" } });
    await watching;
    expect(states.at(-1)).toMatch(/COMPLETED$/);
    expect(states.filter((state) => state.startsWith("at ")).length).toBeGreaterThan(1);
  });

  it("gives up in time, or when it is told to", async () => {
    await using server = await startServer();
    const client = connect({ address: server.address });
    const { id } = await startWorkflow(client, placeOrder, { input: order });
    await expect(awaitWorkflow(client, id, { timeoutMs: 50 })).rejects.toMatchObject({
      reason: "WORKFLOW_NOT_FINISHED",
      message: `The workflow ${id} was not at rest within 50 ms: reserve: no worker is on the queue "inventory".`,
    });
    const later = await createWorkflow(client, placeOrder, { input: order });
    await expect(awaitWorkflow(client, later, { timeoutMs: 50 })).rejects.toThrow(
      "the workflow waits for ExecuteWorkflow",
    );
    const leave = new AbortController();
    const waiting = awaitWorkflow(client, id, { signal: leave.signal });
    leave.abort(new Error("enough"));
    await expect(waiting).rejects.toThrow("enough");
    await expect(awaitWorkflow(client, "nobody")).rejects.toMatchObject({ reason: "WORKFLOW_NOT_FOUND" });
    client.close();
  });

  it("is started once by one request id, and refused with the field's path", async () => {
    await using server = await startServer();
    const client = connect({ address: server.address });
    const first = await startWorkflow(client, placeOrder, { input: order, requestId: "r" });
    const again = await startWorkflow(client, placeOrder, { input: order, requestId: "r" });
    expect(again).toMatchObject({ id: first.id, created: false });
    expect(await startWorkflow(client, placeOrder, { input: order })).toMatchObject({ created: true });

    const wrong = workflow("wrong").step("a", reserve, { sku: "${results.b}" });
    await expect(startWorkflow(client, wrong)).rejects.toMatchObject({ field: "steps[0].parameters.json.sku" });
    const nowhere = () => workflow("w").step("a", jsonTask<null>("x"), null);
    expect(nowhere).toThrow(CallError);
    client.close();
  });
});

it("is created PENDING, and executed later, by the same process or another", async () => {
  await using server = await startServer();
  await using harness = await startClient(server, { greet: () => "hello" });
  const greeting = workflow("greeting").step("greet", "greet", {}, { service: "mailer" });
  const created = await createWorkflow(harness.client, greeting);
  expect(created).toMatchObject({ created: true });
  const { workflow: stored } = await harness.client.workflow.getWorkflow({ workflowId: created.id });
  expect(stored?.state).toBe(WorkflowState.PENDING);
  expect(await executeWorkflow(harness.client, created)).toBe(true);
  expect((await awaitWorkflow(harness.client, created)).results).toEqual({ greet: "hello" });
  expect(await executeWorkflow(harness.client, created.id)).toBe(false);
  await expect(executeWorkflow(harness.client, "nobody")).rejects.toMatchObject({ reason: "WORKFLOW_NOT_FOUND" });
});
