import { Metadata } from "@grpc/grpc-js";
import { AlwaysOffSampler } from "@opentelemetry/sdk-trace";
import { expect, it, onTestFinished } from "vitest";
import {
  awaitDelivery,
  connect,
  createProducer,
  createPublisher,
  createWorker,
  createWorkflow,
  executeWorkflow,
  type Handlers,
  newEvent,
  newTask,
  startWorkflow,
  subscribe,
  TerminalError,
  workflow,
} from "../../../src/client/index.ts";
import { schemaUrl } from "../../../src/contract/semantic-conventions.ts";
import { freshQueue, shareServer } from "../../harness/shared-server.ts";
import { startFakeServer } from "../fake-server.ts";
import { recordLog } from "../log-recorder.ts";
import { briefly, recordSpans, type SpanRecorder } from "./span-recorder.ts";

const server = shareServer();

/** Records spans until the test is over. */
function recorded(...options: Parameters<typeof recordSpans>): SpanRecorder {
  const spans = recordSpans(...options);
  onTestFinished(() => spans[Symbol.dispose]());
  return spans;
}

/** A producer, a publisher, and a worker of a queue; they end with the test. */
async function started(queue: string, handlers: Handlers) {
  const log = recordLog();
  const client = connect({ address: server().address, service: "shop", log: log.log });
  const producer = createProducer(client);
  const publisher = createPublisher(client);
  const worker = createWorker(client, { queues: [queue], workerId: `${queue}-worker`, handlers });
  await worker.start();
  onTestFinished(async () => {
    await worker.stop();
    await Promise.all([producer.close(), publisher.close()]);
    client.close();
  });
  return { client, producer, publisher, worker, log };
}

const where = () => {
  const [host, port] = server().address.split(":");
  return { "server.address": host, "server.port": Number(port) };
};

it("follows a task from its producer through its handler to its outcome, in one trace", async () => {
  const queue = freshQueue();
  const { producer } = await started(queue, { pack: () => "packed" });
  const spans = recorded();
  const task = await spans.within("request", () => producer.enqueue(queue, "pack", 1, { correlationId: "order-7" }));
  const ended = await spans.untilEnded(4);
  expect(briefly(ended)).toEqual([
    { name: "request", kind: "INTERNAL", parent: null, links: [] },
    { name: `send ${queue}`, kind: "PRODUCER", parent: "request", links: [] },
    { name: `process ${queue}`, kind: "CONSUMER", parent: `send ${queue}`, links: [`send ${queue}`] },
    { name: `settle ${queue}`, kind: "CLIENT", parent: `process ${queue}`, links: [`send ${queue}`] },
  ]);
  expect(new Set(ended.map((span) => span.spanContext().traceId)).size).toBe(1);
  const attributesOf = (name: string) => ended.find((span) => span.name.startsWith(name))?.attributes;
  const common = {
    ...where(),
    "messaging.system": "sitq",
    "messaging.destination.name": queue,
    "messaging.message.id": task.id,
    "messaging.message.conversation_id": "order-7",
    "sitq.task.type": "pack",
  };
  const ofWorker = {
    "messaging.client.id": `${queue}-worker`,
    "sitq.task.attempt": 1,
    "sitq.task.outcome": "completed",
  };
  const named = (name: string) => ({ "messaging.operation.name": name, "messaging.operation.type": name });
  expect(attributesOf("send")).toEqual({ ...common, ...named("send") });
  expect(attributesOf("process")).toEqual({ ...common, ...named("process"), ...ofWorker });
  expect(attributesOf("settle")).toEqual({ ...common, ...named("settle"), ...ofWorker });
  expect(ended.find(({ name }) => name.startsWith("send"))?.instrumentationScope).toMatchObject({
    name: "@sitq/client",
    schemaUrl,
  });
});

