import { describe, expect, it, onTestFinished } from "vitest";
import { WaitReason } from "../../gen/sitq/v1/explanation_pb.js";
import { WorkerService, WorkerState } from "../../gen/sitq/v1/worker_service_pb.js";
import { createChannel } from "../../src/grpc/client/channel.ts";
import { createClient } from "../../src/grpc/client/client.ts";
import { connectWorker } from "../harness/calls/scripted-worker.ts";
import { enqueue, enqueueMany, present, read } from "../harness/calls/tasks.ts";
import { isPostgresMissing } from "../harness/databases/postgres.ts";
import { refusalIn, refusalOf } from "../harness/refusal.ts";
import type { TestServer } from "../harness/server.ts";
import { startServer } from "../harness/server-process.ts";
import { clustersForTests } from "./cluster-harness.ts";

describe.skipIf(isPostgresMissing)("workers of several servers on one database", () => {
  const startCluster = clustersForTests();
  const two = async () => (await startCluster(2)) as [TestServer, TestServer];

  /** Asks a server for its workers until they are as they should be. */
  async function listed({ worker }: TestServer, isSo: (states: ReadonlyMap<string, WorkerState>) => boolean) {
    const look = async (): Promise<void> => {
      const { workers } = await worker.listWorkers({});
      if (isSo(new Map(workers.map(({ id, state }) => [id, state])))) return;
      await new Promise((resolve) => setImmediate(resolve));
      return look();
    };
    await look();
  }

  it("keeps what a worker holds that moves to another server, as its own stops", async () => {
    const [first, second] = await two();
    const before = await connectWorker(first, { workerId: "mover", incarnation: "i" });
    const { id } = await enqueue(first);
    const [held] = await before.take(1);
    const closing = first.app.close(10_000);
    expect(await before.next("drain")).toMatchObject({});
    const after = await connectWorker(second, {
      workerId: "mover",
      incarnation: "i",
      held: [{ taskId: id, attempt: present(held).attempt }],
    });
    expect(after.welcome.kept).toMatchObject([{ taskId: id, attempt: 1 }]);
    before.close();
    await closing;
    expect(await after.complete(present(held))).toEqual(["SETTLED"]);
    expect(await read(second, { id })).toMatchObject({ attempt: 1 });
  });

  it("ends a stream whose worker has come to another server", async () => {
    const [first, second] = await two();
    const before = await connectWorker(first, { workerId: "same", incarnation: "i" });
    await connectWorker(second, { workerId: "same", incarnation: "i" });
    expect(refusalIn(await before.ended)).toMatchObject({ reason: "STREAM_REPLACED" });

    const other = await connectWorker(first, { workerId: "two", incarnation: "a" });
    await connectWorker(second, { workerId: "two", incarnation: "b" });
    expect(refusalIn(await other.ended)).toMatchObject({ reason: "WORKER_REPLACED" });
  });

  it("offers again at once what never reached a worker that has come to another server", async () => {
    const [first, second] = await two();
    const before = await connectWorker(first, { workerId: "same", incarnation: "i" });
    const { id } = await enqueue(first);
    await before.take(1);
    // It says that it has nothing.
    const after = await connectWorker(second, { workerId: "same", incarnation: "i" });
    const again = await after.take(1);
    expect(again).toMatchObject([{ id, attempt: 1 }]);
    expect(await after.complete(...again)).toEqual(["SETTLED"]);
  });

  it("offers again at once what a server that was killed had claimed for a worker that has come to another", async () => {
    const [left] = (await startCluster(1)) as [TestServer];
    const killed = await startServer({ db: "", storeUrl: present(left.config.storeUrl) });
    onTestFinished(async () => void (await killed.kill()));
    await left.logged("another server is heard");
    const channel = createChannel(killed.address);
    onTestFinished(() => channel.close());
    const there = { worker: createClient(WorkerService, channel) };
    const before = await connectWorker(there, { workerId: "same", incarnation: "i" });
    await enqueueMany(left, 3);
    const [first, ...others] = await before.take(3);
    await killed.kill();
    // It says that it has one of them: the others never came, as what lies ahead of a worker's room.
    const held = [{ taskId: present(first).id, attempt: 1 }];
    const after = await connectWorker(left, { workerId: "same", incarnation: "i", held });
    expect(after.welcome.kept).toMatchObject(held);
    const again = await after.take(2);
    expect(again.map(({ id }) => id).sort()).toEqual(others.map(({ id }) => id).sort());
    expect(again).toMatchObject([{ attempt: 1 }, { attempt: 1 }]);
  }, 60_000);

  it("stops at one server what is cancelled at another", async () => {
    const [first, second] = await two();
    const worker = await connectWorker(first);
    const { id } = await enqueue(second);
    const [held] = await worker.take(1);
    await second.queue.cancelTask({ taskId: id, reason: "not needed" });
    expect(await worker.next("cancel")).toMatchObject({ tasks: [{ taskId: id }] });
    expect(await worker.complete(present(held))).toEqual(["STALE"]);
  });

  it("stops what is cancelled at a server that is not heard", async () => {
    // There nobody listens.
    const cut = { config: { advertise: { host: "127.0.0.1", port: 1 } } };
    const [first, second] = (await startCluster(2, cut)) as [TestServer, TestServer];
    const worker = await connectWorker(first, { capacity: 2 });
    const tasks = await enqueueMany(first, 2);
    const held = await worker.take(2);
    await second.queue.cancelTask({ taskId: present(tasks[0]).id, reason: "not needed" });
    const { tasks: stopped } = await worker.next("cancel");
    expect(stopped).toMatchObject([{ taskId: present(tasks[0]).id, attempt: 1 }]);
    const other = present(held.find(({ id }) => id === present(tasks[1]).id));
    expect(await worker.complete(other)).toEqual(["SETTLED"]);
  });

  it("lists and drains workers, and says what tasks wait for, whichever server is asked", async () => {
    const [first, second] = await two();
    const worker = await connectWorker(first, { workerId: "far", capacity: 1, types: ["ship"] });
    await listed(second, (states) => states.get("far") === WorkerState.CONNECTED);
    await enqueue(second);
    const held = await worker.take(1);
    const waiting = await enqueue(second);
    const { explanation } = await second.queue.explainTask({ taskId: waiting.id });
    expect(present(explanation).reason).not.toBe(WaitReason.NO_WORKER);
    await worker.complete(...held);
    await worker.complete(...(await worker.take(1)));

    const { worker: drained } = await second.worker.drainWorker({ workerId: "far" });
    expect(drained).toMatchObject({ id: "far", state: WorkerState.DRAINING, types: ["ship"] });
    expect(await worker.next("drain")).toMatchObject({});
    worker.close();
    await worker.ended;
    await listed(second, (states) => !states.has("far"));
    expect(await refusalOf(second.worker.drainWorker({ workerId: "far" }))).toMatchObject({
      reason: "WORKER_NOT_FOUND",
    });
  });

  it("forgets the workers of a server that has ended", async () => {
    const [first, second] = await two();
    await connectWorker(first, { workerId: "gone" });
    await listed(second, (states) => states.has("gone"));
    await first.app.close(0);
    await listed(second, (states) => !states.has("gone"));
  });
});
