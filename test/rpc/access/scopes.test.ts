import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { CallOptions } from "../../../src/grpc/client/client.ts";
import { fromNow } from "../../harness/calls/events.ts";
import { as, trustingAuthenticator } from "../../harness/calls/principals.ts";
import { refusalIn, refusalInStatus, refusalOf } from "../../harness/refusal.ts";
import { startServer, type TestServer } from "../../harness/server.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startServer({ authenticator: trustingAuthenticator });
});
afterAll(() => server.stop());

const admin = as("root", { role: "admin" });
const mailer = as("mailer", { role: "producer", queue: ["mail.*"], event_type: ["mail.*"], service: ["mail.*"] });
const mailWorker = as("mail", { role: "worker", queue: ["mail.*"], event_type: ["mail.*"], service: ["mail"] });
const viewer = as("eyes", { role: "viewer", queue: ["mail.*"], event_type: ["mail.*"], service: ["mail"] });
const operator = as("op", { role: "operator", queue: ["mail.*"] });
const taskIn = (queue: string) => ({ task: { queue, type: "send" } });

async function enqueue(queue: string, options: CallOptions = admin) {
  const { task } = await server.queue.enqueue(taskIn(queue), options);
  if (task === undefined) throw new Error("no task");
  return task;
}

async function firstOf<T>(stream: AsyncIterable<T>): Promise<T> {
  for await (const message of stream) return message;
  throw new Error("nothing came");
}

describe("a request", () => {
  it("is refused with the field that names what is out of scope", async () => {
    expect(await refusalOf(server.queue.enqueue(taskIn("orders"), mailer))).toMatchObject({
      code: "PERMISSION_DENIED",
      reason: "OUT_OF_SCOPE",
      field: "task.queue",
    });
    await expect(server.queue.enqueue(taskIn("mail.out"), mailer)).resolves.toMatchObject({ created: true });
  });

  it("is refused for a task of another queue, by its id", async () => {
    const [mine, other] = [await enqueue("mail.out"), await enqueue("orders")];
    const refusal = { reason: "OUT_OF_SCOPE", field: "task_id", message: expect.not.stringContaining("orders") };
    expect(await refusalOf(server.queue.getTask({ taskId: other.id }, mailer))).toMatchObject(refusal);
    expect(await refusalOf(server.queue.cancelTask({ taskId: other.id }, operator))).toMatchObject(refusal);
    expect(await refusalOf(server.queue.awaitTask({ taskId: other.id }, viewer))).toMatchObject(refusal);
    await expect(server.queue.getTask({ taskId: mine.id }, mailer)).resolves.toBeDefined();
    expect(await refusalOf(server.queue.getTask({ taskId: "0000" }, mailer))).toMatchObject({
      reason: "TASK_NOT_FOUND",
    });
  });

  it("is refused for a workflow that has a step outside", async () => {
    const step = (stepId: string, serviceName: string) => ({ stepId, serviceName, action: "act" });
    const both = { name: "w", steps: [step("a", "mail.a"), step("b", "orders")] };
    expect(await refusalOf(server.workflow.startWorkflow(both, mailer))).toMatchObject({
      reason: "OUT_OF_SCOPE",
      field: "steps[1].service_name",
    });
    const { workflow } = await server.workflow.startWorkflow(both, admin);
    const id = { workflowId: workflow?.id ?? "" };
    expect(await refusalOf(server.workflow.getWorkflow(id, viewer))).toMatchObject({ field: "workflow_id" });
    const inside = await server.workflow.startWorkflow({ name: "w", steps: [step("a", "mail.a")] }, mailer);
    const { workflows } = await server.workflow.listWorkflows({}, viewer);
    expect(workflows.map((each) => each.id)).toEqual([inside.workflow?.id]);
  });
});

