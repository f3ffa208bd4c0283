import { type ChildProcessByStdio, spawn } from "node:child_process";
import { copyFile, mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { Readable } from "node:stream";
import { describe, expect, test } from "vitest";
import { TaskState } from "../../src/client/index.ts";
import { version } from "../../src/version.ts";
import { enqueue, enqueueMany, read } from "../harness/calls/tasks.ts";
import { environment } from "../harness/server-process.ts";
import { freshQueue, shareServer } from "../harness/shared-server.ts";
import { createTempDir } from "../harness/temp-dir.ts";

const server = shareServer();
const program = resolve("bin/sitq");

interface Process {
  readonly child: ChildProcessByStdio<null, Readable, Readable>;
  readonly ended: Promise<{ readonly exitCode: number | null; readonly stdout: string; readonly stderr: string }>;
  says(text: string): Promise<void>;
}

/** Starts the command as an operator does, in a process group of its own. */
function start(
  args: readonly string[],
  { path = program, cwd = "/", SITQ_ADDRESS = server().address, PATH = process.env.PATH } = {},
): Process {
  const env = { ...environment(), SITQ_ADDRESS, PATH };
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
  const [own, missing, away] = await Promise.all([
    start(["version"], { path: dir.file("link"), cwd: dir.path }).ended,
    start(["get", "nobody"]).ended,
    start(["queues"], { SITQ_ADDRESS: "127.0.0.1:1" }).ended,
  ]);
  expect(own).toMatchObject({ exitCode: 0, stdout: `sitq ${version} (Node ${process.versions.node})\n`, stderr: "" });
  expect(missing).toMatchObject({ exitCode: 3, stdout: "" });
  expect(away).toMatchObject({ exitCode: 6 });
});

test("ends quietly when nobody reads on: sitq enqueue --help | head -1", async () => {
  for (const args of [["enqueue", "--help"], ["help", "tasks"], []]) {
    const { child, ended } = start(args);
    child.stdout.destroy();
    expect(await ended).toMatchObject({ exitCode: 0, stderr: "" });
  }
});

test("tells the server's version beside its own", async () => {
  const [text, json] = await Promise.all([
    start(["version", "--server"]).ended,
    start(["version", "--server", "--json"]).ended,
  ]);
  const node = process.versions.node;
  expect(text.exitCode).toBe(0);
  expect(text.stdout.split("\n")[0]).toBe(`sitq ${version} (Node ${node})`);
  expect(text.stdout).toContain(`server ${version} at ${server().address} (Node ${node}, SQLite 3.`);
  expect(JSON.parse(json.stdout)).toMatchObject({ sitq: version, server: { version, contract: "sitq.v1" } });
});

test("says what to do where its packages are not installed", async () => {
  await using dir = await createTempDir();
  await mkdir(dir.file("bin"));
  await copyFile(program, dir.file("bin/sitq"));
  const outcome = await start(["version"], { path: dir.file("bin/sitq") }).ended;
  expect(outcome).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("npm ci") });
});

describe("without a Node of its own", () => {
  /** The launcher in a tree without node_modules/.bin/node, with a node on the PATH that says it is of this version. */
  async function launch(version: string | null, main: "main.ts" | "main.js") {
    await using dir = await createTempDir();
    for (const below of ["bin", "src", "node_modules", "path"]) await mkdir(dir.file(below));
    await copyFile(program, dir.file("bin/sitq"));
    await writeFile(dir.file(`src/${main}`), "");
    const says = `#!/bin/sh\nif [ "$1" = --version ]; then echo v${version}; else echo "runs $*"; echo "compiled: $NODE_COMPILE_CACHE"; fi\n`;
    if (version !== null) await writeFile(dir.file("path/node"), says, { mode: 0o755 });
    // What the launcher itself needs, and no node among it.
    for (const name of ["sh", "dirname"]) await symlink(`/usr/bin/${name}`, dir.file(`path/${name}`));
    return await start(["version"], { path: dir.file("bin/sitq"), PATH: dir.file("path") }).ended;
  }

  test.each(["20.20.2", "22.17.1", "18.0.0"])("refuses Node %s, and says which one it needs", async (version) => {
    const { exitCode, stderr } = await launch(version, "main.ts");
    expect(exitCode).toBe(1);
    expect(stderr).toContain(`sitq: needs Node 22.18 or newer, this is ${version} (`);
    expect(stderr).toContain("run npm ci without --omit=dev");
    const packed = await launch(version, "main.js");
    expect(packed).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("Put a newer one on the PATH.") });
    expect(packed.stderr).not.toContain("npm ci");
  });

  test("says so if there is none at all", async () => {
    const { exitCode, stderr } = await launch(null, "main.ts");
    expect(exitCode).toBe(1);
    expect(stderr).toBe("sitq: needs Node 22.18 or newer, and there is no node on the PATH.\n");
  });

  test.each([
    ["22.18.0", "main.ts"],
    ["23.0.0", "main.js"],
    ["26.0.0", "main.ts"],
  ] as const)("runs with Node %s and src/%s", async (version, main) => {
    const { exitCode, stdout } = await launch(version, main);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(new RegExp(`^runs .*/src/${main} version\\ncompiled: .*/node_modules/.cache/compile\\n$`));
  });

  test("the launcher and package.json name the same version", async () => {
    const manifest: unknown = JSON.parse(await readFile(resolve("package.json"), "utf8"));
    const launcher = await readFile(program, "utf8");
    const [, major] = /needed_major=(\d+)/.exec(launcher) ?? [];
    const [, minor] = /needed_minor=(\d+)/.exec(launcher) ?? [];
    expect(manifest).toMatchObject({ engines: { node: `>=${major}.${minor}` } });
  });
});

test("serves, until it is told to stop", async () => {
  await using dir = await createTempDir();
  const serving = start(["serve", "--listen", "127.0.0.1:0", "--db", "own.db"], { cwd: dir.path });
  await serving.says("sitq enqueue");
  await serving.says(`sitq ${version} is serving.`);
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
  // Each write is a new occasion to find that the reader is gone.
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
  await worker.says("Draining");
  await writeFile(dir.file("go"), "");
  expect(await worker.ended).toMatchObject({ exitCode: 0, stdout: expect.stringContaining("completed") });
  expect((await read(server(), task)).state).toBe(TaskState.COMPLETED);
});
