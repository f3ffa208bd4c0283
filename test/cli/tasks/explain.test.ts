import { expect, test } from "vitest";
import { connectWorker } from "../../harness/calls/scripted-worker.ts";
import { enqueue, span } from "../../harness/calls/tasks.ts";
import { freshQueue, shareServer } from "../../harness/shared-server.ts";
import { jsonLines, sitq, startSitq } from "../cli-harness.ts";

const server = shareServer();
const run = (...args: readonly string[]) => sitq([...args, "--address", server().address]);

test("explain says why a task is not running, since when, and what to do next", async () => {
  const queue = freshQueue();
  await enqueue(server(), { queue });
  const { id } = await enqueue(server(), { queue });
  const { exitCode, stdout, stderr } = await run("explain", id);
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(
    new RegExp(
      `^no worker is on the queue "${queue}"\\n\\nSince +\\d{4}-\\d\\d-\\d\\d [\\d:]+ \\(\\d+s ago\\)\\nIn line +2\\n$`,
    ),
  );
  expect(stderr).toBe(`\nStart a worker: sitq work ${queue} --exec 'COMMAND'\n`);
  expect(jsonLines(await run("explain", id, "--json"))).toMatchObject([
    { reason: "WAIT_REASON_NO_WORKER", message: `no worker is on the queue "${queue}"`, position: 2, stepIds: [] },
  ]);
  await run("pause", queue);
  expect(await run("explain", id)).toMatchObject({
    stdout: expect.stringMatching(new RegExp(`^the queue "${queue}" is paused\n`)),
    stderr: `\nLet the queue go on: sitq resume ${queue}\n`,
  });
  expect(await run("explain", "0000")).toMatchObject({ exitCode: 3 });
});

test("explain, get and list have the same sentence for a task that is due later", async () => {
  const queue = freshQueue();
  await connectWorker(server(), { workerId: queue, queues: [queue] });
  const { id } = await enqueue(server(), { queue, delay: span(3_600_000) });
  const { stdout, stderr } = await run("explain", id);
  const [sentence = ""] = stdout.split("\n");
  expect(sentence).toMatch(/^its first attempt is due at 20\d\d-\d\d-\d\dT[\d:.]+Z$/);
  expect(stdout).toMatch(/^Expected +.* \(in (1h|59m)\)$/m);
  expect(stderr).toBe(`\nRun it now: sitq retry ${id}\n`);
  for (const command of [
    ["get", id],
    ["list", "--queue", queue],
  ]) {
    expect((await run(...command)).stdout).toContain(sentence);
  }
});

test("explain says of a failed task its error and how to retry it, and of a type without a handler which worker it takes", async () => {
  const queue = freshQueue();
  const worker = await connectWorker(server(), { workerId: queue, queues: [queue], types: ["send"] });
  const { id } = await enqueue(server(), { queue, type: "send", maxAttempts: 1 });
  await worker.end(await worker.take(1), {
    case: "failed",
    value: { error: { type: "SmtpError", message: "421 try later" } },
  });
  const failed = await run("explain", id);
  expect(failed.stdout).toMatch(/^it has failed\n\nError +SmtpError: 421 try later\nSince +.*\n$/);
  expect(failed.stderr).toBe(`\nRetry it: sitq retry ${id}\n`);

  const other = await enqueue(server(), { queue, type: "print" });
  expect((await run("explain", other.id)).stderr).toBe(
    `\nStart a worker that handles it: sitq work ${queue} --type print --exec 'COMMAND'\n`,
  );
});

test("a second task of a key is answered with why the first one waits", async () => {
  const queue = freshQueue();
  const args = ["enqueue", queue, "t", "--deduplication-key", "k"];
  const first = await run(...args);
  expect(await run(...args)).toMatchObject({
    stdout: first.stdout,
    stderr: expect.stringMatching(
      new RegExp(`^Already exists: no second task was created. It is there: no worker is on the queue "${queue}"`),
    ),
  });
});

test("enqueue --wait says why the task waits, and what is new about it to a person", async () => {
  const queue = freshQueue();
  const args = ["enqueue", queue, "t", "--wait", "--address", server().address];
  const [plain, watched] = [startSitq(args), startSitq(args, { isTTY: true })];
  await plain.says(`waiting: no worker is on the queue "${queue}"`);
  await watched.says(`waiting: PENDING no worker is on the queue "${queue}"`);
  const worker = await connectWorker(server(), { workerId: queue, queues: [queue], capacity: 2 });
  const tasks = await worker.take(2);
  // It is looked at again every five seconds.
  await watched.says(`waiting: RUNNING on ${queue}`);
  await worker.complete(...tasks);
  expect(await plain.ended).toMatchObject({ exitCode: 0 });
  expect(await watched.ended).toMatchObject({ exitCode: 0 });
});