describe("a batch", () => {
  const requests = ["mail.out", "orders", "mail.in"].map(taskIn);

  it("is refused item by item", async () => {
    const { results } = await server.queue.enqueueBatch({ requests }, mailer);
    expect(results.map(({ created }) => created)).toEqual([true, false, true]);
    expect(refusalInStatus(results[1]?.error)).toMatchObject({
      reason: "OUT_OF_SCOPE",
      field: "requests[1].task.queue",
    });
    const stream = server.queue.enqueueStream(mailer);
    stream.send({ requests });
    const answer = await firstOf(stream.responses);
    expect(answer.results.map(({ created }) => created)).toEqual([true, false, true]);
  });

  it("is refused as a whole if it is atomic", async () => {
    const { results } = await server.queue.enqueueBatch({ requests, atomic: true }, mailer);
    expect(results.map(({ error }) => refusalInStatus(error).reason)).toEqual([
      "BATCH_REFUSED",
      "OUT_OF_SCOPE",
      "BATCH_REFUSED",
    ]);
  });

  it("of events is refused item by item", async () => {
    const events = ["mail.sent", "order.made"].map((type) => ({ event: { type, sourceService: "s" } }));
    const { results } = await server.event.publishBatch({ requests: events }, mailer);
    expect(results.map(({ created }) => created)).toEqual([true, false]);
    expect(refusalInStatus(results[1]?.error)).toMatchObject({ field: "requests[1].event.type" });
  });
});

describe("a filter that is not set", () => {
  it("shows what is in scope", async () => {
    await enqueue("mail.out");
    await enqueue("orders");
    const { tasks } = await server.queue.listTasks({ pageSize: 1_000 }, viewer);
    expect(new Set(tasks.map(({ queue }) => queue.split(".")[0]))).toEqual(new Set(["mail"]));
    const { queues } = await server.queue.listQueues({ pageSize: 1 }, viewer);
    expect(queues.map(({ name }) => name)).toEqual([expect.stringMatching(/^mail\./)]);
    const { events } = await server.event.listEvents({}, viewer);
    expect(events.every(({ type }) => type.startsWith("mail."))).toBe(true);
  });

  it("of a watch drops the changes outside", async () => {
    const watch = server.queue.watchTasks({}, viewer);
    const reader = watch[Symbol.asyncIterator]();
    await reader.next();
    await enqueue("orders");
    const mine = await enqueue("mail.out");
    const { value } = await reader.next();
    expect(value?.changes.map(({ taskId }: { taskId: string }) => taskId)).toEqual([mine.id]);
    await reader.return?.();
  });

  it("of a change is refused: what a change reaches is to be said", async () => {
    const everything = server.queue.retryTasks({ filter: {} }, operator);
    expect(await refusalOf(everything)).toMatchObject({ reason: "OUT_OF_SCOPE", field: "filter.queue" });
    const subscription = { name: "mail.sub", filter: { types: [] } };
    const all = server.event.createSubscription({ subscription, start: { start: fromNow } }, mailWorker);
    expect(await refusalOf(all)).toMatchObject({ field: "subscription.filter.types" });
    const named = { name: "orders", filter: { types: ["mail.sent"] } };
    const other = server.event.createSubscription({ subscription: named, start: { start: fromNow } }, mailWorker);
    expect(await refusalOf(other)).toMatchObject({ field: "subscription.queue" });
  });
});

describe("a worker", () => {
  const hello = { workerId: "w1", queues: ["mail.out"], capacity: 1 };

  async function begin(changes: object, options: CallOptions) {
    const stream = server.worker.work(options);
    stream.send({ message: { case: "hello", value: { ...hello, ...changes } } });
    try {
      const { message } = await firstOf(stream.responses);
      return message.case === "welcome" ? message.value.workerId : message.case;
    } catch (error) {
      return refusalIn(error);
    }
  }

  it("is refused with one queue that is not its own, or a service", async () => {
    expect(await begin({ queues: ["mail.out", "orders"] }, mailWorker)).toMatchObject({
      reason: "OUT_OF_SCOPE",
      field: "hello.queues[1]",
    });
    expect(await begin({ service: "shop" }, mailWorker)).toMatchObject({ field: "hello.service" });
  });

  it("has its principal's name in its id", async () => {
    expect(await begin({}, mailWorker)).toBe("mail/w1");
    expect(await begin({ workerId: "mail/w1" }, mailWorker)).toBe("mail/w1");
    expect(await begin({ workerId: "other/w1" }, mailWorker)).toMatchObject({ field: "hello.worker_id" });
  });

  it("cannot settle what another principal has claimed under the same id", async () => {
    const { id: taskId } = await enqueue("mail.claimed");
    const claim = { workerId: "w", queues: ["mail.claimed"] };
    const { tasks } = await server.worker.claimTasks(claim, mailWorker);
    expect(tasks).toMatchObject([{ id: taskId, workerId: "mail/w" }]);
    const thief = as("thief", { role: "worker", queue: ["mail.*"] });
    const outcome = { taskId, attempt: 1, workerId: "w" };
    expect(await refusalOf(server.worker.completeTask(outcome, thief))).toMatchObject({ reason: "STALE" });
    const { status } = await server.worker.completeTask(outcome, mailWorker);
    expect(status).toBe(1);
  });
});

