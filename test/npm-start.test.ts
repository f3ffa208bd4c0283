import { spawn } from "node:child_process";
import { expect, onTestFinished, test } from "vitest";
import { QueueService } from "../gen/sitq/v1/queue_service_pb.js";
import { TaskState } from "../gen/sitq/v1/task_pb.js";
import { createChannel } from "../src/grpc/client/channel.ts";
import { createClient } from "../src/grpc/client/client.ts";
import { startStreamWorker } from "./crash/harness/stream-worker.ts";
import { environment, startServer } from "./harness/server-process.ts";
import { createTempDir } from "./harness/temp-dir.ts";

/** `npm start` as the leader of a process group, as a terminal starts it. */
async function npmStart(db: string) {
  const args = ["start", "--silent", "--", "--listen", "127.0.0.1:0", "--db", db];
  const child = spawn("npm", args, { env: environment(), stdio: ["ignore", "pipe", "pipe"], detached: true });
  const output = { stdout: "", stderr: "" };
  const changed = new Set<() => void>();
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (text: string) => {
      output[name] += text;
      for (const look of changed) look();
    });
  }
  const exited = new Promise<number | null>((resolve) => child.once("close", (code) => resolve(code)));
  const signalGroup = (signal: NodeJS.Signals) => process.kill(-(child.pid ?? 0), signal);
  onTestFinished(async () => {
    if (child.exitCode === null) signalGroup("SIGKILL");
    await exited;
  });
  const says = (pattern: RegExp) =>
    new Promise<string>((resolve, reject) => {
      const look = () => {
        const found = pattern.exec(output.stdout + output.stderr);
        if (found !== null) resolve(found[1] ?? "");
      };
      changed.add(look);
      look();
      void exited.then(() => reject(new Error(`it ended and had not said ${pattern}: ${output.stderr}`)));
    });
  return { address: await says(/listens on\s+(\S+)\n/), says, signalGroup, exited, output };
}

/** A worker that has one task in hand, whose outcome is accepted only if the server drains and does not just end. */
async function withTaskInHand(address: string) {
  const channel = createChannel(address);
  onTestFinished(() => channel.close());
  const client = createClient(QueueService, channel);
  const drained = Promise.withResolvers<void>();
  const settled = Promise.withResolvers<void>();
  const inHand = Promise.withResolvers<{ readonly taskId: string; readonly attempt: number }>();
  const worker = startStreamWorker({
    address,
    workerId: "slow",
    queues: ["slow"],
    capacity: 1,
    events: {
      task: ({ id, attempt }) => inHand.resolve({ taskId: id, attempt }),
      drain: () => drained.resolve(),
      settled: () => settled.resolve(),
    },
  });
  onTestFinished(() => worker.abandon());
  const { task } = await client.enqueue({ task: { queue: "slow", type: "job" } });
  const key = await inHand.promise;
  return {
    client,
    taskId: task?.id ?? "",
    drained: drained.promise,
    settled: settled.promise,
    settle: () => worker.settle(key, { case: "completed", value: {} }),
  };
}

test("one Ctrl-C under npm start, which the server hears twice, drains", async () => {
  await using dir = await createTempDir();
  const npm = await npmStart(dir.file("sitq.db"));
  const { taskId, drained, settled, settle } = await withTaskInHand(npm.address);
  npm.signalGroup("SIGINT");
  await drained;
  settle();
  await settled;
  expect(await npm.exited).toBe(0);
  expect(npm.output.stderr).toContain("draining");
  expect(npm.output.stderr).not.toContain("stopping at once");

  await using server = await startServer({ db: dir.file("sitq.db") });
  const channel = createChannel(server.address);
  onTestFinished(() => channel.close());
  const { task } = await createClient(QueueService, channel).getTask({ taskId });
  expect(task?.state).toBe(TaskState.COMPLETED);
});

test("a second Ctrl-C, by a hand that is slower than npm, stops at once", async () => {
  await using dir = await createTempDir();
  const npm = await npmStart(dir.file("sitq.db"));
  const { drained } = await withTaskInHand(npm.address);
  npm.signalGroup("SIGINT");
  await drained;
  // Longer than the server takes a repeat for the same signal; how much longer does not matter.
  await new Promise((resolve) => setTimeout(resolve, 700));
  npm.signalGroup("SIGINT");
  await npm.says(/stopping at once/);
  expect(await npm.exited).toBe(0);
});
