import { expect, it } from "vitest";
import { shortLeases, startServerHarness } from "./harness/server-harness.ts";
import { spawnWorker } from "./harness/spawn-worker.ts";

it("fails a task that kills its worker each time after exactly its attempts", async () => {
  const harness = await startServerHarness(shortLeases);
  const poison = await harness.enqueue("poison", 3);
  for (const name of ["first", "second", "third"]) {
    const victim = spawnWorker(harness.address, name, "crash");
    expect(await victim.exited).toEqual({ code: null, signal: "SIGKILL" });
  }
  expect(await harness.finished(poison)).toEqual({
    state: "FAILED",
    attempts: ["1 first LEASE_LOST", "2 second LEASE_LOST", "3 third LEASE_LOST"],
  });
  const { task } = await harness.queue.getTask({ taskId: poison });
  expect(task?.lastError?.type).toBe("LEASE_LOST");

  // A worker that comes back under its old name says each time that it never saw the task: that is believed once an attempt.
  const samePoison = await harness.enqueue("poison", 2);
  for (let death = 0; death < 4; death++) {
    const victim = spawnWorker(harness.address, "same", "crash");
    expect(await victim.exited).toEqual({ code: null, signal: "SIGKILL" });
  }
  expect(await harness.finished(samePoison)).toMatchObject({ state: "FAILED" });

  // The next worker lives, and is handed what came later.
  const fourth = spawnWorker(harness.address, "fourth", "crash");
  const harmless = await harness.enqueue("harmless");
  expect((await fourth.next("task")).lease).toEqual({ taskId: harmless, attempt: 1 });
});
