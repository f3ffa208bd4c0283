import { type ChildProcessByStdio, spawn } from "node:child_process";
import { copyFile, mkdir, symlink, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { Readable } from "node:stream";
import { expect, test } from "vitest";
import { TaskState } from "../../src/client/index.ts";
import { environment } from "../support/server-process.ts";
import { freshQueue, shareServer } from "../support/shared-server.ts";
import { enqueue, enqueueMany, read } from "../support/tasks.ts";
import { createTempDir } from "../support/temp-dir.ts";

const server = shareServer();
const program = resolve("bin/sitq");

interface Process {
  readonly child: ChildProcessByStdio<null, Readable, Readable>;
  readonly ended: Promise<{ readonly exitCode: number | null; readonly stdout: string; readonly stderr: string }>;
  says(text: string): Promise<void>;
}

/** Starts the command as an operator does, in a process group of its own. */
function start(args: readonly string[], { path = program, cwd = "/", SITQ_ADDRESS = server().address } = {}): Process {
  const env = { ...environment(), SITQ_ADDRESS };
  const child = spawn(path, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"], detached: true });
  const output = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (text: string) => {
      output[name] += text;
    });
  }
  return {
    child,
    ended: new Promise((onEnd, reject) => {
      child.once("error", reject);
      child.once("close", (exitCode) => onEnd({ exitCode, ...output }));
    }),
    says: (text) =>
      new Promise((onText, reject) => {
        const look = () => {
          if (`${output.stdout}${output.stderr}`.includes(text)) onText();
        };
        look();
        child.stdout.on("data", look);
        child.stderr.on("data", look);
        child.once("close", () => reject(new Error(`It ended and had not said ${text}: ${output.stderr}`)));
      }),
  };
}

test("runs from anywhere, by a link too, and finds the server by its environment", async () => {
  await using dir = await createTempDir();
  await symlink(program, dir.file("link"));
  const [version, missing, away] = await Promise.all([
    start(["version"], { path: dir.file("link"), cwd: dir.path }).ended,
    start(["get", "nobody"]).ended,
    start(["queues"], { SITQ_ADDRESS: "127.0.0.1:1" }).ended,
  ]);
  expect(version).toMatchObject({ exitCode: 0, stdout: `sitq 0.1.0 (Node ${process.versions.node})\n`, stderr: "" });
  expect(missing).toMatchObject({ exitCode: 3, stdout: "" });
  expect(away).toMatchObject({ exitCode: 6 });
});

test("says what to do where its packages are not installed", async () => {
  await using dir = await createTempDir();
  await mkdir(dir.file("bin"));
  await copyFile(program, dir.file("bin/sitq"));
  const outcome = await start(["version"], { path: dir.file("bin/sitq") }).ended;
  expect(outcome).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("npm ci") });
});

test("serves, until it is told to stop", async () => {
  await using dir = await createTempDir();
  const serving = start(["serve", "--listen", "127.0.0.1:0", "--db", "own.db"], { cwd: dir.path });
  await serving.says("grpcurl");
  const usage = await start(["serve", "--address", "127.0.0.1:1", "--db", dir.file("other.db")]).ended;
  expect(usage).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("neither --address nor --json") });
  serving.child.kill("SIGTERM");
  expect((await serving.ended).exitCode).toBe(0);
});

test("ends in peace when nobody reads on", async () => {
  const queue = freshQueue();
  await enqueueMany(server(), 3_000, { queue });
  const listing = start(["list", "--queue", queue, "--all", "--json"]);
  listing.child.stdout.once("data", () => listing.child.stdout.destroy());
  expect(await listing.ended).toMatchObject({ exitCode: 0, stderr: "" });

  const watching = start(["watch", "--queue", queue]);
  await watching.says("Watching");
  watching.child.stdout.destroy();
  let isOver = false;
  const over = watching.ended.then((outcome) => {
    isOver = true;
    return outcome;
  });
  while (!isOver) await enqueue(server(), { queue });
  expect(await over).toMatchObject({ exitCode: 0 });
});

test("Ctrl-C at the terminal does not reach the programs of a worker, which it lets end", async () => {
  await using dir = await createTempDir();
  const queue = freshQueue();
  const exec = `echo begun >&2; while [ ! -e ${dir.file("go")} ]; do sleep 0.02; done`;
  const worker = start(["work", queue, "--exec", exec]);
  const task = await enqueue(server(), { queue });
  await worker.says("begun");
  // What a terminal does: everybody in the foreground's group is told.
  process.kill(-(worker.child.pid ?? 0), "SIGINT");
  await worker.says("Takes nothing more");
  await writeFile(dir.file("go"), "");
  expect(await worker.ended).toMatchObject({ exitCode: 0, stdout: expect.stringContaining("completed") });
  expect((await read(server(), task)).state).toBe(TaskState.COMPLETED);
});
