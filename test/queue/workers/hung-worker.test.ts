import { status } from "@grpc/grpc-js";
import { expect, it, onTestFinished } from "vitest";
import { AttemptOutcome, TaskState } from "../../../gen/sitq/v1/task_pb.js";
import { WorkerService } from "../../../gen/sitq/v1/worker_service_pb.js";
import { createChannel } from "../../../src/grpc/client/channel.ts";
import { createClient } from "../../../src/grpc/client/client.ts";
import { connectWorker, type HelloInit } from "../../harness/calls/scripted-worker.ts";
import { enqueue, enqueueMany, json, present, read } from "../../harness/calls/tasks.ts";
import { createFakeClock } from "../../harness/fake-clock.ts";
import { startProxy } from "../../harness/proxy.ts";
import { refusalIn } from "../../harness/refusal.ts";
import { startServer } from "../../harness/server.ts";
import { watch } from "../../harness/watch.ts";

const leaseMs = 30_000;

/** A server with two ways in: straight, and through a proxy that can go silent. */
async function startBehindProxy() {
  const clock = createFakeClock();
  const server = await startServer({ clock });
  const proxy = await startProxy(server.address);
  const throughProxy = (hello: HelloInit) => {
    const channel = createChannel(proxy.address);
    onTestFinished(() => channel.close());
    return connectWorker({ worker: createClient(WorkerService, channel) }, hello);
  };
  const stop = async () => {
    await proxy.stop();
    await server.stop();
  };
  return { clock, server, proxy, throughProxy, [Symbol.asyncDispose]: stop };
}

it("takes the tasks from a worker whose stream is open and silent, and ends the stream", async () => {
  const clock = createFakeClock();
  await using server = await startServer({ clock });
  const tasks = await enqueueMany(server, 3);
  const hung = await connectWorker(server, { workerId: "hung" });
  const held = await hung.take(3);
  const healthy = await connectWorker(server, { workerId: "healthy" });
  clock.advance(leaseMs - 1);
  healthy.send({ case: "heartbeat", value: {} });
  await healthy.heard();
  expect(healthy.tasks).toEqual([]);
  clock.advance(1);
  const again = await healthy.take(3);
  expect(new Set(again.map(({ id, attempt }) => `${id}/${attempt}`))).toEqual(
    new Set(tasks.map(({ id }) => `${id}/2`)),
  );
  expect(refusalIn(await hung.ended)).toMatchObject({
    code: "DEADLINE_EXCEEDED",
    reason: "HEARTBEAT_TIMEOUT",
    domain: "sitq",
  });
  expect((await server.worker.listWorkers({})).workers.map(({ id }) => id)).toEqual(["healthy"]);

  // It wakes up, comes back, and learns that its work is not its own any more.
  const back = await connectWorker(server, {
    workerId: "hung",
    held: held.map(({ id: taskId, attempt }) => ({ taskId, attempt })),
  });
  expect(back.welcome.lost).toHaveLength(3);
  expect(await back.complete(...held)).toEqual(["STALE", "STALE", "STALE"]);
  expect(await healthy.complete(...again)).toEqual(["SETTLED", "SETTLED", "SETTLED"]);
  expect(await read(server, present(tasks[0]))).toMatchObject({
    state: TaskState.COMPLETED,
    workerId: "healthy",
    attempts: [{ outcome: AttemptOutcome.LEASE_LOST }, { outcome: AttemptOutcome.COMPLETED }],
  });
});

it("offers the tasks behind a silent connection again within the lease; exactly one outcome is settled", async () => {
  await using all = await startBehindProxy();
  const { clock, server, proxy, throughProxy } = all;
  const seen = await watch(server);
  const cutOff = await throughProxy({ workerId: "cut-off", capacity: 1 });
  const task = await enqueue(server);
  const [held] = await cutOff.take(1);
  proxy.freeze();
  // It finishes its work, and nobody hears of it.
  cutOff.send({
    case: "outcomes",
    value: {
      outcomes: [{ taskId: task.id, attempt: 1, outcome: { case: "completed", value: { result: json("first") } } }],
    },
  });
  const other = await connectWorker(server, { workerId: "other" });
  clock.advance(leaseMs - 1);
  other.send({ case: "heartbeat", value: {} });
  await other.heard();
  expect((await read(server, task)).state).toBe(TaskState.RUNNING);
  clock.advance(1);
  const again = await other.take(1);
  expect(again).toMatchObject([{ id: task.id, attempt: 2 }]);

  // By another way it says so again.
  const back = await connectWorker(server, { workerId: "cut-off", held: [{ taskId: task.id, attempt: 1 }] });
  expect(back.welcome.lost).toHaveLength(1);
  expect(await back.end([present(held)], { case: "completed", value: { result: json("first") } })).toEqual(["STALE"]);
  expect(await other.end(again, { case: "completed", value: { result: json("second") } })).toEqual(["SETTLED"]);
  await seen.state(task.id, TaskState.COMPLETED);
  expect(seen.statesOf(task.id)).toEqual(["PENDING", "RUNNING", "PENDING", "RUNNING", "COMPLETED"]);
  expect((await read(server, task)).result).toMatchObject(json("second"));
});

it("lets a worker that comes back by another way replace its own stale stream, and keep what it holds", async () => {
  await using all = await startBehindProxy();
  const { clock, server, proxy, throughProxy } = all;
  const stale = await throughProxy({ workerId: "mover", capacity: 2 });
  const [kept, lostOnTheWay] = [await enqueue(server), await enqueue(server)];
  await stale.take(2);
  proxy.freeze();
  clock.advance(5_000);
  const back = await connectWorker(server, {
    workerId: "mover",
    capacity: 2,
    held: [{ taskId: kept.id, attempt: 1 }],
  });
  expect(back.welcome).toMatchObject({ kept: [{ taskId: kept.id, attempt: 1 }], lost: [] });
  const [again] = await back.take(1);
  expect(again).toMatchObject({ id: lostOnTheWay.id, attempt: 1 });
  expect(await back.complete({ id: kept.id, attempt: 1 }, present(again))).toEqual(["SETTLED", "SETTLED"]);
  expect((await server.worker.listWorkers({})).workers).toMatchObject([{ id: "mover", inFlight: 0 }]);
});

it("ends the stream that was replaced with WORKER_REPLACED where it can still be heard", async () => {
  await using server = await startServer();
  const first = await connectWorker(server, { workerId: "twin" });
  const [task] = await enqueueMany(server, 1);
  const held = await first.take(1);
  const second = await connectWorker(server, { workerId: "twin", held: [{ taskId: present(task).id, attempt: 1 }] });
  const why = await first.ended;
  expect(why).toMatchObject({ code: status.ABORTED });
  expect(refusalIn(why)).toMatchObject({ code: "ABORTED", reason: "WORKER_REPLACED", domain: "sitq" });
  expect(second.welcome.kept).toHaveLength(1);
  expect(await second.complete(...held)).toEqual(["SETTLED"]);
  const next = await enqueue(server);
  expect(await second.take(1)).toMatchObject([{ id: next.id }]);
});
