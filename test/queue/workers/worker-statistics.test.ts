import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { durationFromMs, durationMs } from "@bufbuild/protobuf/wkt";
import { expect, it } from "vitest";
import {
  SettleStatus,
  type Worker,
  WorkerState,
  WorkerStatisticsSchema,
} from "../../../gen/sitq/v1/worker_service_pb.js";
import { connectWorker } from "../../harness/calls/scripted-worker.ts";
import { enqueue, enqueueMany, ms, present } from "../../harness/calls/tasks.ts";
import { createFakeClock } from "../../harness/fake-clock.ts";
import { startServer, type TestServer } from "../../harness/server.ts";

const leaseMs = 30_000;
const hourMs = 3_600_000;

async function listed(server: TestServer, includeLost = false): Promise<Worker[]> {
  return (await server.worker.listWorkers({ includeLost })).workers;
}

/** What is known of one worker's attempts; durations are compared apart. */
async function countsOf(server: TestServer, id: string) {
  const { statistics } = present((await listed(server, true)).find((worker) => worker.id === id));
  const { completed, failed, released, lost, window } = present(statistics);
  return { completed, failed, released, lost, windowMs: durationMs(present(window)) };
}

function isNear(ms: number, duration: MessageInitShape<typeof WorkerStatisticsSchema>["medianDuration"]): void {
  const message = create(WorkerStatisticsSchema, { medianDuration: present(duration) });
  const found = durationMs(present(message.medianDuration));
  expect(found).toBeGreaterThan(ms * 0.9);
  expect(found).toBeLessThan(ms * 1.1);
}

it("counts how the attempts of a worker ended, and how long they ran", async () => {
  const clock = createFakeClock();
  await using server = await startServer({ clock });
  const worker = await connectWorker(server, { workerId: "w", capacity: 100 });
  await enqueueMany(server, 20);
  const tasks = await worker.take(20);
  clock.advance(2_000);
  await worker.complete(...tasks.slice(0, 15));
  clock.advance(10_000);
  await worker.end(tasks.slice(15, 18), {
    case: "failed",
    value: { error: { type: "T", message: "m" }, terminal: true },
  });
  await worker.end(tasks.slice(18, 19), { case: "released", value: { delay: durationFromMs(hourMs) } });
  // A repeat is the same outcome.
  expect(await worker.complete(present(tasks[0]))).toEqual(["SETTLED"]);
  expect(await countsOf(server, "w")).toEqual({ completed: 15n, failed: 3n, released: 1n, lost: 0n, windowMs: 12_000 });
  const [seen] = await listed(server);
  isNear(2_000, present(seen?.statistics).medianDuration);
  isNear(12_000, present(seen?.statistics).p95Duration);
  expect(seen).toMatchObject({ inFlight: 1, oldestTaskId: present(tasks[19]).id });
  expect(ms(seen?.oldestStartTime)).toBe(clock.now() - 12_000);
});

it("forgets what is longer ago than five minutes", async () => {
  const clock = createFakeClock();
  await using server = await startServer({ clock });
  const worker = await connectWorker(server, { workerId: "w" });
  const pass = async (times: number) => {
    for (let i = 0; i < times; i++) {
      clock.advance(10_000);
      worker.send({ case: "heartbeat", value: {} });
      await worker.heard();
    }
  };
  await enqueueMany(server, 2);
  const [first, second] = await worker.take(2);
  await worker.complete(present(first));
  await pass(28);
  await worker.complete(present(second));
  expect(await countsOf(server, "w")).toMatchObject({ completed: 2n, windowMs: 280_000 });
  await pass(2);
  expect(await countsOf(server, "w")).toMatchObject({ completed: 1n, windowMs: 270_000 });
  await pass(30);
  expect(await countsOf(server, "w")).toMatchObject({ completed: 0n });
  expect(present((await listed(server))[0]?.statistics).medianDuration).toBeUndefined();
});