describe("an id that another principal has used", () => {
  it("of a request does not show that there is a task", async () => {
    const requestId = "charge-1";
    await server.queue.enqueue({ ...taskIn("orders"), requestId }, admin);
    expect(await server.queue.enqueue({ ...taskIn("mail.out"), requestId }, mailer)).toMatchObject({ created: true });
    expect(await refusalOf(server.queue.enqueue({ ...taskIn("orders"), requestId }, mailer))).toMatchObject({
      reason: "OUT_OF_SCOPE",
    });
  });

  it("of an event shows no delivery to a queue out of scope", async () => {
    const subscription = { name: "billing", queue: "orders", filter: { types: ["mail.billed"] } };
    await server.event.createSubscription({ subscription, start: { start: fromNow } }, admin);
    const event = { id: "e1", type: "mail.billed", sourceService: "s" };
    expect(await server.event.publish({ event }, mailer)).toMatchObject({ deliveredTo: 1 });
    expect((await server.event.getEvent({ eventId: "e1" }, viewer)).deliveries).toEqual([]);
    expect((await server.event.getEvent({ eventId: "e1" }, admin)).deliveries).toHaveLength(1);
  });
});

describe("a viewer without payloads", () => {
  it("cannot ask for attributes value by value", async () => {
    const filter = { attributes: { note: "guess" } };
    const denied = { code: "PERMISSION_DENIED", reason: "ROLE_REQUIRED", field: "filter.attributes" };
    expect(await refusalOf(server.event.listEvents({ filter }, viewer))).toMatchObject(denied);
    expect(
      await refusalOf(firstOf(server.event.subscribe({ filter, start: { start: fromNow } }, viewer))),
    ).toMatchObject(denied);
    const reader = as("eyes", { role: "viewer", payloads: true, event_type: ["mail.*"] });
    await expect(server.event.listEvents({ filter }, reader)).resolves.toBeDefined();
  });

  it("sees tasks without what users stored in them", async () => {
    const payload = { kind: { case: "binary", value: Buffer.from("secret") } } as const;
    const task = { queue: "mail.secret", type: "send", payload, headers: { note: "secret" }, correlationId: "order-1" };
    const { task: made } = await server.queue.enqueue({ task }, mailer);
    const taskId = made?.id ?? "";
    const shown = await server.queue.getTask({ taskId }, viewer);
    expect(shown.task).toMatchObject({ id: taskId, correlationId: "order-1", headers: {} });
    expect(shown.task?.payload).toBeUndefined();
    const full = await server.queue.getTask({ taskId }, mailer);
    expect(full.task).toMatchObject({ payload: { kind: { case: "binary" } }, headers: { note: "secret" } });
    const trusted = as("eyes", { role: "viewer", payloads: true, queue: ["mail.secret"] });
    expect((await server.queue.getTask({ taskId }, trusted)).task?.headers).toEqual({ note: "secret" });
  });
});

