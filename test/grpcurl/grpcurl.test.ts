import { execFileSync } from "node:child_process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { EventService } from "../../gen/sitq/v1/event_service_pb.js";
import { QueueService } from "../../gen/sitq/v1/queue_service_pb.js";
import { TaskSchema } from "../../gen/sitq/v1/task_pb.js";
import { WorkerService } from "../../gen/sitq/v1/worker_service_pb.js";
import { type StartedServer, startServer } from "../harness/server-process.ts";
import { createTempDir, type TempDir } from "../harness/temp-dir.ts";
import { grpcurl, missing, openSession } from "./grpcurl.ts";

if (missing !== null) process.stderr.write(`SKIPPED: the tests with grpcurl: ${missing}\n`);

const services = [
  "envoy.service.discovery.v3.AggregatedDiscoveryService",
  "grpc.health.v1.Health",
  "grpc.reflection.v1.ServerReflection",
  "grpc.reflection.v1alpha.ServerReflection",
  "sitq.v1.AccessService",
  "sitq.v1.AdminService",
  "sitq.v1.EventService",
  "sitq.v1.MonitorService",
  "sitq.v1.QueueService",
  "sitq.v1.RegistryService",
  "sitq.v1.WorkerService",
  "sitq.v1.WorkflowService",
];

