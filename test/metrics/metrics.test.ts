import { expect, onTestFinished, test } from "vitest";
import { Role } from "../../gen/sitq/v1/access_pb.js";
import { type Metric, metrics, processMetrics } from "../../src/metrics/names.ts";
import { startSecured } from "../access/secured-server.ts";
import { fromNow } from "../harness/calls/events.ts";
import { connectWorker } from "../harness/calls/scripted-worker.ts";
import { enqueue, enqueueMany } from "../harness/calls/tasks.ts";
import { readWorkflow, start, stepsIn } from "../harness/calls/workflows.ts";
import { createFakeClock } from "../harness/fake-clock.ts";
import { startServer } from "../harness/server.ts";
import { scrape } from "./scrape.ts";

const on = { metrics: "on" } as const;
const seconds = (n: number) => ({ seconds: BigInt(n), nanos: 0 });

test("a server without metrics serves none, and counts nothing", async () => {
  await using server = await startServer();
  expect((await fetch(`http://${server.address}/metrics`)).status).toBe(404);
});

test("says what has become of tasks, to the unit", async () => {
  const clock = createFakeClock();
  await using server = await startServer({ clock, config: on });
  await enqueueMany(server, 20, { maxAttempts: 2 });
  await enqueue(server, { scheduleTime: seconds(clock.now() / 1_000 + 3_600) });
  clock.advance(3_000);
  const worker = await connectWorker(server, { capacity: 30 });
  const tasks = await worker.take(20);
  clock.advance(400);
  await worker.complete(...tasks.slice(0, 5));
  await worker.end(tasks.slice(5, 8), { case: "failed", value: { retryDelay: seconds(600) } });
  await worker.end(tasks.slice(8, 10), { case: "failed", value: { terminal: true } });
  await worker.end(tasks.slice(10, 11), { case: "released", value: { delay: seconds(3_600) } });
  await server.queue.cancelTask({ taskId: tasks[11]?.id ?? "" });
  let { value } = await scrape(server);
  expect(value("sitq_worker_in_flight")).toBe(8);
  expect(value("sitq_worker_capacity")).toBe(30);
  expect(value('sitq_queue_workers{queue="orders"}')).toBe(1);
  expect(value('sitq_queue_capacity{queue="orders"}')).toBe(30);
  expect(value('sitq_workers{state="connected"}')).toBe(1);
  expect(value("sitq_work_streams")).toBe(1);

  // It is silent: what it holds is lost.
  clock.advance(31_000);
  await worker.ended;
  await server.logged("LEASE_LOST", 8);
  clock.advance(5_000);

  ({ value } = await scrape(server));
  const states = Object.entries({ pending: 8, running: 0, scheduled: 5, completed: 5, failed: 2, cancelled: 1 });
  for (const [state, n] of states)
    expect([state, value(`sitq_queue_tasks{queue="orders",state="${state}"}`)]).toEqual([state, n]);
  expect(value('sitq_tasks_created_total{queue="orders"}')).toBe(21);
  expect(value('sitq_tasks_finished_total{queue="orders",state="completed"}')).toBe(5);
  expect(value('sitq_tasks_finished_total{queue="orders",state="failed"}')).toBe(2);
  expect(value('sitq_tasks_finished_total{queue="orders",state="cancelled"}')).toBe(1);
  const outcomes = Object.entries({ completed: 5, failed: 5, released: 1, lease_lost: 8, timed_out: 0, cancelled: 1 });
  for (const [outcome, n] of outcomes)
    expect([outcome, value(`sitq_attempts_total{queue="orders",outcome="${outcome}"}`)]).toEqual([outcome, n]);
  expect(value('sitq_lease_lost_total{queue="orders"}')).toBe(8);
  expect(value('sitq_retries_total{queue="orders"}')).toBe(3 + 8);
  expect(value('sitq_task_wait_seconds_count{queue="orders"}')).toBe(20);
  expect(value('sitq_task_wait_seconds_sum{queue="orders"}')).toBe(60);
  expect(value('sitq_task_wait_seconds_bucket{queue="orders",le="2.5"}')).toBe(0);
  expect(value('sitq_task_wait_seconds_bucket{queue="orders",le="5"}')).toBe(20);
  expect(value('sitq_task_wait_seconds_bucket{queue="orders",le="+Inf"}')).toBe(20);
  expect(value('sitq_task_run_seconds_count{queue="orders"}')).toBe(20);
  expect(value('sitq_task_run_seconds_bucket{queue="orders",le="0.5"}')).toBe(12);
  // Lost ones have their old place in line.
  expect(value('sitq_queue_oldest_age_seconds{queue="orders"}')).toBe(39.4);
  expect(value("sitq_work_streams")).toBe(0);
  expect(value('sitq_queue_workers{queue="orders"}')).toBe(0);
});

