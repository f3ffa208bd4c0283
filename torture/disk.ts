import { spawnSync } from "node:child_process";
import { mkdir, rm, statfs, writeFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import { QueueService } from "../gen/sitq/v1/queue_service_pb.js";
import { TaskState } from "../gen/sitq/v1/task_pb.js";
import { SettleStatus } from "../gen/sitq/v1/worker_service_pb.js";
import { callErrorFrom } from "../src/grpc/client/call-error.ts";
import { createChannel } from "../src/grpc/client/channel.ts";
import { createClient } from "../src/grpc/client/client.ts";
import { inspectCopy } from "../test/crash/harness/offline.ts";
import { startStreamWorker } from "../test/crash/harness/stream-worker.ts";
import { startServer } from "../test/harness/server-process.ts";
import { createTempDir } from "../test/harness/temp-dir.ts";
import { missingProgram, missingRoot } from "./programs.ts";
import type { Torture } from "./torture.ts";

/** How large the disk is. */
const diskSize = "64m";
/** How many tasks are in a worker's hands when the disk gets full. */
const leases = 50;
/** How long the server is left alone after there is room again, in milliseconds. */
const silenceMs = 45_000;

/** A disk gets full with leases out, and is freed in silence. */
export const disk: Torture = {
  name: "disk",
  what: "a full disk with leases out: outcomes settle, enqueues are refused, a restart works, it goes on by itself",
  missing: () => missingRoot("mount a small disk") ?? missingProgram("mount"),

  async run({ untilMs, say }) {
    const counts = { rounds: 0, "outcomes settled on the full disk": 0, "tasks handed out in silence": 0 };
    const faults: string[] = [];
    do {
      const result = await fillOnce(say);
      counts.rounds++;
      counts["outcomes settled on the full disk"] += result.settled;
      counts["tasks handed out in silence"] += result.handedOut;
      faults.push(...result.faults);
      say(`${counts.rounds} rounds, ${faults.length} faults`);
    } while (performance.now() < untilMs);
    return { counts, faults };
  },
};

async function fillOnce(say: (progress: string) => void) {
  await using dir = await createTempDir();
  await using copies = await createTempDir();
  const mount = dir.file("disk");
  await mkdir(mount);
  run("mount", ["-t", "tmpfs", "-o", `size=${diskSize}`, "tmpfs", mount]);
  try {
    return await fill(`${mount}/sitq.db`, `${mount}/filler`, copies.file("copy.db"), say);
  } finally {
    run("umount", ["--lazy", mount]);
  }
}

async function fill(db: string, filler: string, copy: string, say: (progress: string) => void) {
  const faults: string[] = [];
  const acknowledged: string[] = [];
  const args = ["--lease-duration", "60s", "--log-level", "warn"];
  let settled = 0;
  let disconnects = 0;
  {
    await using server = await startServer({ db, args });
    const channel = createChannel(server.address);
    const queue = createClient(QueueService, channel);
    const enqueue = async (requestId: string, task: object) => {
      await queue.enqueue({ requestId, task: { queue: "q", type: "t", ...task } });
      acknowledged.push(requestId);
    };
    const worker = startStreamWorker({
      address: server.address,
      workerId: "w",
      queues: ["q"],
      capacity: leases,
      events: {
        task: () => undefined,
        settled(_lease, status) {
          if (status === SettleStatus.SETTLED) settled++;
        },
        disconnected: () => void disconnects++,
      },
    });
    try {
      for (let number = 0; number < leases; number++) await enqueue(`held-${number}`, {});
      for (let number = 0; number < 20; number++) await enqueue(`waits-${number}`, { queue: "later" });
      for (let number = 0; number < 5; number++) {
        await enqueue(`due-${number}`, { queue: "later", scheduleTime: soon(8_000) });
      }
      await until(() => worker.inHand.size === leases, 20_000);

      say("filling the disk");
      await fillUp(filler);
      const reason = await refusalOf(() => enqueue("refused", { payload: bytes(4_096) }), 15_000);
      if (reason !== "DISK_LOW" && reason !== "DISK_FULL") faults.push(`an enqueue on the full disk answers ${reason}`);
      for (const [taskId, attempt] of [...worker.inHand].slice(0, leases / 2)) {
        worker.settle({ taskId, attempt }, { case: "completed", value: {} });
      }
      await until(() => settled === leases / 2, 20_000);
      if (settled < leases / 2) faults.push(`${settled} of ${leases / 2} outcomes settled on the full disk`);
      if (disconnects > 0) faults.push(`the worker's stream was ended ${disconnects} times`);
      await queue.listTasks({}).catch((error: unknown) => faults.push(`a listing: ${callErrorFrom(error).message}`));
    } finally {
      await worker.abandon();
      channel.close();
    }
    server.signal("SIGTERM");
    const { code } = await server.exited;
    if (code !== 0) faults.push(`SIGTERM on the full disk ended it with ${code}: ${server.log}`);
  }

  say("starting on the full disk");
  const handed = new Set<string>();
  {
    await using server = await startServer({ db, args }).catch((error: unknown) => {
      faults.push(`a start on the full disk: ${error instanceof Error ? error.message : error}`);
      return null;
    });
    if (server !== null) {
      const worker = startStreamWorker({
        address: server.address,
        workerId: "w2",
        queues: ["later"],
        capacity: 100,
        events: { task: ({ id }) => void handed.add(id) },
      });
      await sleep(5_000);
      await rm(filler);
      say(`room again; waiting in silence for at most ${silenceMs / 1_000} s`);
      await until(() => handed.size === 25, silenceMs);
      if (handed.size < 25) faults.push(`${handed.size} of 25 waiting and due tasks were handed out in silence`);
      await worker.abandon();
      const channel = createChannel(server.address);
      const { tasks } = await createClient(QueueService, channel).listTasks({ pageSize: 1_000 });
      const completed = tasks.filter(({ state }) => state === TaskState.COMPLETED).length;
      if (completed !== settled) faults.push(`${settled} outcomes were settled, ${completed} are there`);
      channel.close();
    }
  }
  faults.push(...(await inspectCopy(db, copy, { requestIds: acknowledged, completed: settled })));
  return { faults, settled, handedOut: handed.size };
}

/** Writes until nothing more fits, the last byte included. */
async function fillUp(path: string): Promise<void> {
  await writeFile(path, "");
  for (let size = 1_048_576; size >= 1; size = Math.floor(size / 4)) {
    for (;;) {
      try {
        await writeFile(path, Buffer.alloc(size, 1), { flag: "a" });
      } catch {
        // This much does not fit any more.
        break;
      }
    }
  }
  const { bavail } = await statfs(path);
  if (bavail > 0) throw new Error(`${bavail} blocks are still free`);
}

/** The reason of the first refusal within the time. */
async function refusalOf(call: () => Promise<void>, withinMs: number): Promise<string> {
  for (const endMs = performance.now() + withinMs; performance.now() < endMs; ) {
    try {
      await call();
    } catch (error) {
      return callErrorFrom(error).reason ?? callErrorFrom(error).codeName;
    }
    await sleep(50);
  }
  return "no refusal";
}

function soon(ms: number) {
  const { seconds, nanos } = durationFromMs(Date.now() + ms);
  return { seconds, nanos };
}

function bytes(length: number) {
  return { kind: { case: "binary", value: new Uint8Array(length) } };
}

function run(program: string, args: readonly string[]): void {
  const { status, stderr } = spawnSync(program, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`${program} ${args.join(" ")}: ${stderr}`);
}

async function until(isTrue: () => boolean, withinMs: number): Promise<void> {
  for (const endMs = performance.now() + withinMs; !isTrue() && performance.now() < endMs; ) await sleep(20);
}
