import { expect, it } from "vitest";
import { TaskState } from "../../../gen/sitq/v1/task_pb.js";
import type { CallError } from "../../../src/grpc/client/call-error.ts";
import type { WorkerSession } from "../../../src/queue/workers/worker-session.ts";
import { createOversizedMessages } from "../../../src/rpc/worker/oversized-messages.ts";
import { connectWorker } from "../../harness/calls/scripted-worker.ts";
import { bytes, enqueue, present } from "../../harness/calls/tasks.ts";
import { startServer } from "../../harness/server.ts";

const config = { maxPayloadBytes: 65_536, maxReceiveBytes: 131_072 };

it("tells a worker what is taken, and ends its leases when it sends what is too large again and again", async () => {
  await using server = await startServer({ config });
  const { id } = await enqueue(server, { maxAttempts: 2 });
  let worker = await connectWorker(server);
  const [task] = await worker.take(1);
  const { attempt } = present(task);
  for (let n = 0; n < 3; n++) {
    worker.send({
      case: "outcomes",
      value: { outcomes: [{ taskId: id, attempt, outcome: { case: "completed", value: { result: bytes(200_000) } } }] },
    });
    expect((await worker.ended) as CallError).toMatchObject({
      codeName: "RESOURCE_EXHAUSTED",
      reason: "MESSAGE_TOO_LARGE",
      metadata: { max_bytes: "131072" },
    });
    worker = await connectWorker(server, { held: [{ taskId: id, attempt }] });
    expect([worker.welcome.kept.length, worker.welcome.lost.length]).toEqual(n < 2 ? [1, 0] : [0, 1]);
  }
  // It is offered again, and a failure that fits ends it.
  const [again] = await worker.take(1);
  expect(present(again).attempt).toBe(attempt + 1);
  await worker.end([present(again)], { case: "failed", value: { terminal: true } });
  expect((await server.queue.getTask({ taskId: id })).task?.state).toBe(TaskState.FAILED);
  expect(server.log.filter(({ message }) => message.includes("too large"))).toHaveLength(1);
});

it("lets a worker that learns from it go on with what it holds", async () => {
  await using server = await startServer({ config });
  const { id } = await enqueue(server);
  let worker = await connectWorker(server);
  const [task] = await worker.take(1);
  const { attempt } = present(task);
  for (let n = 0; n < 2; n++) {
    worker.send({ case: "heartbeat", value: { progress: [{ taskId: "x".repeat(200_000) }] } });
    await worker.ended;
    worker = await connectWorker(server, { held: [{ taskId: id, attempt }] });
    expect(worker.welcome.kept).toHaveLength(1);
  }
  expect(await worker.complete(present(task))).toEqual(["SETTLED"]);
});

it("remembers a bounded number of workers, and forgets the oldest", () => {
  const forfeited: string[] = [];
  const oversized = createOversizedMessages({ warn: () => undefined }, ({ id }) => forfeited.push(id));
  const worker = (id: string) => ({ id, inFlight: 0 }) as WorkerSession;
  for (let n = 0; n < 10_000; n++) oversized.ended(worker(`worker-${n}`));
  for (const id of ["late", "worker-1", "late", "worker-1", "late", "worker-0", "worker-0"])
    oversized.ended(worker(id));
  expect(forfeited).toEqual(["worker-1", "late"]);
});