it("lets a reserved place be released by the principal that picked it and by operators of the service", async () => {
  const { registry } = server;
  const instance = { instanceId: "i", registrationId: "r", address: "127.0.0.1:1" };
  await registry.registerInstance({ serviceName: "mail", ...instance }, admin);
  const ofMail = (name: string, role: "viewer" | "worker" | "operator") => as(name, { role, service: ["mail"] });
  const pick = async () => {
    const { reservationId } = await registry.pickInstance({ serviceName: "mail" }, ofMail("shop", "viewer"));
    return { reservationId };
  };
  const first = await pick();
  for (const role of ["viewer", "worker"] as const) {
    const refusal = await refusalOf(registry.releaseInstance(first, ofMail("other", role)));
    expect(refusal).toMatchObject({ reason: "OUT_OF_SCOPE", field: "reservation_id" });
  }
  expect(await registry.releaseInstance(first, ofMail("shop", "viewer"))).toMatchObject({ released: true });
  for (const who of [ofMail("olga", "operator"), admin]) {
    expect(await registry.releaseInstance(await pick(), who)).toMatchObject({ released: true });
  }
  // What is released already is nobody's.
  expect(await registry.releaseInstance(first, ofMail("other", "worker"))).toMatchObject({ released: false });
});

it("says nothing in a page token of what is out of scope, and goes on after a restart", async () => {
  await using own = await startServer({ authenticator: trustingAuthenticator });
  for (const queue of ["orders", "mail.out", "orders"]) await own.queue.enqueue(taskIn(queue), admin);
  const { tasks: all } = await own.queue.listTasks({}, admin);
  const shown: string[] = [];
  let pageToken = "";
  for (let page = 0; page === 0 || pageToken !== ""; page++) {
    const answer = await own.queue.listTasks({ pageSize: 1, pageToken }, viewer);
    shown.push(...answer.tasks.map(({ queue }) => queue));
    pageToken = answer.nextPageToken;
    const text = Buffer.from(pageToken, "base64url").toString("latin1");
    for (const { id } of all) expect(text).not.toContain(id);
    await own.restart();
  }
  expect(shown).toEqual(["mail.out"]);
});

it("keeps the request ids of principals apart, and shows each as it was given", async () => {
  const requestId = "order-7";
  const request = { ...taskIn("mail.ids"), requestId };
  const other = as("other", { role: "producer", queue: ["mail.*"] });
  const first = await server.queue.enqueue(request, mailer);
  expect(first).toMatchObject({ created: true, task: { requestId } });
  // The content is another: of one principal's own it would be REQUEST_ID_REUSED.
  const second = await server.queue.enqueue({ ...request, task: { queue: "mail.ids", type: "other" } }, other);
  expect(second).toMatchObject({ created: true, task: { requestId } });
  const again = await server.queue.enqueue(request, mailer);
  expect(again).toMatchObject({ created: false, task: { id: first.task?.id, requestId } });

  const stream = server.queue.enqueueStream(mailer);
  stream.send({ requests: [request] });
  stream.end();
  for await (const { results } of stream.responses) {
    expect(results).toMatchObject([{ created: false, taskId: first.task?.id, requestId }]);
  }
  const { tasks } = await server.queue.listTasks({ filter: { queue: "mail.ids" } }, viewer);
  expect(tasks.map((task) => task.requestId)).toEqual([requestId, requestId]);
  const twice = { requests: [request, request], atomic: true };
  const { results } = await server.queue.enqueueBatch(twice, mailer);
  const refusals = results.flatMap(({ error }) => (error === undefined ? [] : [refusalInStatus(error).message]));
  expect(refusals.join()).toContain(requestId);
  expect(refusals.join()).not.toContain("mailer");

  const flow = { name: "flow", requestId, steps: [{ stepId: "a", serviceName: "mail.ids", action: "act" }] };
  const started = await server.workflow.startWorkflow(flow, mailer);
  expect(started).toMatchObject({ created: true, workflow: { requestId } });
  expect(await server.workflow.startWorkflow({ ...flow, name: "mine" }, other)).toMatchObject({ created: true });
  const repeated = await server.workflow.startWorkflow(flow, mailer);
  expect(repeated).toMatchObject({ created: false, workflow: { id: started.workflow?.id, requestId } });
});
