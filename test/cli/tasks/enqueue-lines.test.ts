import { writeFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { present, read, readQueue } from "../../harness/calls/tasks.ts";
import { freshQueue, shareServer } from "../../harness/shared-server.ts";
import { createTempDir } from "../../harness/temp-dir.ts";
import { jsonLines, type ShellOptions, sitq } from "../cli-harness.ts";

const server = shareServer();

function enqueueLines(queue: string, args: readonly string[], options?: ShellOptions) {
  return sitq(["enqueue", queue, "t", ...args, "--each-line", "--address", server().address], options);
}

test("makes a task of each line of a file, and none of a second time with the same request ids", async () => {
  const queue = freshQueue();
  await using dir = await createTempDir();
  const count = 5_000;
  await writeFile(dir.file("lines"), Array.from({ length: count }, (_, n) => `{"n": ${n}}\n`).join(""));
  const args = [`@${dir.file("lines")}`, "--request-id", "import", "--priority", "3"];
  const first = await enqueueLines(queue, args, { isTTY: true });
  expect(first).toMatchObject({ exitCode: 0, stdout: `5,000 tasks enqueued into ${queue}\n` });
  expect(first.stderr).toContain("100 %");
  const again = await enqueueLines(queue, args);
  expect(again).toMatchObject({
    exitCode: 0,
    stdout: `0 tasks enqueued into ${queue}; 5,000 were there already\n`,
    stderr: "",
  });
  expect((await readQueue(server(), queue)).statistics?.pending).toBe(5_000n);
  const { tasks } = await server().worker.claimTasks({ workerId: "w", queues: [queue] });
  expect(await read(server(), present(tasks[0]))).toMatchObject({ priority: 3, requestId: "import-1" });
});

test("passes over blank lines, and lines that are refused do not keep the others back", async () => {
  const queue = freshQueue();
  const stdin = '{"n": 1}\r\n\n{bad\n{"n": 2}';
  const { exitCode, stdout, stderr } = await enqueueLines(queue, [], { stdin });
  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: `2 tasks enqueued into ${queue}\n` });
  expect(stderr).toMatch(/^line 3: it is not JSON/);
  expect(stderr).toContain("error: 1 line refused");

  const json = await enqueueLines(queue, ["-", "--json"], { stdin });
  expect(json.exitCode).toBe(2);
  const lines = jsonLines(json).sort((a, b) => Number(a.line) - Number(b.line));
  expect(lines).toMatchObject([
    { line: 1, task: { queue, type: "t" }, created: true },
    { line: 3, error: expect.stringContaining("not JSON") },
    { line: 4, created: true },
  ]);
});

test("the server's refusals decide the exit code, and are named line by line", async () => {
  const queue = freshQueue();
  await sitq(["set", queue, "--create", "--max-depth", "2", "--address", server().address]);
  const { exitCode, stdout, stderr } = await enqueueLines(queue, ["--text"], { stdin: "a\nb\nc\n" });
  expect(exitCode).toBe(4);
  expect(stdout).toBe(`2 tasks enqueued into ${queue}\n`);
  expect(stderr).toMatch(/^line 3: .*QUEUE_FULL/);
});
