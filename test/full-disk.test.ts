import { expect, it } from "vitest";
import { HealthCheckResponse_ServingStatus as ServingStatus } from "../gen/grpc/health/v1/health_pb.js";
import { TaskState } from "../gen/sitq/v1/task_pb.js";
import { connectWorker } from "./harness/calls/scripted-worker.ts";
import { bytes, enqueue, enqueueMany, json, present, read } from "./harness/calls/tasks.ts";
import { mountSmallDisk, type SmallDisk } from "./harness/disk/small-disk.ts";
import { refusalOf } from "./harness/refusal.ts";
import { startServer, type TestServer } from "./harness/server.ts";

const mib = 1_048_576;
const low = { code: "RESOURCE_EXHAUSTED", reason: "DISK_LOW", domain: "sitq", retryAfterMs: 5_000 };

/** A server on a small disk, with the reserve that it has by default. */
async function startOn(disk: SmallDisk): Promise<TestServer> {
  const config = { diskReserveBytes: 32 * mib };
  return startServer({ dbPath: disk.file("sitq.db"), config, mayLogErrors: true });
}

async function untilDisk({ health }: TestServer, status: ServingStatus): Promise<void> {
  for await (const told of health.watch({ service: "sitq.disk" })) if (told.status === status) return;
}

/** Enqueues until it is refused. */
async function enqueueUntilRefused(server: TestServer): Promise<unknown> {
  for (;;) {
    const refused = await enqueueMany(server, 20, { queue: "backlog", payload: bytes(10_000) }).then(
      () => null,
      (error: unknown) => error,
    );
    if (refused !== null) return refused;
  }
}

it("keeps room for outcomes: new work is refused, all else goes on, also when others fill the disk to its last byte", async (context) => {
  await using disk = await mountSmallDisk(context, 24);
  await using server = await startOn(disk);
  await enqueueMany(server, 50, { queue: "work" });
  const rest = await enqueueMany(server, 10, { queue: "by-hand" });
  const worker = await connectWorker(server, { queues: ["work"], capacity: 50 });
  const held = await worker.take(50);

  // Its own growth stops before the reserve.
  await expect(refusalOf(Promise.reject(await enqueueUntilRefused(server)))).resolves.toMatchObject(low);
  disk.fill();
  await untilDisk(server, ServingStatus.NOT_SERVING);
  expect(await refusalOf(enqueue(server))).toMatchObject(low);
  const event = { type: "order.created", sourceService: "shop" };
  expect(await refusalOf(server.event.publish({ event }))).toMatchObject(low);
  const steps = [{ stepId: "a", serviceName: "work", action: "a" }];
  expect(await refusalOf(server.workflow.startWorkflow({ name: "w", steps }))).toMatchObject(low);

  // What ends work goes on.
  const outcome = { case: "completed", value: { result: json("x".repeat(1_000)) } } as const;
  expect(await worker.end(held, outcome)).toEqual(held.map(() => "SETTLED"));
  await server.queue.cancelTask({ taskId: present(rest[0]).id });
  await server.queue.deleteTask({ taskId: present(rest[0]).id });
  const { tasks: claimed } = await server.worker.claimTasks({ workerId: "hand", queues: ["by-hand"], maxTasks: 5 });
  for (const { id, attempt } of claimed) await server.worker.completeTask({ workerId: "hand", taskId: id, attempt });
  expect((await read(server, present(claimed[0]))).state).toBe(TaskState.COMPLETED);
  expect((await server.health.check({ service: "" })).status).toBe(ServingStatus.SERVING);

  // A purge makes room in the file for what comes next.
  await server.queue.purgeQueue({ name: "backlog" });
  disk.free();
  await untilDisk(server, ServingStatus.SERVING);
  await enqueue(server);
  const said = server.log
    .filter(({ message }) => /disk space is available|nearly full/.test(message))
    .map(({ level }) => level);
  expect(said).toEqual(["error", "info"]);
});

it("starts on a full disk and takes outcomes, and new work once there is room, with nothing lost", async (context) => {
  await using disk = await mountSmallDisk(context, 24);
  const first = await startOn(disk);
  const tasks = await enqueueMany(first, 20, { queue: "work" });
  await first.stop();
  disk.fill();

  await using server = await startOn(disk);
  expect(await refusalOf(enqueue(server))).toMatchObject(low);
  const worker = await connectWorker(server, { queues: ["work"], capacity: 20 });
  const held = await worker.take(20);
  expect(held.map(({ id }) => id)).toEqual(tasks.map(({ id }) => id));
  expect(await worker.end(held, { case: "completed", value: {} })).toEqual(held.map(() => "SETTLED"));
  disk.free();
  await untilDisk(server, ServingStatus.SERVING);
  await enqueue(server);
});

it("keeps a worker's stream when even the reserve is gone, and stores its outcomes once there is room", async (context) => {
  await using disk = await mountSmallDisk(context, 24);
  // None to begin with.
  await using server = await startServer({ dbPath: disk.file("sitq.db"), mayLogErrors: true });
  await enqueueMany(server, 60, { queue: "work" });
  const worker = await connectWorker(server, { queues: ["work"], capacity: 60 });
  const held = await worker.take(60);
  disk.fill();
  // The log has some room of its own, until it has not.
  const large = { case: "completed", value: { result: json("x".repeat(50_000)) } } as const;
  const settled = worker.end(held, large);
  await server.logged("storing outcomes: failed");
  disk.free();
  expect(await settled).toEqual(held.map(() => "SETTLED"));
});
