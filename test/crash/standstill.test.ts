import { setTimeout as pause } from "node:timers/promises";
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import { describe, expect, it, onTestFinished } from "vitest";
import { SettleStatus } from "../../gen/sitq/v1/worker_service_pb.js";
import { shortLeases, startServerHarness } from "./harness/server-harness.ts";
import { spawnWorker } from "./harness/spawn-worker.ts";
import { startStreamWorker } from "./harness/stream-worker.ts";

describe("a worker that stands still for longer than its lease", () => {
  it.each(["before", "after"])("loses its task, and its late outcome changes nothing %s the other's", async (when) => {
    const harness = await startServerHarness(shortLeases);
    const slow = spawnWorker(harness.address, "slow", "crash");
    await slow.next("welcome");
    const taskId = await harness.enqueue("work");
    const { lease } = await slow.next("task");
    expect(lease).toEqual({ taskId, attempt: 1 });

    slow.signal("SIGSTOP");
    const other = spawnWorker(harness.address, "other", "crash");
    const second = { taskId, attempt: 2 };
    expect((await other.next("task")).lease).toEqual(second);
    const otherCompletes = async () => {
      other.complete({ ...second, result: "of the other" });
      expect(await other.next("settled")).toMatchObject({ lease: second, status: "SETTLED" });
    };

    if (when === "after") await otherCompletes();
    slow.complete({ ...lease, result: "of the slow one" });
    slow.signal("SIGCONT");
    expect(await slow.next("welcome")).toMatchObject({ kept: [], lost: [lease] });
    expect(await slow.next("settled")).toMatchObject({ lease, status: "STALE" });
    if (when === "before") await otherCompletes();

    expect(await harness.finished(taskId)).toEqual({
      state: "COMPLETED",
      attempts: ["1 slow LEASE_LOST", "2 other COMPLETED"],
    });
    const { task } = await harness.queue.getTask({ taskId });
    expect(task?.result?.kind.value).toMatchObject({ kind: { case: "stringValue", value: "of the other" } });
  });
});

describe("a server that stands still for longer than the lease", () => {
  // A lease of 2 s: the shorter pause ends less than a second after it, the longer one later.
  it.each([2_500, 3_800])("takes no lease from a worker that goes on after %i ms", async (pauseMs) => {
    const harness = await startServerHarness(shortLeases);
    const handedOut = Promise.withResolvers<number>();
    const settled = Promise.withResolvers<SettleStatus>();
    const worker = startStreamWorker({
      address: harness.address,
      workerId: "steady",
      queues: ["crash"],
      capacity: 10,
      events: {
        task: ({ attempt }) => handedOut.resolve(attempt),
        settled: (_lease, status) => settled.resolve(status),
      },
    });
    onTestFinished(() => worker.abandon());
    const taskId = await harness.enqueue("work");
    expect(await handedOut.promise).toBe(1);

    harness.server.signal("SIGSTOP");
    await pause(pauseMs);
    harness.server.signal("SIGCONT");

    // The server is back when it answers; what it has to say of the lease is said soon after.
    expect(await harness.read(taskId)).toMatchObject({ state: "RUNNING" });
    await pause(500);
    worker.settle({ taskId, attempt: 1 }, { case: "completed", value: {} });
    expect(await settled.promise).toBe(SettleStatus.SETTLED);
    expect(await harness.finished(taskId)).toEqual({ state: "COMPLETED", attempts: ["1 steady COMPLETED"] });
  });

  it("takes no lease from a worker that reconnects meanwhile", async () => {
    const harness = await startServerHarness(shortLeases);
    const handedOut = Promise.withResolvers<void>();
    const settled = Promise.withResolvers<SettleStatus>();
    const welcomes: { readonly kept: number; readonly lost: number }[] = [];
    const worker = startStreamWorker({
      address: harness.address,
      workerId: "steady",
      queues: ["crash"],
      capacity: 10,
      events: {
        welcome: (kept, lost) => welcomes.push({ kept: kept.length, lost: lost.length }),
        task: () => handedOut.resolve(),
        settled: (_lease, status) => settled.resolve(status),
      },
    });
    onTestFinished(() => worker.abandon());
    const taskId = await harness.enqueue("work");
    await handedOut.promise;

    harness.server.signal("SIGSTOP");
    await pause(1_500);
    worker.cut();
    await pause(2_300);
    harness.server.signal("SIGCONT");
    worker.settle({ taskId, attempt: 1 }, { case: "completed", value: {} });
    expect(await settled.promise).toBe(SettleStatus.SETTLED);
    expect(welcomes).toEqual([
      { kept: 0, lost: 0 },
      { kept: 1, lost: 0 },
    ]);
    expect(await harness.finished(taskId)).toEqual({ state: "COMPLETED", attempts: ["1 steady COMPLETED"] });
  });

  it("offers the task of a worker that died meanwhile again", async () => {
    const harness = await startServerHarness(shortLeases);
    const victim = spawnWorker(harness.address, "victim", "crash");
    await victim.next("welcome");
    const taskId = await harness.enqueue("work");
    await victim.next("task");

    harness.server.signal("SIGSTOP");
    victim.signal("SIGKILL");
    await victim.exited;
    await pause(3_800);
    harness.server.signal("SIGCONT");
    const other = spawnWorker(harness.address, "other", "crash");
    expect((await other.next("task")).lease).toEqual({ taskId, attempt: 2 });
  });

  it("takes no lease that was prolonged meanwhile", async () => {
    const harness = await startServerHarness(shortLeases);
    const taskId = await harness.enqueue("work");
    const held = { workerId: "steady", taskId, attempt: 1 };
    const claim = { workerId: "steady", queues: ["crash"], leaseDuration: durationFromMs(2_000) };
    expect((await harness.worker.claimTasks(claim)).tasks).toMatchObject([{ id: taskId, attempt: 1 }]);

    harness.server.signal("SIGSTOP");
    const extended = harness.worker.extendLease({ ...held, leaseDuration: durationFromMs(6_000) });
    await pause(2_500);
    harness.server.signal("SIGCONT");
    await extended;
    await pause(500);
    expect(await harness.read(taskId)).toEqual({ state: "RUNNING", attempts: ["1 steady UNSPECIFIED"] });
    await harness.worker.completeTask(held);
    expect(await harness.finished(taskId)).toEqual({ state: "COMPLETED", attempts: ["1 steady COMPLETED"] });
  });
});
