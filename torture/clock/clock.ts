import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import { QueueService } from "../../gen/sitq/v1/queue_service_pb.js";
import { type Task, TaskState } from "../../gen/sitq/v1/task_pb.js";
import { WorkerService } from "../../gen/sitq/v1/worker_service_pb.js";
import { createChannel } from "../../src/grpc/client/channel.ts";
import { createClient } from "../../src/grpc/client/client.ts";
import { startStreamWorker } from "../../test/crash/harness/stream-worker.ts";
import { createSeededRandom } from "../../test/harness/seeded-random.ts";
import { startServer } from "../../test/harness/server-process.ts";
import { createTempDir } from "../../test/harness/temp-dir.ts";
import type { Torture } from "../torture.ts";

const hourMs = 3_600_000;
/** By how much the wall clock is moved; the way back follows. */
const jumps = [-24 * hourMs, -hourMs, -600_000, hourMs, 24 * hourMs, 40 * 24 * hourMs] as const;
/** How long the clock stays moved, in milliseconds. */
const movedMs = 4_000;
/** How long a delay and a backoff are, in milliseconds. */
const delayMs = 2_000;
/** How much later than it is due something may happen on a busy machine, in milliseconds. */
const patienceMs = 10_000;

/** The wall clock jumps while work is under way, and back. */
export const clock: Torture = {
  name: "clock",
  what: "the wall clock jumps by minutes to weeks and back: no lease lost, delays keep their length, nothing deleted",
  missing: () => null,

  async run({ untilMs, seed, say }) {
    const random = createSeededRandom(seed);
    const counts = { jumps: 0, "tasks judged": 0 };
    const faults: string[] = [];
    do {
      const jumpMs = random.pick(jumps);
      const result = await jumpOnce(jumpMs);
      counts.jumps += 2;
      counts["tasks judged"] += result.judged;
      faults.push(...result.faults.map((fault) => `a jump of ${jumpMs / hourMs} h: ${fault}`));
      say(`${counts.jumps} jumps, ${faults.length} faults`);
    } while (performance.now() < untilMs);
    return { counts, faults };
  },
};

async function jumpOnce(jumpMs: number): Promise<{ readonly judged: number; readonly faults: readonly string[] }> {
  await using dir = await createTempDir();
  const offset = dir.file("offset");
  await writeFile(offset, "0");
  await using server = await startServer({
    db: dir.file("sitq.db"),
    args: ["--lease-duration", "5s", "--heartbeat-interval", "1s", "--retention-interval", "1s", "--log-level", "warn"],
    env: {
      TORTURE_CLOCK: offset,
      NODE_OPTIONS: `--import ${resolve(import.meta.dirname, "shifted-date.ts")}`,
    },
  });
  const channel = createChannel(server.address);
  const [queue, unary] = [createClient(QueueService, channel), createClient(WorkerService, channel)];
  const faults: string[] = [];
  const startedMs = new Map<string, number>();
  const worker = startStreamWorker({
    address: server.address,
    workerId: "stream",
    queues: ["held", "timed"],
    capacity: 100,
    events: {
      task({ id: taskId, attempt, queue: name, type }) {
        startedMs.set(`${taskId}/${attempt}`, performance.now());
        if (name === "held") return;
        const fails = type === "fails-once" && attempt === 1;
        worker.settle({ taskId, attempt }, fails ? { case: "failed", value: {} } : { case: "completed", value: {} });
      },
      cancelled: ({ taskId }, reason) => void faults.push(`task ${taskId} was taken from its worker: ${reason}`),
    },
  });
  const enqueue = async (name: string, more: object = {}): Promise<Task> => {
    const { task } = await queue.enqueue({ task: { queue: name, type: "t", ...more } });
    if (task === undefined) throw new Error("Enqueue answered no task.");
    return task;
  };
  const read = async (taskId: string) => (await queue.getTask({ taskId })).task;
  const finished = async (taskId: string) =>
    (await queue.awaitTask({ taskId, timeout: durationFromMs(patienceMs) })).task?.state === TaskState.COMPLETED;
  try {
    const done = await enqueue("timed");
    if (!(await finished(done.id))) faults.push("a task is not worked off before the jump");
    const held = await enqueue("held");
    await until(() => startedMs.has(`${held.id}/1`), patienceMs);
    const claimed = await enqueue("unary");
    await unary.claimTasks({ workerId: "unary", queues: ["unary"], leaseDuration: durationFromMs(60_000) });
    const waits = await enqueue("nowhere", { expireTime: undefined });

    // What is begun now is due while the clock is moved.
    const retryPolicy = { initialBackoff: durationFromMs(delayMs), jitter: 0 };
    const retried = await enqueue("timed", { type: "fails-once", maxAttempts: 3, retryPolicy });
    const beganMs = performance.now();
    const released = await enqueue("held");
    await until(() => startedMs.has(`${released.id}/1`) && startedMs.has(`${retried.id}/1`), patienceMs);
    worker.settle({ taskId: released.id, attempt: 1 }, { case: "released", value: { delay: durationFromMs(delayMs) } });
    startedMs.delete(`${released.id}/1`);
    await sleep(200);
    await writeFile(offset, String(jumpMs));
    await sleep(movedMs);
    for (const [what, key] of [
      ["a retry", `${retried.id}/2`],
      ["a released task", `${released.id}/1`],
    ] as const) {
      const came = await until(() => startedMs.has(key), patienceMs);
      const afterMs = (startedMs.get(key) ?? Number.NaN) - beganMs;
      if (!came) faults.push(`${what} did not come while the clock was moved`);
      else if (afterMs < delayMs * 0.9) faults.push(`${what} came after ${Math.round(afterMs)} ms of ${delayMs}`);
    }
    await writeFile(offset, "0");
    await sleep(movedMs);

    if ((await read(done.id).catch(() => undefined)) === undefined) faults.push("a finished task was deleted");
    for (const { id, queue: name } of [held, claimed]) {
      const task = await read(id);
      const isHeld = task?.state === TaskState.RUNNING && task.attempt === 1;
      if (!isHeld)
        faults.push(`the lease in ${name} was lost: ${TaskState[task?.state ?? 0]}, attempt ${task?.attempt}`);
    }
    const waiting = await read(waits.id);
    if (waiting?.state !== TaskState.PENDING) faults.push(`a waiting task is ${TaskState[waiting?.state ?? 0]}`);
    if (!/clock/i.test(server.log)) faults.push("the log does not say that the clock jumped");
  } finally {
    await worker.abandon();
    channel.close();
  }
  return { judged: 6, faults };
}

/** Whether it becomes true within the time. */
async function until(isTrue: () => boolean, withinMs: number): Promise<boolean> {
  const endMs = performance.now() + withinMs;
  while (!isTrue() && performance.now() < endMs) await sleep(20);
  return isTrue();
}
