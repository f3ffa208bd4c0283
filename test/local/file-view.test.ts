/** A file that is only shown: what it holds is as it was, and nothing of it changes. */

import { createHash } from "node:crypto";
import { readdir, readFile, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { type DescMethod, getOption } from "@bufbuild/protobuf";
import { timestampDate } from "@bufbuild/protobuf/wkt";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { access } from "../../gen/sitq/v1/access_pb.js";
import { AccessService } from "../../gen/sitq/v1/access_service_pb.js";
import { AdminService } from "../../gen/sitq/v1/admin_service_pb.js";
import { EventService } from "../../gen/sitq/v1/event_service_pb.js";
import { MonitorService, ProblemKind } from "../../gen/sitq/v1/monitor_service_pb.js";
import { QueueService } from "../../gen/sitq/v1/queue_service_pb.js";
import { RegistryService } from "../../gen/sitq/v1/registry_service_pb.js";
import { TaskState } from "../../gen/sitq/v1/task_pb.js";
import { WorkerService } from "../../gen/sitq/v1/worker_service_pb.js";
import { WorkflowService } from "../../gen/sitq/v1/workflow_service_pb.js";
import type { App } from "../../src/app.ts";
import { createChannel } from "../../src/grpc/client/channel.ts";
import { createClient } from "../../src/grpc/client/client.ts";
import { startFileView } from "../../src/local/file-view.ts";
import { backupTo } from "../harness/calls/copies.ts";
import { fromEarliest } from "../harness/calls/events.ts";
import { createFakeClock } from "../harness/fake-clock.ts";
import { refusalIn } from "../harness/refusal.ts";
import { startServer } from "../harness/server.ts";
import { createTempDir, type TempDir } from "../harness/temp-dir.ts";

const services = [
  AccessService,
  AdminService,
  EventService,
  MonitorService,
  QueueService,
  RegistryService,
  WorkerService,
  WorkflowService,
];
const methods = services.flatMap((service): readonly DescMethod[] => service.methods);
const changing = methods.filter((method) => getOption(method, access).changes);
/** They change nothing that lasts, but are about what runs. */
const ofWhatRuns = ["CheckHealth", "ExtendLease", "Heartbeat", "PickInstance", "ReleaseInstance"];
const readOnly = { code: "FAILED_PRECONDITION", reason: "READ_ONLY" };

let dir: TempDir;
let path: string;
let app: App;
let channel: ReturnType<typeof createChannel>;
let ids: { readonly running: string; readonly due: string; readonly failed: string; readonly waiting: string };
let workflowId: string;
let before: Awaited<ReturnType<typeof snapshot>>;

beforeAll(async () => {
  dir = await createTempDir();
  path = dir.file("copy.db");
  await makeCopy();
  before = await snapshot();
  app = await startFileView(path, { host: "127.0.0.1", port: 0 });
  channel = createChannel(app.address);
});

/** Copies a server on which something of everything is under way. */
async function makeCopy(): Promise<void> {
  // Long ago: by the time of this machine the lease is over, and what was scheduled is due.
  await using server = await startServer({ clock: createFakeClock() });
  const { queue, worker, event, registry, workflow } = server;
  const enqueue = async (type: string, more = {}) =>
    (await queue.enqueue({ task: { queue: "mail", type, ...more } })).task?.id ?? "";
  const running = await enqueue("send");
  await worker.claimTasks({ workerId: "w1", queues: ["mail"], maxTasks: 1, leaseDuration: { seconds: 1n } });
  const failed = await enqueue("send", { maxAttempts: 1 });
  await worker.claimTasks({ workerId: "w1", queues: ["mail"], maxTasks: 1, leaseDuration: { seconds: 1n } });
  await worker.failTask({
    workerId: "w1",
    taskId: failed,
    attempt: 1,
    error: { type: "Bounced", message: "no such box" },
  });
  ids = { running, failed, due: await enqueue("send", { delay: { seconds: 60n } }), waiting: await enqueue("send") };
  await event.createSubscription({ subscription: { name: "billing" }, start: { start: fromEarliest } });
  await event.publish({ event: { id: "e1", type: "order.created", sourceService: "shop" } });
  const instance = { serviceName: "stock", instanceId: "stock-1", registrationId: "r", address: "127.0.0.1:1" };
  await registry.registerInstance({ ...instance, ttl: { seconds: 1n } });
  const steps = [{ stepId: "reserve", serviceName: "stock", action: "reserve" }];
  workflowId = (await workflow.startWorkflow({ name: "order", steps })).workflow?.id ?? "";
  await backupTo(path, server);
}

afterAll(async () => {
  channel.close();
  await app.close(0);
  await dir.remove();
});

/** The file's bytes and times, and what is beside it. */
async function snapshot() {
  const { mtimeMs, size, mode, nlink } = await stat(path);
  const sha256 = createHash("sha256")
    .update(await readFile(path))
    .digest("hex");
  return { mtimeMs, size, mode, nlink, sha256, files: await readdir(dirname(path)) };
}

type Stream = AsyncIterable<unknown>;

/** Calls a method with nothing set, and answers its refusal; `null`: it has answered. */
async function refusalOf(method: DescMethod): Promise<unknown> {
  const client: Readonly<Record<string, unknown>> = createClient(method.parent, channel);
  const send = client[method.localName];
  if (typeof send !== "function") throw new Error(`no client of ${method.name}`);
  const end = new AbortController();
  try {
    if (method.methodKind === "unary") await send({});
    else if (method.methodKind === "server_streaming") await firstOf(send({}, { signal: end.signal }));
    else {
      const stream = send({ signal: end.signal }) as { send(request: object): void; responses: Stream };
      stream.send({});
      await firstOf(stream.responses);
    }
    return null;
  } catch (error) {
    const { code, reason } = refusalIn(error);
    return { code, reason };
  } finally {
    end.abort();
  }
}

function firstOf(messages: Stream): Promise<unknown> {
  return messages[Symbol.asyncIterator]().next();
}

describe("every method of the contract", () => {
  it.each(changing)("$parent.name/$name, which changes something, is refused", async (method) => {
    expect(await refusalOf(method)).toEqual(readOnly);
  });

  it("that only reads is served, but for those about what runs", async () => {
    const reading = methods.filter((method) => !changing.includes(method));
    const refusals = await Promise.all(reading.map(async (method) => [method.name, await refusalOf(method)] as const));
    const refused = refusals.filter(([, refusal]) => JSON.stringify(refusal) === JSON.stringify(readOnly));
    expect(refused.map(([name]) => name).toSorted()).toEqual(ofWhatRuns);
    // What is missing in the request, or is not there.
    const others = refusals.map(([, refusal]) => (refusal as { reason: string } | null)?.reason ?? "none");
    const expected = ["INVALID_FIELD", "READ_ONLY", "none"];
    expect([...new Set(others)].filter((reason) => !expected.includes(reason) && !/_NOT_FOUND$/.test(reason))).toEqual(
      [],
    );
  });

  it("says so by HTTP too", async () => {
    const response = await fetch(`http://${app.address}/sitq.v1.QueueService/Enqueue`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: '{"task": {"queue": "mail", "type": "send"}}',
    });
    expect([response.status, await response.text()]).toEqual([400, expect.stringContaining("READ_ONLY")]);
  });
});

