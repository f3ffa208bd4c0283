import { expect, it } from "vitest";
import { SettleStatus } from "../../../gen/sitq/v1/worker_service_pb.js";
import { connectWorker } from "../../harness/calls/scripted-worker.ts";
import { enqueue, json, present, read } from "../../harness/calls/tasks.ts";
import { freshQueue, shareServer } from "../../harness/shared-server.ts";

const shared = shareServer();

/**
 * A worker that comes back and is answered `lost`, since another one has the task; it has not sent its outcome yet. The other one loses
 * its stream before it reads the task, and takes no more.
 */
async function crossing() {
  const server = shared();
  const queue = freshQueue();
  const { id } = await enqueue(server, { queue });
  const [first, second] = [`${queue}-first`, `${queue}-second`];
  const connectSecond = (capacity: number) => connectWorker(server, { workerId: second, queues: [queue], capacity });
  const gone = await connectSecond(1);
  await gone.take(1);
  gone.cut();
  await gone.ended;
  const lease = { taskId: id, attempt: 1 };
  const connectFirst = (held: readonly (typeof lease)[]) =>
    connectWorker(server, { workerId: first, queues: [queue], capacity: 1, held: [...held] });
  const worker = await connectFirst([lease]);
  expect(worker.welcome).toMatchObject({ kept: [], lost: [lease] });
  return { server, id, lease, worker, connectFirst, giveBack: () => connectSecond(0) };
}

it("hands out no attempt to a worker whose outcome of that very attempt may be on its way: it keeps it over its next stream", async () => {
  const { server, id, lease, worker, connectFirst, giveBack } = await crossing();
  await giveBack();
  expect(await worker.ended).toBeNull();
  expect(worker.tasks).toEqual([]);

  const next = await connectFirst([lease]);
  expect(next.welcome).toMatchObject({ kept: [lease], lost: [] });
  const outcome = { case: "completed", value: { result: json("of the first") } } as const;
  expect(await next.end([{ id, attempt: 1 }], outcome)).toEqual(["SETTLED"]);
  expect(await read(server, { id })).toMatchObject({ attempt: 1, result: json("of the first") });
  expect(next.tasks).toEqual([]);
});

it("hands it out over the next stream if the worker has nothing to say of it any more", async () => {
  const { worker, connectFirst, giveBack } = await crossing();
  await giveBack();
  expect(await worker.ended).toBeNull();
  const next = await connectFirst([]);
  const [task] = await next.take(1);
  expect(task).toMatchObject({ attempt: 1 });
  expect(await next.complete(present(task))).toEqual(["SETTLED"]);
});

it("hands it out over the same stream once the outcome was STALE", async () => {
  const { id, worker, giveBack } = await crossing();
  const [settled] = await worker.settle([{ taskId: id, attempt: 1, outcome: { case: "failed", value: {} } }]);
  expect(settled?.status).toBe(SettleStatus.STALE);
  await giveBack();
  const [task] = await worker.take(1);
  expect(task).toMatchObject({ id, attempt: 1 });
  expect(await worker.complete(present(task))).toEqual(["SETTLED"]);
});
