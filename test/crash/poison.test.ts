import { expect, it } from "vitest";
import { shortLeases, startCrashLab } from "./harness/server-harness.ts";
import { spawnWorker } from "./harness/spawn-worker.ts";

it("fails a task that kills its worker each time after exactly its attempts", async () => {
  const lab = await startCrashLab(shortLeases);
  const poison = await lab.enqueue("poison", 3);
  for (const name of ["first", "second", "third"]) {
    const victim = spawnWorker(lab.address, name, "crash");
    expect(await victim.exited).toEqual({ code: null, signal: "SIGKILL" });
  }
  expect(await lab.finished(poison)).toEqual({
    state: "FAILED",
    attempts: ["1 first LEASE_LOST", "2 second LEASE_LOST", "3 third LEASE_LOST"],
  });
  const { task } = await lab.queue.getTask({ taskId: poison });
  expect(task?.lastError?.type).toBe("LEASE_LOST");

  // A worker that comes back under its old name says each time that it never saw the task: that is believed once an attempt.
  const samePoison = await lab.enqueue("poison", 2);
  for (let death = 0; death < 4; death++) {
    const victim = spawnWorker(lab.address, "same", "crash");
    expect(await victim.exited).toEqual({ code: null, signal: "SIGKILL" });
  }
  expect(await lab.finished(samePoison)).toMatchObject({ state: "FAILED" });

  // The next worker lives, and is handed what came later.
  const fourth = spawnWorker(lab.address, "fourth", "crash");
  const harmless = await lab.enqueue("harmless");
  expect((await fourth.next("task")).lease).toEqual({ taskId: harmless, attempt: 1 });
});