test("says how workflows, events and subscriptions stand", async () => {
  const clock = createFakeClock();
  await using server = await startServer({ clock, config: on });
  await server.event.createSubscription({
    subscription: { name: "mail", queue: "mail", filter: { types: ["order.*"] } },
    start: { start: fromNow },
  });
  for (const id of ["1", "2", "3"]) {
    await server.event.publish({ event: { id, type: "order.created", sourceService: "shop" } });
  }
  await start(server, { steps: stepsIn("orders", { pay: "" }) });
  const second = await start(server, { steps: stepsIn("orders", { pack: "", ship: "pack" }) });
  clock.advance(7_000);
  const worker = await connectWorker(server, { capacity: 2 });
  const tasks = await worker.take(2);
  await worker.complete(...tasks.filter(({ type }) => type === "pay"));
  const mailer = await connectWorker(server, { workerId: "mailer", queues: ["mail"], capacity: 1 });
  await mailer.take(1);
  // It sees every hand-out on the disk.
  await readWorkflow(server, second);

  const { value } = await scrape(server);
  expect(value("sitq_events_published_total")).toBe(3);
  expect(value('sitq_subscription_deliveries{subscription="mail",state="waiting"}')).toBe(2);
  expect(value('sitq_subscription_deliveries{subscription="mail",state="running"}')).toBe(1);
  expect(value('sitq_subscription_lag_seconds{subscription="mail"}')).toBe(7);
  expect(value("sitq_workflows_started_total")).toBe(2);
  expect(value('sitq_workflows_finished_total{state="completed"}')).toBe(1);
  expect(value('sitq_workflows_unfinished{state="pending"}')).toBe(0);
  expect(value('sitq_workflows_unfinished{state="running"}')).toBe(1);
  expect(value('sitq_tasks_created_total{queue="orders"}')).toBe(3);
});

test("counts refused calls by reason, watches and connections, and logs each refusal", async () => {
  await using server = await startServer({ config: on });
  const refuse = (taskId: string) => server.queue.getTask({ taskId }).catch(() => undefined);
  await Promise.all([
    refuse("nobody"),
    refuse("nobody"),
    server.queue.getQueue({ name: "none" }).catch(() => undefined),
  ]);
  const leave = new AbortController();
  onTestFinished(() => leave.abort());
  const watch = server.queue.watchTasks({}, { signal: leave.signal });
  await watch[Symbol.asyncIterator]().next();
  const { value } = await scrape(server);
  expect(value('sitq_calls_refused_total{reason="TASK_NOT_FOUND"}')).toBe(2);
  expect(value('sitq_calls_refused_total{reason="QUEUE_NOT_FOUND"}')).toBe(1);
  expect(value("sitq_watches")).toBe(1);
  expect(value("sitq_connections")).toBeGreaterThanOrEqual(2);
  const lines = server.log.filter(({ message }) => message === "refused a call");
  expect(lines).toHaveLength(3);
  expect(lines[0]).toMatchObject({
    level: "info",
    facts: { method: "/sitq.v1.QueueService/GetTask", code: "NOT_FOUND", reason: "TASK_NOT_FOUND" },
  });
  expect(lines[0]?.facts.peer).toMatch(/^127\.0\.0\.1:\d+$/);
});