describe("what is shown", () => {
  const client = <S extends (typeof services)[number]>(service: S) => createClient(service, channel);

  it("says what file it is, and as of when", async () => {
    const { serverInfo } = await client(AdminService).getServerInfo({});
    expect(serverInfo?.fileView).toMatchObject({ file: path, asOfTime: expect.anything() });
    const asOf = serverInfo?.fileView?.asOfTime;
    // The copy was made by the machine's clock, right before it was looked at.
    expect(asOf && timestampDate(asOf).getTime()).toBe(app.data.asOfMs);
    expect(app.data.asOfMs).toBeLessThanOrEqual(before.mtimeMs + 1_000);
  });

  it("are tasks in their states, however long ago a lease has ended or something was due", async () => {
    const { tasks } = await client(QueueService).listTasks({ filter: { queue: "mail" }, explain: true });
    const states = Object.fromEntries(tasks.map(({ id, state }) => [id, state]));
    expect(states).toEqual({
      [ids.running]: TaskState.RUNNING,
      [ids.failed]: TaskState.FAILED,
      [ids.due]: TaskState.SCHEDULED,
      [ids.waiting]: TaskState.PENDING,
    });
    const { task } = await client(QueueService).getTask({ taskId: ids.failed });
    expect([task?.lastError?.message, task?.attempts.length]).toEqual(["no such box", 1]);
    const { explanation } = await client(QueueService).explainTask({ taskId: ids.waiting });
    expect(explanation?.message).toMatch(/^it is next in the line of the queue "mail"/);
    const awaited = await client(QueueService).awaitTask({ taskId: ids.running, timeout: { nanos: 1_000_000 } });
    expect(awaited.task?.state).toBe(TaskState.RUNNING);
    const { failures } = await client(QueueService).listFailures({});
    expect(failures).toMatchObject([{ errorType: "Bounced", taskCount: 1n }]);
  });

  it("are queues, workflows, events, subscriptions, instances and the audit log", async () => {
    const { queues } = await client(QueueService).listQueues({});
    expect(queues.map(({ name }) => name)).toEqual(expect.arrayContaining(["mail", "stock"]));
    expect(await client(WorkflowService).getWorkflow({ workflowId })).toMatchObject({ workflow: { name: "order" } });
    expect((await client(WorkflowService).listWorkflows({})).workflows).toHaveLength(1);
    expect((await client(EventService).listEvents({})).events).toMatchObject([{ id: "e1" }]);
    expect((await client(EventService).listSubscriptions({})).subscriptions).toMatchObject([{ name: "billing" }]);
    expect((await client(RegistryService).discoverInstances({})).instances).toMatchObject([{ instanceId: "stock-1" }]);
    expect((await client(AccessService).listAuditEntries({})).auditEntries).toEqual([]);
    expect((await client(AccessService).listPrincipals({})).principals).toEqual([]);
    const watched = client(EventService).subscribe({ start: { start: fromEarliest } });
    const seen: string[] = [];
    for await (const { events } of watched) {
      for (const { id } of events) seen.push(id);
      if (seen.length > 0) break;
    }
    expect(seen).toEqual(["e1"]);
  });

  it("is the overview, in which nothing is put down to workers that a file does not know", async () => {
    const { queues } = await client(MonitorService).getOverview({});
    const mail = queues.find(({ name }) => name === "mail");
    expect(mail?.statistics).toMatchObject({ pending: 1n, scheduled: 1n, running: 1n, failed: 1n });
    // It is long ago that it was enqueued.
    expect(mail?.problem).toBe(ProblemKind.LONG_WAIT);
    const { problems } = await client(MonitorService).getStatus({});
    const kinds = problems.filter(({ subject }) => subject.case === "queue").map(({ kind }) => kind);
    expect([...new Set(kinds)]).toEqual([ProblemKind.LONG_WAIT]);
    for await (const { queues: first } of client(MonitorService).watchOverview({})) {
      expect(first.map(({ name }) => name)).toContain("mail");
      break;
    }
  });
});

it("is not written, and nothing is left beside it", async () => {
  expect(await snapshot()).toEqual(before);
});