describe.skipIf(missing !== null)("grpcurl against a running server", () => {
  let dir: TempDir;
  let server: StartedServer;
  beforeAll(async () => {
    dir = await createTempDir();
    server = await startServer({ db: dir.file("sitq.db") });
  });
  afterAll(async () => {
    await server.kill();
    await dir.remove();
  });

  /** Calls a method and answers what it printed. */
  async function call(method: string, request: unknown = {}): Promise<Record<string, unknown>> {
    const { code, stdout, stderr } = await grpcurl("-d", JSON.stringify(request), server.address, method);
    expect(stderr).toBe("");
    expect(code).toBe(0);
    return JSON.parse(stdout) as Record<string, unknown>;
  }

  /** Calls a method that refuses, and answers the code and the details, which grpcurl has to understand. */
  async function refusal(method: string, request: unknown): Promise<{ code: string; details: readonly unknown[] }> {
    const { code, stderr } = await grpcurl("-format-error", "-d", JSON.stringify(request), server.address, method);
    expect(code).not.toBe(0);
    const status = JSON.parse(stderr) as { code: number; details: readonly unknown[] };
    return { code: String(status.code), details: status.details };
  }

  async function enqueue(queue: string, task: object = {}): Promise<string> {
    const { task: stored } = await call("sitq.v1.QueueService/Enqueue", { task: { queue, type: "print", ...task } });
    return (stored as { id: string }).id;
  }

  async function claim(queue: string): Promise<Record<string, unknown>> {
    const { tasks } = await call("sitq.v1.WorkerService/ClaimTasks", { worker_id: "me", queues: [queue] });
    return (tasks as Record<string, unknown>[])[0] ?? expect.unreachable("no task came");
  }

  it("lists every service", async () => {
    const { stdout } = await grpcurl(server.address, "list");
    expect(stdout.trim().split("\n")).toEqual(services);
  });

  it("lists every service for tools that know reflection by its older name only", async () => {
    const { listServicesResponse } = await call("grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", {
      list_services: "",
    });
    expect(listServicesResponse).toEqual({ service: services.map((name) => ({ name })) });
  });

  it.each(services)("describes %s", async (service) => {
    const { stdout } = await grpcurl(server.address, "describe", service);
    expect(stdout).toContain(`${service} is a service:`);
    const methods = [...stdout.matchAll(/rpc (\w+) /g)].map((match) => match[1]);
    const known = [EventService, QueueService, WorkerService].find(({ typeName }) => typeName === service);
    if (known === undefined) expect(methods).not.toEqual([]);
    else expect(methods).toEqual(known.methods.map(({ name }) => name).toSorted());
  });

  it("describes a task, field by field", async () => {
    const { stdout } = await grpcurl(server.address, "describe", "sitq.v1.Task");
    for (const { name, number } of TaskSchema.fields) expect(stdout).toMatch(new RegExp(`\\b${name} = ${number}\\b`));
  });

  it("publishes an event once, hands its delivery to a worker, and shows what became of it", async () => {
    const subscription = { name: "billing", filter: { types: ["order.*"] }, ordering_key: "subject" };
    const made = await call("sitq.v1.EventService/CreateSubscription", { subscription, start: { now: true } });
    expect(made).toMatchObject({ created: true, subscription: { state: "SUBSCRIPTION_STATE_LIVE", queue: "billing" } });
    const event = {
      id: "order-7",
      type: "order.created",
      source_service: "shop",
      subject: "7",
      correlation_id: "req-7",
      data: { json: { order: 7 } },
      attributes: { tenant: "acme", level: 3, urgent: true },
    };
    const published = await call("sitq.v1.EventService/Publish", { event });
    expect(published).toMatchObject({ created: true, deliveredTo: 1, event: { id: "order-7" } });
    const again = await call("sitq.v1.EventService/Publish", { event });
    expect(again).toMatchObject({ deliveredTo: 1 });
    expect(again.created).toBeFalsy();

    const task = await claim("billing");
    expect(task).toMatchObject({
      type: "order.created",
      payload: { json: { order: 7 } },
      correlationId: "req-7",
      origin: { eventId: "order-7", subscription: "billing" },
      event: { subject: "7", attributes: { tenant: "acme", level: 3, urgent: true } },
    });
    const lease = { worker_id: "me", task_id: task.id, attempt: 1 };
    await call("sitq.v1.WorkerService/CompleteTask", { ...lease, result: { json: "thanks" } });
    expect(await call("sitq.v1.EventService/GetEvent", { event_id: "order-7" })).toMatchObject({
      event: { sourceService: "shop", data: { json: { order: 7 } } },
      deliveries: [{ subscription: "billing", state: "TASK_STATE_COMPLETED", result: { json: "thanks" } }],
    });

    const watch = openSession(server.address, "sitq.v1.EventService/Subscribe");
    watch.say({ start: { earliest: true } });
    // grpcurl begins a call with one request when its input has ended.
    void watch.end();
    expect(await watch.next()).toMatchObject({ position: expect.any(String) });
    expect(await watch.next()).toMatchObject({ events: [{ id: "order-7" }] });

    const other = await refusal("sitq.v1.EventService/Publish", { event: { ...event, subject: "8" } });
    expect(other.details).toContainEqual(expect.objectContaining({ reason: "EVENT_ID_REUSED" }));
  });

  it("enqueues a task once, however often it is told to, and gets it", async () => {
    const request = {
      task: { queue: "mail", type: "send", payload: { json: { to: ["ada", 7, null] } }, headers: { tenant: "a" } },
      request_id: "mail-1",
    };
    const first = await call("sitq.v1.QueueService/Enqueue", request);
    expect(first).toMatchObject({ created: true, task: { state: "TASK_STATE_PENDING", queue: "mail" } });
    const second = await call("sitq.v1.QueueService/Enqueue", request);
    const { id } = first.task as { id: string };
    expect(second).toMatchObject({ task: { id } });
    expect(second).not.toHaveProperty("created");
    expect(await call("sitq.v1.QueueService/GetTask", { task_id: id })).toMatchObject({
      task: {
        id,
        type: "send",
        requestId: "mail-1",
        payload: { json: { to: ["ada", 7, null] } },
        headers: { tenant: "a" },
      },
    });
  });

  it("claims a task and completes it", async () => {
    const id = await enqueue("claims", { payload: { binary: Buffer.from("bytes").toString("base64") } });
    const task = await claim("claims");
    expect(task).toMatchObject({ id, attempt: 1, workerId: "me", payload: { binary: "Ynl0ZXM=" } });
    const lease = { worker_id: "me", task_id: id, attempt: 1 };
    const extended = await call("sitq.v1.WorkerService/ExtendLease", {
      ...lease,
      lease_duration: "60s",
      progress: { fraction: 0.5, message: "half" },
    });
    expect(extended).toEqual({ leaseDuration: "60s" });
    expect(await call("sitq.v1.QueueService/GetTask", { task_id: id })).toMatchObject({
      task: { state: "TASK_STATE_RUNNING", progress: { fraction: 0.5, message: "half" } },
    });
    const result = { json: { printed: true } };
    const completed = await call("sitq.v1.WorkerService/CompleteTask", { ...lease, result });
    expect(completed).toEqual({ status: "SETTLE_STATUS_SETTLED" });
    expect(await call("sitq.v1.QueueService/AwaitTask", { task_id: id })).toMatchObject({
      task: { state: "TASK_STATE_COMPLETED", result, attempts: [{ attempt: 1, outcome: "ATTEMPT_OUTCOME_COMPLETED" }] },
    });
  });

  it("claims nothing where nothing waits", async () => {
    const answer = await call("sitq.v1.WorkerService/ClaimTasks", {
      worker_id: "me",
      queues: ["nothing"],
      wait: "0.1s",
    });
    expect(answer).toEqual({ leaseDuration: "30s" });
  });

  it("fails a task for good, and puts it back", async () => {
    const id = await enqueue("failures");
    await claim("failures");
    const error = { type: "PrinterError", message: "no paper" };
    const failure = { worker_id: "me", task_id: id, attempt: 1, error, terminal: true };
    expect(await call("sitq.v1.WorkerService/FailTask", failure)).toEqual({ status: "SETTLE_STATUS_SETTLED" });
    expect(await call("sitq.v1.QueueService/ListTasks", { filter: { states: ["TASK_STATE_FAILED"] } })).toMatchObject({
      tasks: [{ id, lastError: error }],
    });
    expect(await call("sitq.v1.QueueService/RetryTasks", { filter: { queue: "failures" }, dry_run: true })).toEqual({
      errorTypes: [{ errorType: "PrinterError", taskCount: "1" }],
      taskCount: "1",
      sampleTaskIds: [id],
    });
    expect(await call("sitq.v1.QueueService/RetryTask", { task_id: id })).toMatchObject({
      task: { state: "TASK_STATE_PENDING" },
    });
    expect(await call("sitq.v1.QueueService/CancelTask", { task_id: id, reason: "enough" })).toMatchObject({
      task: { state: "TASK_STATE_CANCELLED", lastError: { type: "CANCELLED", message: "enough" } },
    });
  });

  it("lists tasks page by page", async () => {
    const ids = [await enqueue("pages"), await enqueue("pages"), await enqueue("pages")];
    const filter = { queue: "pages" };
    const first = await call("sitq.v1.QueueService/ListTasks", { filter, page_size: 2 });
    const second = await call("sitq.v1.QueueService/ListTasks", {
      filter,
      page_size: 2,
      page_token: first.nextPageToken,
    });
    const listed = [first, second].flatMap(({ tasks }) => (tasks as { id: string }[]).map(({ id }) => id));
    expect(listed).toEqual(ids.toReversed());
  });

  it("shows queues with what they hold, and pauses one", async () => {
    await enqueue("queues");
    const { queues } = await call("sitq.v1.QueueService/ListQueues");
    expect(queues).toContainEqual(
      expect.objectContaining({ name: "queues", statistics: expect.objectContaining({ pending: "1" }) }),
    );
    const paused = await call("sitq.v1.QueueService/UpdateQueue", { queue: { name: "queues", paused: true } });
    expect(paused).toMatchObject({ queue: { name: "queues", paused: true } });
    expect(await call("sitq.v1.QueueService/GetQueue", { name: "queues" })).toMatchObject({ queue: { paused: true } });
  });

  it("says that it is healthy, as a whole and for each service", async () => {
    for (const service of ["", ...services]) {
      expect(await call("grpc.health.v1.Health/Check", { service })).toEqual({ status: "SERVING" });
    }
  });

  it("shows why a call was refused, and which field is at fault", async () => {
    expect(await refusal("sitq.v1.QueueService/Enqueue", { task: { queue: "no spaces", type: "t" } })).toEqual({
      code: "3",
      details: [
        { "@type": "type.googleapis.com/google.rpc.ErrorInfo", reason: "INVALID_FIELD", domain: "sitq" },
        {
          "@type": "type.googleapis.com/google.rpc.BadRequest",
          fieldViolations: [expect.objectContaining({ field: "task.queue" })],
        },
      ],
    });
  });

  it("shows the facts of a refusal, and when trying again may help", async () => {
    await call("sitq.v1.QueueService/UpdateQueue", { queue: { name: "narrow", max_depth: "1" }, allow_missing: true });
    await enqueue("narrow");
    const { code, details } = await refusal("sitq.v1.QueueService/Enqueue", { task: { queue: "narrow", type: "t" } });
    expect(code).toBe("8");
    expect(details).toContainEqual(expect.objectContaining({ reason: "QUEUE_FULL" }));
    expect(details).toContainEqual(
      expect.objectContaining({ "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: expect.any(String) }),
    );
  });

  it("shows the error of one item of a batch inside of the answer", async () => {
    const { results } = await call("sitq.v1.QueueService/EnqueueBatch", {
      requests: [{ task: { queue: "batch", type: "t" } }, { task: { queue: "batch" } }],
    });
    expect(results).toEqual([
      expect.objectContaining({ created: true }),
      { error: expect.objectContaining({ code: 3, details: expect.arrayContaining([expect.anything()]) }) },
    ]);
    expect(JSON.stringify(results)).toContain("requests[1].task.type");
  });

  it("works a whole session that is typed", async () => {
    const session = openSession(server.address, "sitq.v1.WorkerService/Work");
    session.say({ hello: { worker_id: "typist", queues: ["typed"], capacity: 2 } });
    expect(await session.next()).toEqual({
      welcome: { workerId: "typist", heartbeatInterval: "10s", leaseDuration: "30s" },
    });
    expect(await call("sitq.v1.WorkerService/ListWorkers", { queue: "typed" })).toMatchObject({
      workers: [{ id: "typist", capacity: 2, state: "WORKER_STATE_CONNECTED" }],
    });

    const first = await enqueue("typed", { payload: { json: "first" } });
    expect(await session.next()).toMatchObject({
      tasks: { tasks: [{ id: first, attempt: 1, payload: { json: "first" } }] },
    });
    const second = await enqueue("typed", { payload: { json: "second" } });
    expect(await session.next()).toMatchObject({ tasks: { tasks: [{ id: second, attempt: 1 }] } });

    session.say({ heartbeat: { progress: [{ task_id: first, attempt: 1, progress: { fraction: 0.1 } }] } });
    session.say({
      outcomes: {
        outcomes: [
          { task_id: first, attempt: 1, completed: { result: { json: { done: true } } } },
          { task_id: second, attempt: 1, failed: { error: { message: "no" }, terminal: true } },
        ],
      },
    });
    expect(await session.next()).toEqual({
      settled: {
        outcomes: [
          { taskId: first, attempt: 1, status: "SETTLE_STATUS_SETTLED" },
          { taskId: second, attempt: 1, status: "SETTLE_STATUS_SETTLED" },
        ],
      },
    });
    session.say({ outcomes: { outcomes: [{ task_id: first, attempt: 1, released: {} }] } });
    expect(await session.next()).toEqual({
      settled: { outcomes: [{ taskId: first, attempt: 1, status: "SETTLE_STATUS_STALE" }] },
    });

    const third = await enqueue("typed");
    await session.next();
    await call("sitq.v1.QueueService/CancelTask", { task_id: third, reason: "changed my mind" });
    expect(await session.next()).toEqual({
      cancel: {
        tasks: [
          {
            taskId: third,
            attempt: 1,
            reason: "changed my mind",
            code: "CANCEL_CODE_CANCELLED",
            message: "changed my mind",
          },
        ],
      },
    });
    expect(await session.end()).toBe(0);
    expect(await call("sitq.v1.QueueService/GetTask", { task_id: first })).toMatchObject({
      task: { state: "TASK_STATE_COMPLETED", result: { json: { done: true } } },
    });
  });

  it("is told why its session ended when it does not begin with hello", async () => {
    const session = openSession(server.address, "sitq.v1.WorkerService/Work");
    session.say({ heartbeat: {} });
    // grpcurl says how a call ended once nothing more is typed.
    void session.end();
    await expect(session.next()).rejects.toThrow(/InvalidArgument[\s\S]*HELLO_EXPECTED/);
  });
});

describe.skipIf(missing !== null)("grpcurl against a server without reflection", () => {
  let dir: TempDir;
  let server: StartedServer;
  beforeAll(async () => {
    dir = await createTempDir();
    server = await startServer({ db: dir.file("sitq.db"), args: ["--reflection", "off"] });
  });
  afterAll(async () => {
    await server.kill();
    await dir.remove();
  });

  it("learns nothing of it", async () => {
    const { code, stderr } = await grpcurl(server.address, "list");
    expect(code).not.toBe(0);
    expect(stderr).toContain("server does not support the reflection API");
  });

  it.each<[string, (set: string) => readonly string[]]>([
    [
      "the contract's files",
      () => [
        "-import-path=proto",
        "-import-path=proto-standard",
        "-proto=sitq/v1/queue_service.proto",
        "-proto=google/rpc/error_details.proto",
      ],
    ],
    ["one file of all of them", (set) => ["-protoset", set]],
  ])("calls it by %s, and shows why it refuses", async (_, by) => {
    const set = dir.file("sitq.binpb");
    execFileSync("node_modules/.bin/buf", ["build", "-o", set]);
    const run = (request: object) =>
      grpcurl(...by(set), "-d", JSON.stringify(request), server.address, "sitq.v1.QueueService/Enqueue");
    const { stdout } = await run({ task: { queue: "q", type: "t" } });
    expect(JSON.parse(stdout)).toMatchObject({ created: true });
    expect((await run({ task: { queue: "q" } })).stderr).toContain('"reason": "INVALID_FIELD"');
  });
});
