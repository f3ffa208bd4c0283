import { expect, it } from "vitest";
import { connectWorker } from "../../harness/calls/scripted-worker.ts";
import { enqueue, enqueueMany, present, readQueue } from "../../harness/calls/tasks.ts";
import { createFakeClock } from "../../harness/fake-clock.ts";
import { refusalIn, refusalOf } from "../../harness/refusal.ts";
import { startServer } from "../../harness/server.ts";

const unhandled = async (server: Parameters<typeof readQueue>[0]) =>
  (await readQueue(server)).statistics?.unhandledTypes.map(({ type, pending }) => [type, pending]);

it("offers a worker the types that it handles, and says what none handles, until one comes that does", async () => {
  await using server = await startServer();
  const ship = await connectWorker(server, { workerId: "ship", types: ["ship"] });
  const bill = await enqueue(server, { type: "bill" });
  const first = await enqueue(server, { type: "ship" });
  expect(await ship.take(1)).toMatchObject([{ id: first.id }]);
  await ship.heard();
  expect(ship.tasks).toHaveLength(1);
  expect(await unhandled(server)).toEqual([["bill", 1n]]);
  expect((await server.worker.listWorkers({})).workers).toMatchObject([{ id: "ship", types: ["ship"] }]);

  const billing = await connectWorker(server, { workerId: "bill", types: ["bill", "refund"] });
  expect(await billing.take(1)).toMatchObject([{ id: bill.id, attempt: 1 }]);
  expect(await unhandled(server)).toEqual([]);

  // With the last one gone that handles it, what waits is seen as that again.
  billing.send({ case: "capacity", value: { n: 0 } });
  await billing.heard();
  await enqueue(server, { type: "refund" });
  expect(await unhandled(server)).toEqual([]);
  billing.cut();
  await server.logged("worker disconnected");
  expect(await unhandled(server)).toEqual([["refund", 1n]]);
});

it("hands known types out at once though thousands that none handles are before them", async () => {
  const clock = createFakeClock();
  await using server = await startServer({ clock });
  for (let batch = 0; batch < 3; batch++) await enqueueMany(server, 1_000, { type: "unknown" });
  const worker = await connectWorker(server, { capacity: 5, types: ["known"] });
  // Without the clock moving: nothing waits for a time.
  for (let round = 0; round < 20; round++) {
    const task = await enqueue(server, { type: "known" });
    const taken = await worker.take(1);
    expect(taken).toMatchObject([{ id: task.id }]);
    await worker.complete(...taken);
  }
  expect(await unhandled(server)).toEqual([["unknown", 3_000n]]);
  expect(worker.tasks).toHaveLength(20);
});

it("wakes the workers of each type, and those of all", async () => {
  await using server = await startServer();
  const a = await connectWorker(server, { workerId: "a", types: ["a"], capacity: 1 });
  const b = await connectWorker(server, { workerId: "b", types: ["b"], capacity: 1 });
  const tasks = await enqueueMany(server, 2, { type: "a" });
  await enqueue(server, { type: "b" });
  expect(await a.take(1)).toMatchObject([{ id: tasks[0]?.id }]);
  expect(await b.take(1)).toMatchObject([{ type: "b" }]);
  const all = await connectWorker(server, { workerId: "all", capacity: 5 });
  expect(await all.take(1)).toMatchObject([{ id: tasks[1]?.id }]);
  expect(await unhandled(server)).toEqual([]);
});

it("claims by hand the types that are asked for, waiting or not", async () => {
  await using server = await startServer();
  await enqueue(server, { type: "a" });
  const b = await enqueue(server, { type: "b" });
  const claim = (types: string[], wait = 0n) =>
    server.worker.claimTasks({ workerId: "w", queues: ["orders"], types, wait: { seconds: wait } });
  expect((await claim(["b"])).tasks).toMatchObject([{ id: b.id }]);
  expect((await claim(["b"])).tasks).toEqual([]);
  const waiting = claim(["b"], 30n);
  const later = await enqueue(server, { type: "b" });
  expect((await waiting).tasks).toMatchObject([{ id: later.id }]);
});

it("refuses a type that is none, and more than 1000", async () => {
  await using server = await startServer();
  const refused = await connectWorker(server, { types: ["ok", "no way"] }).catch((error: Error) => error.cause);
  expect(refusalIn(refused)).toMatchObject({ reason: "INVALID_FIELD", field: "hello.types[1]" });
  const types = Array.from({ length: 1_001 }, (_, index) => `t${index}`);
  const call = server.worker.claimTasks({ workerId: "w", queues: ["orders"], types });
  expect(await refusalOf(call)).toMatchObject({ reason: "INVALID_FIELD", field: "types" });
  await connectWorker(server, { types: types.slice(1) });
});

it("makes the queue with its first worker", async () => {
  await using server = await startServer();
  await server.worker.claimTasks({ workerId: "w", queues: ["claimed", "claimed-too"] });
  for (const name of ["claimed", "claimed-too"]) {
    expect((await server.queue.getQueue({ name })).queue).toMatchObject({ name, statistics: { pending: 0n } });
  }
  await connectWorker(server, { queues: ["fresh"] });
  const { queue } = await server.queue.getQueue({ name: "fresh" });
  expect(present(queue).statistics).toMatchObject({ workers: 1, pending: 0n });
  const before = present(queue).updateTime;
  await connectWorker(server, { workerId: "other", queues: ["fresh"] });
  expect((await server.queue.getQueue({ name: "fresh" })).queue?.updateTime).toEqual(before);
});

it("serves the queues of a claim in turn, as over a stream", async () => {
  await using server = await startServer();
  await enqueueMany(server, 50, { queue: "busy" });
  await enqueueMany(server, 5, { queue: "quiet" });
  for (const wait of [0n, 30n]) {
    const queues: string[] = [];
    for (let call = 0; call < 4; call++) {
      const { tasks } = await server.worker.claimTasks({
        workerId: "w",
        queues: ["busy", "quiet"],
        wait: { seconds: wait },
      });
      queues.push(present(tasks[0]).queue);
    }
    expect(queues.toSorted()).toEqual(["busy", "busy", "quiet", "quiet"]);
  }
});