it("counts what a worker ends by unary calls with what it ends over its stream", async () => {
  const clock = createFakeClock();
  await using server = await startServer({ clock });
  await connectWorker(server, { workerId: "w", queues: ["other"] });
  await enqueueMany(server, 4);
  const { tasks } = await server.worker.claimTasks({ workerId: "w", queues: ["orders"], maxTasks: 4 });
  clock.advance(1_000);
  const [a, b, c, d] = tasks.map(({ id: taskId, attempt }) => ({ taskId, attempt }));
  await server.worker.completeTask({ workerId: "w", ...present(a) });
  await server.worker.failTask({ workerId: "w", ...present(b), error: { type: "T" }, terminal: true });
  const { outcomes } = await server.worker.settleTasks({
    workerId: "w",
    outcomes: [{ ...present(c), outcome: { case: "completed", value: {} } }],
  });
  expect(outcomes).toMatchObject([{ status: SettleStatus.SETTLED }]);
  await server.worker.completeTask({ workerId: "w", ...present(a) });
  await server.worker.releaseTask({ workerId: "w", ...present(d), delay: durationFromMs(hourMs) });
  expect(await countsOf(server, "w")).toMatchObject({ completed: 2n, failed: 1n, released: 1n });
  isNear(1_000, present((await listed(server))[0]?.statistics).p95Duration);
});

it("lists a worker that fell silent as lost for an hour, with what it lost", async () => {
  const clock = createFakeClock();
  await using server = await startServer({ clock });
  await enqueueMany(server, 3);
  const silent = await connectWorker(server, { workerId: "silent", metadata: { zone: "b" } });
  const [first] = await silent.take(3);
  await silent.complete(present(first));
  clock.advance(leaseMs);
  await silent.ended;
  const lostMs = clock.now();
  expect(await listed(server)).toEqual([]);
  const [lost] = await listed(server, true);
  expect(lost).toMatchObject({
    id: "silent",
    state: WorkerState.LOST,
    inFlight: 0,
    oldestTaskId: "",
    metadata: { zone: "b" },
    statistics: { completed: 1n, lost: 2n },
  });
  expect(ms(lost?.lostTime)).toBe(lostMs);
  clock.advance(hourMs - 1);
  expect(await listed(server, true)).toMatchObject([{ id: "silent", statistics: { completed: 1n, lost: 2n } }]);
  clock.advance(1);
  expect(await listed(server, true)).toEqual([]);
});

it("lists a worker whose stream was cut as lost once its leases have ended, and says so when it is back", async () => {
  const clock = createFakeClock();
  await using server = await startServer({ clock });
  await enqueue(server);
  const killed = await connectWorker(server, { workerId: "killed" });
  await killed.take(1);
  killed.cut();
  await server.logged("worker disconnected");
  expect(await listed(server, true)).toMatchObject([{ state: WorkerState.DISCONNECTED, inFlight: 1 }]);
  clock.advance(leaseMs);
  await server.logged("LEASE_LOST");
  const lostMs = clock.now();
  expect(await listed(server, true)).toMatchObject([
    { id: "killed", state: WorkerState.LOST, statistics: { lost: 1n } },
  ]);

  clock.advance(1_000);
  const back = await connectWorker(server, { workerId: "killed" });
  await back.take(1);
  const [again] = await listed(server, true);
  expect(again).toMatchObject({ id: "killed", state: WorkerState.CONNECTED, inFlight: 1, statistics: { lost: 1n } });
  expect(ms(again?.lostTime)).toBe(lostMs);
});

it("does not call a worker lost that left with nothing in its hands, or came back in time", async () => {
  const clock = createFakeClock();
  await using server = await startServer({ clock });
  const leaving = await connectWorker(server, { workerId: "leaving" });
  leaving.close();
  await leaving.ended;
  const task = await enqueue(server);
  const cut = await connectWorker(server, { workerId: "cut", incarnation: "a" });
  await cut.take(1);
  cut.cut();
  await server.logged("worker disconnected", 2);
  clock.advance(leaseMs - 1);
  await connectWorker(server, { workerId: "cut", incarnation: "a", held: [{ taskId: task.id, attempt: 1 }] });
  const [only, ...others] = await listed(server, true);
  expect(only).toMatchObject({ id: "cut", state: WorkerState.CONNECTED, inFlight: 1, statistics: { lost: 0n } });
  expect(only?.lostTime).toBeUndefined();
  // Held since it was handed out, over whichever stream.
  expect(ms(only?.oldestStartTime)).toBe(clock.now() - leaseMs + 1);
  expect(others).toEqual([]);
});
