import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { expect, it } from "vitest";
import type { CallOptions } from "../../../src/grpc/client/client.ts";
import { as, trustingAuthenticator } from "../../harness/calls/principals.ts";
import { connectWorker } from "../../harness/calls/scripted-worker.ts";
import { createFakeClock } from "../../harness/fake-clock.ts";
import { refusalOf } from "../../harness/refusal.ts";
import { startServer } from "../../harness/server.ts";

const admin = as("root", { role: "admin" });
const operator = as("olga", { role: "operator", queue: ["mail"] });
const producer = as("shop", { role: "producer", queue: ["mail"] });

it("has one entry for a change of many tasks, with how many they were", async () => {
  await using server = await startServer({ authenticator: trustingAuthenticator });
  for (let n = 0; n < 3; n++) await server.queue.enqueue({ task: { queue: "mail", type: "send" } }, producer);
  await server.queue.cancelTasks({ filter: { queue: "mail" }, reason: "secret" }, operator);
  await server.queue.retryTasks({ filter: { queue: "mail", states: [7] } }, operator);
  await server.queue.deleteTasks({ filter: { queue: "mail", maxAttempt: 0 } }, operator);
  await server.queue.deleteTasks({ filter: { queue: "mail" }, dryRun: true }, operator);
  await refusalOf(server.queue.cancelTasks({ filter: {} }, operator));
  await refusalOf(server.queue.deleteTasks({ filter: { queue: "mail" } }, producer));
  const { auditEntries } = await server.access.listAuditEntries({}, admin);
  expect(
    auditEntries.map(({ method, resource, code, count }) => [method.split("/")[2], resource, code, count]),
  ).toEqual([
    ["DeleteTasks", "queue mail", "PERMISSION_DENIED", 1n],
    ["CancelTasks", "", "PERMISSION_DENIED", 1n],
    ["DeleteTasks", "queue mail", "OK", 1n],
    ["DeleteTasks", "queue mail", "OK", 3n],
    ["RetryTasks", "queue mail", "OK", 3n],
    ["CancelTasks", "queue mail", "OK", 3n],
  ]);
});

it("lists who changed what and who was refused, newest first, and not what producers may do", async () => {
  const clock = createFakeClock();
  await using server = await startServer({ clock, authenticator: trustingAuthenticator });
  await server.queue.enqueue({ task: { queue: "mail", type: "send" } }, producer);
  await server.queue.updateQueue({ queue: { name: "mail", paused: true } }, operator);
  clock.advance(1_000);
  const laterMs = clock.now();
  await server.queue.purgeQueue({ name: "mail" }, operator);
  await refusalOf(server.queue.purgeQueue({ name: "bills" }, operator));
  await refusalOf(server.queue.purgeQueue({ name: "mail" }, producer));
  await refusalOf(server.queue.purgeQueue({ name: "mail" }));

  const { auditEntries } = await server.access.listAuditEntries({ createdAfter: timestampFromMs(laterMs) }, admin);
  const facts = auditEntries.map((entry) => {
    const { principal, credential, resource, code, reason, count } = entry;
    return [principal, credential, resource, code, reason, count];
  });
  expect(facts).toEqual([
    ["", "", "", "UNAUTHENTICATED", "CREDENTIALS_REQUIRED", 1n],
    ["shop", "token shop", "queue mail", "PERMISSION_DENIED", "ROLE_REQUIRED", 1n],
    ["olga", "token olga", "queue bills", "PERMISSION_DENIED", "OUT_OF_SCOPE", 1n],
    ["olga", "token olga", "queue mail", "OK", "", 1n],
  ]);
  for (const { method, peer } of auditEntries) {
    expect(method).toBe("/sitq.v1.QueueService/PurgeQueue");
    expect(peer).toMatch(/^127\.0\.0\.1(:\d+)?$/);
  }

  const filter = { principal: "olga", refusedOnly: true };
  expect((await server.access.listAuditEntries(filter, admin)).auditEntries).toMatchObject([
    { resource: "queue bills" },
  ]);
  const first = await server.access.listAuditEntries({ pageSize: 1 }, admin);
  const second = await server.access.listAuditEntries({ pageSize: 1, pageToken: first.nextPageToken }, admin);
  expect([...first.auditEntries, ...second.auditEntries]).toEqual(auditEntries.slice(0, 2));
  expect(
    await refusalOf(server.access.listAuditEntries({ ...filter, pageToken: first.nextPageToken }, admin)),
  ).toMatchObject({
    reason: "INVALID_PAGE_TOKEN",
  });
});

