import { expect, it } from "vitest";
import { type ServerHarness, startServerHarness } from "./harness/server-harness.ts";
import { spawnWorker, type WorkerProcess } from "./harness/spawn-worker.ts";
import type { Lease } from "./harness/stream-worker.ts";

const pending = { state: "pending", attempt: 0 };

/** Has a task handed out, stops its worker and kills the server before the lease is written: once more if it was too slow. */
async function forget(harness: ServerHarness, worker: WorkerProcess): Promise<Lease> {
  for (;;) {
    await worker.next("welcome");
    const taskId = await harness.enqueue("work");
    const { lease } = await worker.next("task");
    expect(lease).toEqual({ taskId, attempt: 1 });
    worker.signal("SIGSTOP");
    const left = await harness.killAndRead(taskId);
    if (left.state === "pending") {
      expect(left).toEqual(pending);
      return lease;
    }
    worker.complete({ ...lease, result: "too slow" });
    await harness.restart();
    worker.signal("SIGCONT");
    await worker.next("settled");
  }
}

const startFirst = ({ address }: ServerHarness) => spawnWorker(address, "first", "crash", "process-1");

it("a worker whose hand-out the kill of the server made forget comes back, keeps its task and completes its first attempt", async () => {
  const harness = await startServerHarness([]);
  const first = startFirst(harness);
  const lease = await forget(harness, first);

  await harness.restart();
  first.signal("SIGCONT");
  expect(await first.next("welcome")).toMatchObject({ kept: [lease], lost: [] });
  expect(await harness.killAndRead(lease.taskId)).toEqual({ state: "running", attempt: 1 });

  await harness.restart();
  expect(await first.next("welcome")).toMatchObject({ kept: [lease], lost: [] });
  first.complete({ ...lease, result: "of the first" });
  expect(await first.next("settled")).toMatchObject({ lease, status: "SETTLED" });
  expect(await harness.finished(lease.taskId)).toEqual({ state: "COMPLETED", attempts: ["1 first COMPLETED"] });
});

it.each(["before", "after"])(
  "a worker that comes back when another one has its task is STALE %s the other's end",
  async (when) => {
    const harness = await startServerHarness([]);
    const first = startFirst(harness);
    const lease = await forget(harness, first);

    await harness.restart();
    const second = spawnWorker(harness.address, "second", "crash", "process-2");
    expect((await second.next("task")).lease).toEqual(lease);
    const secondCompletes = async () => {
      second.complete({ ...lease, result: "of the second" });
      expect(await second.next("settled")).toMatchObject({ lease, status: "SETTLED" });
    };
    if (when === "after") await secondCompletes();
    first.signal("SIGCONT");
    expect(await first.next("welcome")).toMatchObject({ kept: [], lost: [lease] });
    first.complete({ ...lease, result: "of the first" });
    expect(await first.next("settled")).toMatchObject({ lease, status: "STALE" });
    if (when === "before") await secondCompletes();

    expect(await harness.finished(lease.taskId)).toEqual({ state: "COMPLETED", attempts: ["1 second COMPLETED"] });
    const { task } = await harness.queue.getTask({ taskId: lease.taskId });
    expect(task?.result?.kind.value).toMatchObject({ kind: { case: "stringValue", value: "of the second" } });
  },
);
