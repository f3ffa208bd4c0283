/** What a principal is shown that may read the content in a part of its scope only. */

import { expect, it } from "vitest";
import { Role } from "../../../gen/sitq/v1/access_pb.js";
import * as secured from "../../access/secured-server.ts";
import { startSecured } from "../../access/secured-server.ts";
import { fromNow } from "../../harness/calls/events.ts";
import { as, type GrantInit, trustingAuthenticator } from "../../harness/calls/principals.ts";
import { connectWorker } from "../../harness/calls/scripted-worker.ts";
import { present } from "../../harness/calls/tasks.ts";
import { refusalOf } from "../../harness/refusal.ts";
import { startServer } from "../../harness/server.ts";

const admin = as("root", { role: "admin" });
const secret = { kind: { case: "binary", value: Buffer.from("secret") } } as const;

it.each<[string, GrantInit]>([
  ["a viewer of the content of events", { role: "viewer", payloads: true, event_type: ["billed"] }],
  ["a producer of events", { role: "producer", event_type: ["billed"] }],
])("%s sees of deliveries to queues that it only looks at no results and no texts of errors", async (_, ofEvents) => {
  await using server = await startServer({ authenticator: trustingAuthenticator });
  for (const queue of ["done", "failed"]) {
    const subscription = { name: queue, queue, filter: { types: ["billed"] } };
    await server.event.createSubscription({ subscription, start: { start: fromNow } }, admin);
  }
  await server.event.publish({ event: { id: "e1", type: "billed", sourceService: "s", data: secret } }, admin);
  const lease = { workerId: "w", attempt: 1 };
  const claimed = async (queue: string) =>
    present((await server.worker.claimTasks({ workerId: "w", queues: [queue] }, admin)).tasks[0]).id;
  await server.worker.completeTask({ ...lease, taskId: await claimed("done"), result: secret }, admin);
  const error = { type: "Declined", message: "secret", stackTrace: "secret" };
  await server.worker.failTask({ ...lease, taskId: await claimed("failed"), error, terminal: true }, admin);

  const part = as("part", ofEvents, { role: "viewer", queue: ["done", "failed"] });
  const { event, deliveries } = await server.event.getEvent({ eventId: "e1" }, part);
  expect(event?.data?.kind.case).toBe("binary");
  expect(deliveries.map(({ subscription }) => subscription).sort()).toEqual(["done", "failed"]);
  for (const { result, lastError } of deliveries) {
    expect(result).toBeUndefined();
    if (lastError !== undefined) expect(lastError).toMatchObject({ type: "Declined", message: "", stackTrace: "" });
  }
  const trusted = as("part", ofEvents, { role: "viewer", payloads: true, queue: ["done", "failed"] });
  const full = await server.event.getEvent({ eventId: "e1" }, trusted);
  expect(full.deliveries.map(({ result, lastError }) => result?.kind.case ?? lastError?.message).sort()).toEqual([
    "binary",
    "secret",
  ]);
});

it("of a worker with several queues the metadata only if it may read the content of all", async () => {
  await using server = await startServer({ authenticator: trustingAuthenticator });
  const asAdmin = { worker: { ...server.worker, work: () => server.worker.work(admin) } };
  await connectWorker(asAdmin, { queues: ["mail", "orders"], capacity: 1, metadata: { note: "secret" } });
  const metadataFor = async (...grants: GrantInit[]) => {
    const { workers } = await server.worker.listWorkers({ queue: "mail" }, as("eyes", ...grants));
    return workers.map(({ metadata }) => metadata);
  };
  const reader = { role: "viewer", payloads: true } as const;
  const orders = { role: "viewer", queue: ["orders"] } as const;
  expect(await metadataFor({ ...reader, queue: ["mail"] }, orders)).toEqual([{}]);
  expect(await metadataFor({ ...reader, queue: ["mail", "orders"] })).toEqual([{ note: "secret" }]);
});

it("finds no task by the text of its error for a principal that may not read it", async () => {
  await using server = await startServer({ authenticator: trustingAuthenticator });
  await server.queue.enqueue({ task: { queue: "mail", type: "send", maxAttempts: 1 } }, admin);
  const { tasks } = await server.worker.claimTasks({ workerId: "w", queues: ["mail"] }, admin);
  const error = { type: "Declined", message: "secret", stackTrace: "" };
  await server.worker.failTask({ workerId: "w", attempt: 1, taskId: present(tasks[0]).id, error }, admin);

  const looks = { role: "viewer", queue: ["mail"] } as const;
  const reads = { role: "viewer", payloads: true, queue: ["orders"] } as const;
  const byText = { queue: "mail", errorText: "secret" };
  const refused = { code: "PERMISSION_DENIED", reason: "ROLE_REQUIRED", field: "filter.error_text" };
  const eyes = as("eyes", looks, reads);
  expect(await refusalOf(server.queue.listTasks({ filter: byText }, eyes))).toMatchObject(refused);
  expect(await refusalOf(server.queue.listTasks({ filter: { errorText: "secret" } }, eyes))).toMatchObject(refused);
  const watched = server.queue.watchTasks({ filter: byText }, eyes)[Symbol.asyncIterator]();
  expect(await refusalOf(watched.next())).toMatchObject(refused);
  expect((await server.queue.listTasks({ filter: { queue: "orders", errorText: "secret" } }, eyes)).tasks).toEqual([]);

  const byType = { queue: "mail", errorType: "Declined" };
  expect((await server.queue.listTasks({ filter: byType }, eyes)).tasks[0]?.lastError?.message).toBe("");
  const trusted = as("trusted", { ...looks, payloads: true });
  expect((await server.queue.listTasks({ filter: byText }, trusted)).tasks).toHaveLength(1);
});

it("a watch by the text of errors ends when its principal may not read that text any more", async () => {
  await using opened = await startSecured();
  const { server, access } = opened;
  const reads = { role: Role.VIEWER, queues: ["mail"], payloads: true };
  const token = await opened.tokenOf("eyes", reads);
  const stream = server.queue
    .watchTasks({ filter: { queue: "mail", errorText: "secret" } }, secured.as(token))
    [Symbol.asyncIterator]();
  await stream.next();
  await access.updatePrincipal({ principal: { name: "eyes", grants: [{ ...reads, payloads: false }] } }, opened.admin);
  expect(await refusalOf(stream.next())).toMatchObject({ code: "PERMISSION_DENIED", reason: "ROLE_REQUIRED" });
});

it("a stream with content ends when its principal may not read that content any more, and not before", async () => {
  await using opened = await startSecured();
  const { server, access } = opened;
  const reads = { role: Role.VIEWER, eventTypes: ["billed"], payloads: true };
  const looks = { role: Role.VIEWER, eventTypes: ["sent"] };
  const token = await opened.tokenOf("eyes", reads, looks);
  const update = (...grants: object[]) => access.updatePrincipal({ principal: { name: "eyes", grants } }, opened.admin);
  const publish = () =>
    server.event.publish({ event: { type: "billed", sourceService: "s", data: secret } }, opened.admin);
  const request = { filter: { types: ["billed"] }, start: { start: fromNow } };
  const stream = server.event.subscribe(request, secured.as(token))[Symbol.asyncIterator]();
  await stream.next();
  await update(reads, { ...looks, eventTypes: ["sent", "lost"] });
  await publish();
  expect((await stream.next()).value?.events[0]?.data?.kind.case).toBe("binary");
  await update({ ...reads, payloads: false }, looks);
  await publish();
  expect(await refusalOf(stream.next())).toMatchObject({ code: "PERMISSION_DENIED", reason: "ROLE_REQUIRED" });
});
