import { describe, expect, it } from "vitest";
import { TaskState } from "../../../gen/sitq/v1/task_pb.js";
import { connectWorker } from "../../harness/calls/scripted-worker.ts";
import { enqueue, present, read, span, type TaskInit } from "../../harness/calls/tasks.ts";
import { createFailingStore } from "../../harness/failing-store.ts";
import { createFakeClock } from "../../harness/fake-clock.ts";
import { startServer } from "../../harness/server.ts";
import { watch } from "../../harness/watch.ts";

const leaseMs = 30_000;
const secondMs = 1_000;

describe("an outcome that could not be stored", () => {
  /** A worker's outcome is on its way to the disk, and fails when it is let go. */
  async function holdOutcome(task: TaskInit = {}) {
    const clock = createFakeClock();
    const faults = createFailingStore();
    const server = await startServer({ clock, mayLogErrors: true, wrapStore: faults.wrap });
    const stored = await enqueue(server, task);
    const worker = await connectWorker(server);
    const held = present((await worker.take(1))[0]);
    const seen = await watch(server);
    const { promise: until, resolve: letGo } = Promise.withResolvers<void>();
    const fault = faults.fail("settle", { until });
    worker.complete(held).catch(() => undefined);
    await fault.struck;
    return { clock, server, task: stored, worker, seen, letGo };
  }

  it("leaves the lease to end by itself where the worker's stream has ended meanwhile", async () => {
    const { clock, server, task, worker, seen, letGo } = await holdOutcome();
    await using _ = server;
    worker.cut();
    await server.logged("worker disconnected");
    letGo();
    // The failure has gone through all that waited for it before a call over the wire is answered.
    expect((await server.worker.listWorkers({})).workers).toHaveLength(1);
    clock.advance(leaseMs);
    await seen.state(task.id, TaskState.PENDING);
    expect((await read(server, task)).lastError?.type).toBe("LEASE_LOST");
  });

  it("gives the task back where a newer stream of the worker was told that it has lost it", async () => {
    const { server, task, worker, seen, letGo } = await holdOutcome();
    await using _ = server;
    worker.cut();
    const back = await connectWorker(server, { held: [{ taskId: task.id, attempt: 1 }], capacity: 0 });
    expect(back.welcome.lost).toHaveLength(1);
    letGo();
    await seen.state(task.id, TaskState.PENDING);
  });

  it("keeps the bound of the attempt", async () => {
    const { clock, server, task, worker, seen, letGo } = await holdOutcome({ attemptTimeout: span(10 * secondMs) });
    await using _ = server;
    clock.advance(6 * secondMs);
    worker.cut();
    await server.logged("worker disconnected");
    letGo();
    // The failure has gone through all that waited for it before a call over the wire is answered.
    expect((await server.worker.listWorkers({})).workers).toHaveLength(1);
    clock.advance(4 * secondMs);
    await seen.state(task.id, TaskState.SCHEDULED);
    expect((await read(server, task)).lastError?.type).toBe("ATTEMPT_TIMEOUT");
  });
});