it("has what an admin enqueues and publishes: a call each, a batch and a stream with the number of their items", async () => {
  await using server = await startServer({ authenticator: trustingAuthenticator });
  const to = (queue: string, requestId = "") => ({ task: { queue, type: "send" }, requestId });
  const event = (type: string) => ({ event: { type, sourceService: "shop" } });
  async function produce(who: CallOptions): Promise<void> {
    await server.queue.enqueue(to("mail"), who);
    await server.queue.enqueueBatch({ requests: [to("mail", "once"), to("mail", "once"), to(""), to("bills")] }, who);
    const stream = server.queue.enqueueStream(who);
    for (let n = 0; n < 3; n++) stream.send({ requests: [to("mail"), to("orders")] });
    stream.end();
    for await (const _ of stream.responses);
    await server.event.publishBatch({ requests: [event("mail.sent"), event("order.made")] }, who);
    const { workflow } = await server.workflow.startWorkflow(
      { name: "w", steps: [{ stepId: "a", serviceName: "mail", action: "send" }], pending: true },
      who,
    );
    await server.workflow.executeWorkflow({ workflowId: workflow?.id ?? "" }, who);
  }
  await produce(as("shop", { role: "producer", queue: ["*"], event_type: ["*"] }));
  expect((await server.access.listAuditEntries({}, admin)).auditEntries).toEqual([]);
  await produce(admin);
  const { auditEntries } = await server.access.listAuditEntries({}, admin);
  const facts = auditEntries.map(({ method, resource, code, count }) => [
    method.split("/").at(-1),
    resource.replace(/^workflow .*/, "workflow"),
    code,
    count,
  ]);
  expect(facts.toReversed()).toEqual([
    ["Enqueue", "queue mail", "OK", 1n],
    ["EnqueueBatch", "queue mail bills", "OK", 2n],
    ["EnqueueStream", "queue mail orders", "OK", 6n],
    ["PublishBatch", "event type mail.sent order.made", "OK", 2n],
    ["StartWorkflow", "queue mail", "OK", 1n],
    ["ExecuteWorkflow", "workflow", "OK", 1n],
  ]);
});

it("has the stream of an admin's worker, at its end", async () => {
  await using server = await startServer({ authenticator: trustingAuthenticator });
  const worker = await connectWorker(
    { worker: { ...server.worker, work: () => server.worker.work(admin) } },
    { queues: ["mail"], workerId: "w", capacity: 1 },
  );
  expect((await server.access.listAuditEntries({}, admin)).auditEntries).toEqual([]);
  worker.close();
  await worker.ended;
  expect((await server.access.listAuditEntries({}, admin)).auditEntries).toMatchObject([
    { method: "/sitq.v1.WorkerService/Work", resource: "queue mail, worker w", code: "OK", count: 1n },
  ]);
});

it("has the refused items of batches, those of one call and kind as one entry with a count", async () => {
  await using server = await startServer({ authenticator: trustingAuthenticator });
  const shop = as("shop", { role: "producer", queue: ["mail"], event_type: ["mail.*"] });
  const to = (queue: string) => ({ task: { queue, type: "send" } });
  const requests = [to("mail"), to("bills"), to("bills"), to("orders")];
  const { results } = await server.queue.enqueueBatch({ requests }, shop);
  expect(results.map(({ error }) => error === undefined)).toEqual([true, false, false, false]);

  const stream = server.queue.enqueueStream(shop);
  for (const queue of ["mail", "bills"]) stream.send({ requests: [to(queue)] });
  stream.end();
  for await (const _ of stream.responses);

  const event = (type: string) => ({ event: { type, sourceService: "shop" } });
  await server.event.publishBatch({ requests: [event("mail.sent"), event("order.made")] }, shop);

  const { auditEntries } = await server.access.listAuditEntries({}, admin);
  const facts = auditEntries.map(({ method, resource, count }) => [method.split("/").at(-1), resource, count]);
  expect(facts).toEqual([
    ["PublishBatch", "event type order.made", 1n],
    ["EnqueueStream", "queue bills", 1n],
    ["EnqueueBatch", "queue bills orders", 3n],
  ]);
  expect(auditEntries).toMatchObject(
    auditEntries.map(() => ({ principal: "shop", code: "PERMISSION_DENIED", reason: "OUT_OF_SCOPE" })),
  );
});

it("names what a worker was refused that connects", async () => {
  await using server = await startServer({ authenticator: trustingAuthenticator });
  const stream = server.worker.work(as("mail", { role: "worker", queue: ["mail"] }));
  const hello = { workerId: "other/w", queues: ["mail", "bills"], capacity: 1 };
  stream.send({ message: { case: "hello", value: hello } });
  expect(await refusalOf(stream.responses[Symbol.asyncIterator]().next())).toMatchObject({ reason: "OUT_OF_SCOPE" });
  const { auditEntries } = await server.access.listAuditEntries({}, admin);
  expect(auditEntries.map(({ resource }) => resource)).toEqual(["queue mail bills, worker other/w"]);
});

it("is for admins only", async () => {
  await using server = await startServer({ authenticator: trustingAuthenticator });
  expect(await refusalOf(server.access.listAuditEntries({}, operator))).toMatchObject({
    reason: "ROLE_REQUIRED",
    message: "The principal has no role that may call /sitq.v1.AccessService/ListAuditEntries: admin.",
  });
});

it("stores the refusals that are still counted at a stop", async () => {
  await using server = await startServer({ authenticator: trustingAuthenticator });
  for (let n = 0; n < 5; n++) await refusalOf(server.queue.purgeQueue({ name: "mail" }));
  await server.restart();
  const { auditEntries } = await server.access.listAuditEntries({}, admin);
  expect(auditEntries.map(({ count }) => count)).toEqual([4n, 1n]);
});

it("is empty while authentication is off", async () => {
  await using server = await startServer();
  await refusalOf(server.queue.purgeQueue({ name: "mail" }));
  expect((await server.access.listAuditEntries({})).auditEntries).toEqual([]);
});
