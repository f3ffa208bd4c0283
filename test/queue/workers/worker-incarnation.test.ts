import { expect, it } from "vitest";
import { AttemptOutcome, TaskState } from "../../../gen/sitq/v1/task_pb.js";
import { connectWorker, type HelloInit } from "../../harness/calls/scripted-worker.ts";
import { enqueue, enqueueMany, present, read } from "../../harness/calls/tasks.ts";
import { createFakeClock } from "../../harness/fake-clock.ts";
import { refusalIn } from "../../harness/refusal.ts";
import { startServer } from "../../harness/server.ts";

const leaseMs = 30_000;
const first: HelloInit = { workerId: "pod-0", incarnation: "first", capacity: 2 };
const second: HelloInit = { workerId: "pod-0", incarnation: "second", capacity: 2 };

it("ends a process whose worker id another takes over, once, and refuses it from then on", async () => {
  await using server = await startServer();
  const former = await connectWorker(server, first);
  const latter = await connectWorker(server, second);
  expect(refusalIn(await former.ended)).toMatchObject({ code: "ABORTED", reason: "WORKER_REPLACED" });

  const again = connectWorker(server, first);
  expect(refusalIn(await again.catch((error: Error) => error.cause))).toMatchObject({ reason: "WORKER_REPLACED" });
  const task = await enqueue(server);
  expect(await latter.complete(...(await latter.take(1)))).toEqual(["SETTLED"]);
  expect((await read(server, task)).workerId).toBe("pod-0");

  const warnings = server.log.filter(({ level }) => level === "warn");
  expect(warnings).toMatchObject([
    { facts: { worker_id: "pod-0", incarnation: "second", former_incarnation: "first" } },
  ]);
  const [listed] = (await server.worker.listWorkers({})).workers;
  expect(listed).toMatchObject({ incarnation: "second", replacementCount: 1, replacedInFlight: 0 });
  expect(listed?.lastReplacementTime).toBeDefined();
});

it("leaves a replaced process's tasks leased until its leases end, and offers them then", async () => {
  const clock = createFakeClock();
  await using server = await startServer({ clock });
  const former = await connectWorker(server, first);
  const [task] = await enqueueMany(server, 2);
  await former.take(2);
  clock.advance(10_000);
  const latter = await connectWorker(server, { ...second, held: [{ taskId: present(task).id, attempt: 1 }] });
  await former.ended;
  // It is another's: the name alone does not make it its own.
  expect(latter.welcome).toMatchObject({ kept: [], lost: [{ taskId: present(task).id }] });
  expect((await server.worker.listWorkers({})).workers).toMatchObject([{ inFlight: 0, replacedInFlight: 2 }]);
  // Its capacity is its own too.
  const fresh = await enqueue(server);
  expect(await latter.take(1)).toMatchObject([{ id: fresh.id }]);

  clock.advance(leaseMs - 10_001);
  latter.send({ case: "heartbeat", value: {} });
  await latter.heard();
  expect(latter.tasks).toHaveLength(1);
  clock.advance(10_001);
  expect(await latter.take(1)).toMatchObject([{ attempt: 2 }]);
  expect((await read(server, present(task))).attempts).toMatchObject([
    { outcome: AttemptOutcome.LEASE_LOST },
    { outcome: AttemptOutcome.UNSPECIFIED },
  ]);
});

it("lets the same process come back over a new stream, with what it holds", async () => {
  await using server = await startServer();
  const stale = await connectWorker(server, first);
  const task = await enqueue(server);
  const held = await stale.take(1);
  const back = await connectWorker(server, { ...first, held: [{ taskId: task.id, attempt: 1 }] });
  expect(refusalIn(await stale.ended)).toMatchObject({ code: "ABORTED", reason: "STREAM_REPLACED" });
  expect(back.welcome.kept).toHaveLength(1);
  expect(await back.complete(...held)).toEqual(["SETTLED"]);
  expect((await server.worker.listWorkers({})).workers).toMatchObject([{ replacementCount: 0 }]);
  expect(server.log.filter(({ level }) => level === "warn")).toEqual([]);
});

it("resumes the leases of a process that comes back within them after its stream broke", async () => {
  await using server = await startServer();
  const worker = await connectWorker(server, first);
  const task = await enqueue(server);
  const held = await worker.take(1);
  worker.cut();
  await worker.ended;
  const back = await connectWorker(server, { ...first, held: [{ taskId: task.id, attempt: 1 }] });
  expect(back.welcome.kept).toHaveLength(1);
  expect(await back.complete(...held)).toEqual(["SETTLED"]);
});

it("lets the first process that comes after a restart go on with its leases", async () => {
  await using server = await startServer();
  const worker = await connectWorker(server, first);
  const task = await enqueue(server);
  const held = await worker.take(1);
  await server.restart();
  const back = await connectWorker(server, { ...first, held: [{ taskId: task.id, attempt: 1 }] });
  expect(back.welcome.kept).toHaveLength(1);
  expect(await back.complete(...held)).toEqual(["SETTLED"]);
  expect((await read(server, task)).state).toBe(TaskState.COMPLETED);
});

it("refuses an incarnation that is no name", async () => {
  await using server = await startServer();
  const worker = connectWorker(server, { incarnation: "a b" });
  const why = await worker.catch((error: Error) => error.cause);
  expect(refusalIn(why)).toMatchObject({ reason: "INVALID_FIELD", field: "hello.incarnation" });
});