it("calls the handler in the context of its span: what it enqueues is below it", async () => {
  const [queue, next] = [freshQueue(), freshQueue()];
  const { producer } = await started(queue, {
    async pack() {
      await Promise.resolve();
      await producer.enqueue(next, "ship");
      await producer.enqueueAll([newTask(next, "bill"), newTask(next, "tell")]);
    },
  });
  const spans = recorded();
  await producer.enqueue(queue, "pack");
  const brief = briefly(await spans.untilEnded(7));
  const creates = [`create ${next}`, `create ${next}`];
  expect(brief).toEqual([
    { name: `send ${queue}`, kind: "PRODUCER", parent: null, links: [] },
    { name: `process ${queue}`, kind: "CONSUMER", parent: `send ${queue}`, links: [`send ${queue}`] },
    { name: `send ${next}`, kind: "PRODUCER", parent: `process ${queue}`, links: [] },
    ...creates.map((name) => ({ name, kind: "PRODUCER", parent: `process ${queue}`, links: [] })),
    { name: `send ${next}`, kind: "CLIENT", parent: `process ${queue}`, links: creates },
    { name: `settle ${queue}`, kind: "CLIENT", parent: `process ${queue}`, links: [`send ${queue}`] },
  ]);
});

it("has a span for each attempt, with why it failed; the log names it", async () => {
  const queue = freshQueue();
  const { producer, log } = await started(queue, {
    pack(_, { task }) {
      if (task.attempt === 1) throw new RangeError("no box is large enough");
    },
  });
  const spans = recorded();
  const task = await producer.enqueue(queue, "pack", null, { retryPolicy: { initialBackoffMs: 0, jitter: 0 } });
  await producer.awaitResult(task);
  const ended = await spans.untilEnded(5);
  const attempts = ended.filter(({ name }) => name.startsWith("process"));
  expect(attempts.map(({ attributes }) => attributes["sitq.task.attempt"])).toEqual([1, 2]);
  expect(attempts.map(({ attributes }) => attributes["sitq.task.outcome"])).toEqual(["failed", "completed"]);
  expect(attempts.map(({ status }) => status.code)).toEqual([2, 0]);
  expect(attempts[0]).toMatchObject({
    attributes: { "error.type": "RangeError" },
    status: { message: "no box is large enough" },
    events: [{ name: "exception" }],
  });
  expect(attempts.map(({ links }) => links.length)).toEqual([1, 1]);
  const { traceId, spanId } = attempts[0]?.spanContext() ?? {};
  expect(log.facts).toHaveLength(1);
  expect(log.facts[0]).toMatchObject({ trace_id: traceId, span_id: spanId });
});

it("creates each task of a batch in a span of its own, which says what became of it", async () => {
  const [queue, other] = [freshQueue(), freshQueue()];
  const { producer } = await started(freshQueue(), { pack: () => 1 });
  const spans = recorded();
  const answers = await producer.enqueueAll([newTask(queue, "a"), newTask(other, "b"), newTask(queue, "no blanks")]);
  const ended = await spans.untilEnded(4);
  const [a, b, refused] = ended.filter(({ name }) => name.startsWith("create"));
  expect([a, b].map((span) => span?.attributes["messaging.message.id"])).toEqual(
    answers.slice(0, 2).map(({ task }) => task?.id),
  );
  expect(refused?.attributes["error.type"]).toBe("INVALID_FIELD");
  expect(ended.at(-1)).toMatchObject({ name: "send", attributes: { "messaging.batch.message_count": 3 } });
});