test("begins its counters anew after a restart, and keeps what there is", async () => {
  await using server = await startServer({ config: on });
  await enqueueMany(server, 4);
  await server.restart();
  await enqueueMany(server, 2);
  const { value } = await scrape(server);
  expect(value('sitq_tasks_created_total{queue="orders"}')).toBe(2);
  expect(value('sitq_queue_tasks{queue="orders",state="pending"}')).toBe(6);
});

test("adds up queues beyond the limit as `other`, so that no labels grow without bound", async () => {
  await using server = await startServer({ config: { metrics: "on", metricsQueues: 5 } });
  const names = Array.from({ length: 40 }, (_, n) => `tenant-${n}`);
  for (const queue of [...names, "other"]) await enqueue(server, { queue });
  await connectWorker(server, { queues: ["tenant-38", "tenant-39"], capacity: 1 });
  const { value, labelValues } = await scrape(server);
  expect(labelValues("sitq_queue_tasks", "queue")).toEqual([...names.slice(0, 5), "other"]);
  expect(value('sitq_tasks_created_total{queue="other"}')).toBe(36);
  expect(value("sitq_queues")).toBe(41);
  expect(value('sitq_queue_workers{queue="other"}')).toBe(1);
});

test("names what it serves, all of it and nothing else", async () => {
  await using server = await startServer({ config: on });
  await enqueue(server);
  const { names } = await scrape(server);
  const expected = [...Object.values<Metric>(metrics).map(({ name }) => name), ...processMetrics];
  expect(names.toSorted()).toEqual(expected.toSorted());
});

test("answers while the store does not, and says so", async () => {
  await using server = await startServer({
    config: on,
    wrapStore: (store) => Object.assign(Object.create(store), { measure: () => Promise.reject(new Error("failed")) }),
  });
  const { value } = await scrape(server);
  expect(value("sitq_store_up")).toBe(0);
  expect(value("sitq_connections")).toBeGreaterThan(0);
  expect(value("sitq_queues")).toBeUndefined();
});

test("is read, where authentication is on, by those who may see everything", async () => {
  await using secured = await startSecured(undefined, on);
  const { server } = secured;
  const status = async (headers: Record<string, string> = {}) =>
    (await fetch(`http://${server.address}/metrics`, { headers })).status;
  expect(await status()).toBe(401);
  expect(await status({ authorization: "Bearer nonsense" })).toBe(401);

  const { PRODUCER, WORKER, VIEWER, OPERATOR, ADMIN } = Role;
  const all = ["*"];
  const cases = [
    ["producer", { role: PRODUCER, queues: all }, 403],
    ["worker", { role: WORKER, queues: all }, 403],
    ["viewer-of-one-queue", { role: VIEWER, queues: ["mail"] }, 403],
    ["viewer", { role: VIEWER, queues: all, eventTypes: all, services: all }, 200],
    ["operator", { role: OPERATOR, queues: all, eventTypes: all, services: all }, 200],
    ["admin", { role: ADMIN }, 200],
  ] as const;
  for (const [name, { ...grant }, expected] of cases) {
    const token = await secured.tokenOf(name, grant as never);
    expect([name, await status({ authorization: `Bearer ${token}` })]).toEqual([name, expected]);
  }
  const viewer = await secured.tokenOf("prometheus", {
    role: VIEWER,
    queues: all,
    eventTypes: all,
    services: all,
  } as never);
  const { value } = await scrape(server, { authorization: `Bearer ${viewer}` });
  expect(value('sitq_calls_refused_total{reason="ROLE_REQUIRED"}')).toBe(2);
  expect(value('sitq_calls_refused_total{reason="OUT_OF_SCOPE"}')).toBe(1);
  expect(value('sitq_calls_refused_total{reason="CREDENTIALS_REQUIRED"}')).toBe(1);
});