it("leaves a task alone that names a span of its own: that is where it was created", async () => {
  const queue = freshQueue();
  const { producer } = await started(queue, { pack: (_, { task }) => task.headers });
  const headers = { traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", tracestate: "x=1" };
  const spans = recorded();
  const task = await spans.within("request", () => producer.enqueue(queue, "pack", null, { headers }));
  expect(await producer.awaitResult(task)).toEqual(headers);
  const ended = await spans.untilEnded(4);
  expect(briefly(ended).slice(1, 3)).toEqual([
    { name: `send ${queue}`, kind: "CLIENT", parent: "request", links: ["unknown"] },
    { name: `process ${queue}`, kind: "CONSUMER", parent: "unknown", links: ["unknown"] },
  ]);
  const process = ended.find(({ name }) => name.startsWith("process"));
  expect(process?.spanContext().traceId).toBe("0af7651916cd43dd8448eb211c80319c");
  expect(process?.spanContext().traceState?.serialize()).toBe("x=1");
});

it("follows an event to each of its deliveries", async () => {
  const type = `${freshQueue()}.created`;
  const { client, publisher } = await started(freshQueue(), { pack: () => 1 });
  const names = [freshQueue(), freshQueue()];
  for (const name of names) {
    const running = await subscribe(client, { name, types: [type], from: "now", handler: () => undefined });
    onTestFinished(() => running.stop());
  }
  const spans = recorded();
  const event = await publisher.publish(type, { order: 7 });
  await awaitDelivery(client, event);
  const ended = await spans.untilEnded(5);
  const brief = briefly(ended);
  expect(brief[0]).toEqual({ name: `send ${type}`, kind: "PRODUCER", parent: null, links: [] });
  for (const name of names) {
    expect(brief).toContainEqual({
      name: `process ${name}`,
      kind: "CONSUMER",
      parent: `send ${type}`,
      links: [`send ${type}`],
    });
    expect(ended.find((span) => span.name === `process ${name}`)?.attributes).toMatchObject({
      "messaging.destination.subscription.name": name,
      "sitq.event.id": event.id,
    });
  }
  await publisher.publishAll([newEvent(type), newEvent(type)]);
  expect(briefly(await spans.untilEnded(8)).filter(({ name }) => name === `create ${type}`)).toHaveLength(2);
});

it("follows a workflow through its steps and what undoes them", async () => {
  const queue = freshQueue();
  const { client } = await started(queue, {
    reserve: () => ({ shelf: "a" }),
    release: () => undefined,
    charge() {
      throw new TerminalError("no money");
    },
  });
  const definition = workflow("place-order")
    .step("reserve", "reserve", null, { service: queue, compensateWith: "release" })
    .step("charge", "charge", null, { service: queue, dependsOn: ["reserve"] });
  const spans = recorded();
  const { id } = await startWorkflow(client, definition);
  const ended = await spans.untilEnded(7);
  const steps = ended.filter(({ name }) => name.startsWith("process"));
  expect(briefly(steps)).toEqual(
    // The later two: after the step that they waited for, or undo.
    [["unknown"], ["unknown", `process ${queue}`], ["unknown", `process ${queue}`]].map((links) => ({
      name: `process ${queue}`,
      kind: "CONSUMER",
      parent: "unknown",
      links,
    })),
  );
  const [reserve, ...later] = steps.map((span) => span.spanContext().spanId);
  expect(steps.map(({ links }) => links[1]?.context.spanId)).toEqual([undefined, ...later.map(() => reserve)]);
  expect(briefly(ended)[0]).toEqual({ name: "send place-order", kind: "PRODUCER", parent: null, links: [] });
  expect(new Set(ended.map((span) => span.spanContext().traceId)).size).toBe(1);
  expect(steps.map(({ attributes }) => attributes)).toMatchObject([
    { "sitq.workflow.id": id, "sitq.workflow.step": "reserve", "sitq.task.type": "reserve" },
    { "sitq.workflow.step": "charge", "sitq.task.outcome": "failed", "error.type": "TerminalError" },
    { "sitq.workflow.step": "reserve", "sitq.task.type": "release", "sitq.workflow.compensation": true },
  ]);
});

it("goes on with the trace of the first step where a workflow is started outside of one", async () => {
  const queue = freshQueue();
  const { client } = await started(queue, { a: () => 1, b: () => 2, c: () => 3 });
  const definition = workflow("untraced")
    .step("a", "a", null, { service: queue })
    .step("b", "b", null, { service: queue })
    .step("c", "c", null, { service: queue, dependsOn: ["a", "b"] });
  const { id } = await createWorkflow(client, definition);
  const spans = recorded();
  await executeWorkflow(client, id);
  const ended = await spans.untilEnded(6);
  const [a, b, c] = ["a", "b", "c"].map((type) =>
    ended.find(({ name, attributes }) => name.startsWith("process") && attributes["sitq.task.type"] === type),
  );
  expect(c?.parentSpanContext?.spanId).toBe(a?.spanContext().spanId);
  expect(c?.links.map(({ context }) => context.spanId)).toEqual([a?.spanContext().spanId, b?.spanContext().spanId]);
});

it("is below what the application does when it asks for a task, and links to where that was created", async () => {
  const queue = freshQueue();
  const { producer, worker } = await started(freshQueue(), { pack: () => 1 });
  const spans = recorded();
  const task = await producer.enqueue(queue, "pack");
  await spans.within("job", () => worker.process(task.id));
  expect(briefly(await spans.untilEnded(4)).slice(1)).toEqual([
    { name: "job", kind: "INTERNAL", parent: null, links: [] },
    { name: `process ${queue}`, kind: "CONSUMER", parent: "job", links: [`send ${queue}`] },
    { name: `settle ${queue}`, kind: "CLIENT", parent: `process ${queue}`, links: [`send ${queue}`] },
  ]);
});

it("passes on that a trace is not recorded, and records nothing of it", async () => {
  const queue = freshQueue();
  const { producer } = await started(queue, { pack: (_, { task }) => task.headers.traceparent });
  const silent = recordSpans(new AlwaysOffSampler());
  const task = await producer.enqueue(queue, "pack");
  silent[Symbol.dispose]();
  // Its own sampler would record everything that has no parent.
  const spans = recorded();
  expect(await producer.awaitResult(task)).toMatch(/-00$/);
  expect([...silent.ended, ...spans.ended]).toEqual([]);
});

it("says of a refused enqueue why, and fails as without a trace", async () => {
  const { producer } = await started(freshQueue(), { pack: () => 1 });
  const spans = recorded();
  await expect(producer.enqueue("no blanks", "pack")).rejects.toMatchObject({ reason: "INVALID_FIELD" });
  await expect(producer.enqueue("q", "pack", undefined, { priority: 1.5 })).rejects.toMatchObject({});
  const ended = await spans.untilEnded(2);
  expect(ended.map(({ attributes }) => attributes["error.type"])).toEqual(["INVALID_FIELD", "INVALID_FIELD"]);
});

it("adds nothing to the headers of a task that have no room for it, and nothing at all without an SDK", async () => {
  const queue = freshQueue();
  const { producer } = await started(queue, { pack: (_, { task }) => Object.keys(task.headers).length });
  const full = Object.fromEntries(Array.from({ length: 64 }, (_, n) => [`key-${n}`, ""]));
  expect(await producer.awaitResult(await producer.enqueue(queue, "pack"))).toBe(0);
  recorded();
  expect(await producer.awaitResult(await producer.enqueue(queue, "pack", null, { headers: full }))).toBe(64);
  expect(await producer.awaitResult(await producer.enqueue(queue, "pack"))).toBe(1);
});

it("sends the active span with its calls, unless the call says another one", async () => {
  const seen: (readonly unknown[])[] = [];
  const { client } = await startFakeServer({
    async getTask(_, { metadata }) {
      seen.push(metadata.get("traceparent"));
      return {};
    },
  });
  const spans = recorded();
  await client.queue.getTask({ taskId: "t" });
  await spans.within("request", () => client.queue.getTask({ taskId: "t" }));
  const metadata = new Metadata();
  metadata.set("traceparent", "another");
  await spans.within("request", () => client.queue.getTask({ taskId: "t" }, { metadata }));
  const { traceId, spanId } = spans.ended[0]?.spanContext() ?? {};
  expect(seen).toEqual([[], [`00-${traceId}-${spanId}-01`], ["another"]]);
});
