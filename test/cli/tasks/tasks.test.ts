import { writeFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { enqueue, enqueueMany, read } from "../../harness/calls/tasks.ts";
import { freshQueue, shareServer } from "../../harness/shared-server.ts";
import { createTempDir } from "../../harness/temp-dir.ts";
import { type JsonLine, jsonLines, type ShellOptions, sitq, startSitq } from "../cli-harness.ts";

const server = shareServer();

/** Runs a command against the server. */
function run(args: readonly string[], options?: ShellOptions) {
  return sitq([...args, "--address", server().address], options);
}

/** Takes the tasks of a queue as a worker would, and ends each with what `outcome` says. */
async function finish(queue: string, outcome: { result?: string; error?: string }, count = 1): Promise<void> {
  const workerId = `test-${queue}`;
  const { tasks } = await server().worker.claimTasks({ workerId, queues: [queue], maxTasks: count });
  expect(tasks).toHaveLength(count);
  for (const { id: taskId, attempt } of tasks) {
    const lease = { workerId, taskId, attempt };
    if (outcome.error !== undefined) {
      await server().worker.failTask({
        ...lease,
        terminal: true,
        error: { type: "PrinterError", message: outcome.error },
      });
    } else {
      const value = { kind: { case: "stringValue", value: outcome.result ?? "done" } } as const;
      await server().worker.completeTask({ ...lease, result: { kind: { case: "json", value } } });
    }
  }
}

describe("enqueue", () => {
  test("makes a task part of the trace that the command is part of, unless a header names another one", async () => {
    const [parent, other] = ["b7ad6b7169203331", "00f067aa0ba902b7"].map((id) => `00-${"ab".repeat(16)}-${id}-01`);
    const headersOf = async (more: readonly string[], variables: Readonly<Record<string, string>>) => {
      const { stdout } = await run(["enqueue", freshQueue(), "t", ...more], { environment: variables });
      return (await read(server(), { id: stdout.trim() })).headers;
    };
    const variables = { TRACEPARENT: parent ?? "", TRACESTATE: "x=1" };
    expect(await headersOf(["-H", "a=1"], variables)).toEqual({ a: "1", traceparent: parent, tracestate: "x=1" });
    expect(await headersOf(["-H", `traceparent=${other}`], variables)).toEqual({ traceparent: other });
    expect(await headersOf([], { TRACEPARENT: "none" })).toEqual({});
  });

  test("stores a task with all that was said of it, and prints its id", async () => {
    const queue = freshQueue();
    const args = `--priority 7 --delay 10m --max-attempts 3 --attempt-timeout 5s --ttl 1h --correlation-id c-1 --header a=1`;
    const more = `-H trace=x=y --deduplication-key k --request-id r-${queue} --source-service shop`;
    const { exitCode, stdout, stderr } = await run([
      "enqueue",
      queue,
      "order.ship",
      '{"order": 7, "tags": ["a"]}',
      ...`${args} ${more}`.split(" "),
    ]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    const { exitCode: found, ...shown } = await run(["get", stdout.trim(), "--json"]);
    expect(found).toBe(0);
    const [task] = jsonLines({ exitCode: found, ...shown });
    expect(task).toMatchObject({
      id: stdout.trim(),
      queue,
      type: "order.ship",
      state: "TASK_STATE_SCHEDULED",
      attempt: 0,
      payload: { json: { order: 7, tags: ["a"] } },
      priority: 7,
      maxAttempts: 3,
      attemptTimeout: "5s",
      correlationId: "c-1",
      headers: { a: "1", trace: "x=y" },
      deduplicationKey: "k",
      requestId: `r-${queue}`,
      sourceService: "shop",
    });
    const { createTime, scheduleTime, expireTime } = task as Record<string, string>;
    expect(Date.parse(scheduleTime ?? "") - Date.parse(createTime ?? "")).toBe(600_000);
    expect(Date.parse(expireTime ?? "") - Date.parse(createTime ?? "")).toBe(3_600_000);
  });

  test("makes no second task of a repeat, and says so", async () => {
    const args = ["enqueue", freshQueue(), "t", "1", "--request-id", "once"];
    const first = await run(args);
    const second = await run(args);
    expect(second).toMatchObject({
      exitCode: 0,
      stdout: first.stdout,
      stderr: expect.stringContaining("Already exists"),
    });
    expect(jsonLines(await run([...args, "--json"]))).toEqual([
      { task: expect.objectContaining({ id: first.stdout.trim() }), created: false, requestId: "once" },
    ]);
    expect(await run([...args.slice(0, 3), "2", "--request-id", "once"])).toMatchObject({
      exitCode: 4,
      stderr: expect.stringContaining("REQUEST_ID_REUSED"),
    });
  });

  test("refuses a second task with the key if it is to", async () => {
    const args = ["enqueue", freshQueue(), "t", "--deduplication-key", "k", "--duplicate-policy", "refuse"];
    expect((await run(args)).exitCode).toBe(0);
    expect(await run(args)).toMatchObject({ exitCode: 4, stderr: expect.stringContaining("DUPLICATE_TASK") });
  });

  test("reads the payload from standard input and from a file, as JSON, text or bytes", async () => {
    await using dir = await createTempDir();
    await writeFile(dir.file("bytes"), Uint8Array.of(0, 255, 10));
    const cases: [string[], string, JsonLine | undefined][] = [
      [["-"], '[1, "é"]\n', { json: [1, "é"] }],
      [["-", "--text"], "two\nlines\n", { json: "two\nlines\n" }],
      [["@x", "--text"].with(0, `@${dir.file("bytes")}`).with(1, "--binary"), "", { binary: "AP8K" }],
      [["plain", "--text"], "", { json: "plain" }],
      [["null"], "", { json: null }],
      [[], "", {}],
    ];
    for (const [args, stdin, payload] of cases) {
      const { stdout } = await run(["enqueue", freshQueue(), "t", ...args], { stdin });
      const [task] = jsonLines(await run(["get", stdout.trim(), "--json"]));
      expect(task?.payload ?? {}, args.join(" ")).toEqual(payload);
    }
  });

  test.each([
    [["{"], "the payload is not JSON"],
    [["@/nowhere/at/all"], "cannot read /nowhere/at/all: no such file or directory\n"],
    [["@/"], "cannot read /"],
    [["1", "--text", "--binary"], "cannot be used with"],
    [["1", "--delay", "5"], "--delay"],
    [["1", "--delay", "5s", "--schedule-time", "2030-01-01"], "cannot be used with"],
    [["1", "--priority", "1001"], "from -1000 to 1000"],
    [["1", "--header", "novalue"], "key and a value"],
    [["1", "--duplicate-policy", "what"], "return-existing"],
    [["1", "--timeout", "5s"], "--timeout is for --wait"],
    [["1", "2"], "too many arguments"],
    [["1", "--each-line"], "--each-line reads from"],
    [["1", "--request-id", "ü"], "request_id"],
  ])("refuses %j as wrong usage", async (args, complaint) => {
    const outcome = await run(["enqueue", "q", "t", ...args]);
    expect(outcome).toMatchObject({ exitCode: 2, stdout: "", stderr: expect.stringContaining(complaint) });
    expect(outcome.stderr.trimEnd().split("\n").length).toBeLessThanOrEqual(2);
  });

  test("refuses bytes that are no text, unless they are to be bytes", async () => {
    await using dir = await createTempDir();
    await writeFile(dir.file("bytes"), Uint8Array.of(0xc3, 0x28));
    const args = ["enqueue", "q", "t", `@${dir.file("bytes")}`];
    expect(await run(args)).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("not UTF-8") });
  });

  test("waits for the result if it is to", async () => {
    const queue = freshQueue();
    const command = startSitq(["enqueue", queue, "t", "--wait", "--raw", "--address", server().address]);
    await command.says("waiting for its result");
    await finish(queue, { result: "shipped" });
    expect(await command.ended).toMatchObject({ exitCode: 0, stdout: "shipped" });
    expect(await run(["enqueue", queue, "t", "--wait", "--timeout", "500ms"])).toMatchObject({
      exitCode: 7,
      stderr: expect.stringContaining(`is not finished after 500ms: no worker is on the queue "${queue}"`),
    });
  });
});

describe("get and await", () => {
  test("show a failed task for people, without what a terminal would obey", async () => {
    const queue = freshQueue();
    const task = await enqueue(server(), { queue, headers: { "a\u001b[2J": "b\nc" }, correlationId: "c\u0007" });
    await finish(queue, { error: "paper\u001b[31m jam" });
    const { exitCode, stdout } = await run(["get", task.id]);
    expect(exitCode).toBe(0);
    for (const part of [task.id, queue, "FAILED", "PrinterError: paper [31m jam", "1 of 5", "a [2J=b c", "(empty)"]) {
      expect(stdout).toContain(part);
    }
    expect(stdout).not.toMatch(/[^\P{Cc}\n]/u);
    expect(stdout).not.toMatch(/ $/m);
  });

  test("await ends by how the task ended", async () => {
    const queue = freshQueue();
    const [done, failed, cancelled, waiting] = await enqueueMany(server(), 4, { queue });
    await server().queue.cancelTask({ taskId: cancelled?.id ?? "", reason: "changed my mind" });
    await finish(queue, { result: 'a "b"' });
    await finish(queue, { error: "jam" });
    const awaited = (id = "", ...more: string[]) => run(["await", id, ...more]);
    expect(await awaited(done?.id)).toMatchObject({ exitCode: 0, stdout: '"a \\"b\\""\n', stderr: "" });
    expect(await awaited(done?.id, "--raw")).toMatchObject({ exitCode: 0, stdout: 'a "b"' });
    expect(jsonLines(await awaited(done?.id, "--json"))).toMatchObject([{ result: { json: 'a "b"' } }]);
    const failure = await awaited(failed?.id, "--json");
    expect(failure).toMatchObject({
      exitCode: 5,
      stderr: expect.stringContaining("FAILED after 1 attempt: PrinterError: jam"),
    });
    expect(jsonLines(failure)).toMatchObject([{ lastError: { message: "jam" } }]);
    expect(await awaited(cancelled?.id)).toMatchObject({
      exitCode: 5,
      stderr: expect.stringContaining("is CANCELLED: changed my mind"),
    });
    expect(await awaited(waiting?.id, "--timeout", "500ms")).toMatchObject({ exitCode: 7 });
    expect(await awaited("no-such-task")).toMatchObject({ exitCode: 3 });
  });

  test("await waits until the task is finished", async () => {
    const queue = freshQueue();
    const { id } = await enqueue(server(), { queue });
    const command = startSitq(["await", id, "--raw", "--address", server().address]);
    await finish(queue, { result: "now" });
    expect(await command.ended).toMatchObject({ exitCode: 0, stdout: "now" });
  });

  test("show of a waiting task that its queue has no worker or is paused", async () => {
    const queue = freshQueue();
    const { id } = await enqueue(server(), { queue });
    expect((await run(["get", id])).stdout).toMatch(
      new RegExp(`^State +PENDING {2}no worker is on the queue "${queue}"`, "m"),
    );
    const waiting = await run(["await", id, "--timeout", "500ms"]);
    expect(waiting.stderr).toContain(`waiting: no worker is on the queue "${queue}"`);
    await run(["pause", queue]);
    expect((await run(["get", id])).stdout).toMatch(
      new RegExp(`^State +PENDING {2}the queue "${queue}" is paused`, "m"),
    );
    const asJson = await run(["await", id, "--timeout", "500ms", "--json"]);
    expect(asJson.stderr).not.toContain("waiting");
  });

  test("await shows how far the task is, to a person", async () => {
    const queue = freshQueue();
    const { id } = await enqueue(server(), { queue });
    const command = startSitq(["await", id, "--address", server().address], { isTTY: true });
    await command.says("waiting: PENDING");
    await finish(queue, { result: "now" });
    expect(await command.ended).toMatchObject({ exitCode: 0, stdout: '"now"\n' });
  });

  test("a message of a type that nobody here knows is shown, not refused", async () => {
    const queue = freshQueue();
    const message = { typeUrl: "type.googleapis.com/shop.v1.Order", value: Uint8Array.of(8, 7) };
    const { id } = await enqueue(server(), { queue, payload: { kind: { case: "message", value: message } } });
    expect((await run(["get", id])).stdout).toContain("type.googleapis.com/shop.v1.Order (2 bytes)");
    expect(jsonLines(await run(["get", id, "--json"]))).toMatchObject([
      { payload: { message: { "@type": message.typeUrl, value: "CAc=" } } },
    ]);
  });
});

describe("list", () => {
  test("says that there is no such queue, and does not let --ids and --json stand together", async () => {
    expect(await run(["list", "--queue", "typo-of-a-queue"])).toMatchObject({
      exitCode: 0,
      stdout: "",
      stderr: "There is no queue typo-of-a-queue. List them: sitq queues\n",
    });
    expect(await run(["list", "--ids", "--json"])).toMatchObject({ exitCode: 2, stdout: "" });
  });

  test("filters, follows pages, and says when there is more", async () => {
    const queue = freshQueue();
    const [first] = await enqueueMany(server(), 60, { queue, type: "a" });
    await enqueueMany(server(), 1_100, { queue, type: "b", correlationId: "c" });
    const ids = async (...args: string[]) => {
      const { exitCode, stdout } = await run(["list", "--queue", queue, "--ids", ...args]);
      expect(exitCode).toBe(0);
      return stdout.split("\n").filter((id) => id !== "");
    };
    expect(await ids()).toHaveLength(50);
    expect(new Set(await ids("--all")).size).toBe(1_160);
    expect(await ids("--type", "a", "--limit", "60")).toHaveLength(60);
    expect((await ids("--type", "a", "--all")).at(-1)).toBe(first?.id);
    expect(await ids("-c", "c", "-n", "1001")).toHaveLength(1_001);
    expect(await ids("--state", "running,completed", "--state", "failed")).toEqual([]);
    expect(await ids("--since", "1h", "-n", "3")).toHaveLength(3);
    expect(await ids("--until", "1h")).toEqual([]);
    const { stdout, stderr } = await run(["list", "--queue", queue, "--limit", "2"]);
    expect(stdout.trimEnd().split("\n")).toHaveLength(3);
    expect(stdout).toMatch(
      /^ID +QUEUE +TYPE +STATE +ATTEMPT +AGE +REMARK\n\w+ +queue-\d+ +b +PENDING +0\/5 +\ds +no worker is on the queue "queue-\d+"/,
    );
    expect(stderr).toContain("the newest 2");
  });

  test("prints one JSON object a line, without what a listing does not hold", async () => {
    const queue = freshQueue();
    await enqueueMany(server(), 2, { queue });
    const tasks = jsonLines(await run(["list", "--queue", queue, "--json"]));
    expect(tasks).toHaveLength(2);
    expect(tasks[0]).toMatchObject({ queue, state: "TASK_STATE_PENDING", attempt: 0 });
    for (const field of ["payload", "result", "headers", "attempts"]) expect(tasks[0]).not.toHaveProperty(field);
    expect(await run(["list", "--queue", freshQueue(), "--json"])).toMatchObject({
      exitCode: 0,
      stdout: "",
      stderr: "",
    });
  });

  test.each([
    [["--state", "lost"], "one of: blocked, scheduled, pending"],
    [["--limit", "0"], "whole number"],
    [["--since", "yesterday"], "a duration ago"],
    [["--queue", "no good"], "filter.queue"],
  ])("refuses %j as wrong usage", async (args, complaint) => {
    expect(await run(["list", ...args])).toMatchObject({ exitCode: 2, stderr: expect.stringContaining(complaint) });
  });
});

describe("cancel, retry and delete", () => {
  test("cancel calls off what it can, and says what it could not", async () => {
    const queue = freshQueue();
    const [done, first, second] = await enqueueMany(server(), 3, { queue });
    await finish(queue, {});
    const outcome = await run(["cancel", "-", second?.id ?? "", "--reason", "flood"], {
      stdin: `${first?.id}  the rest of the line\n\n${done?.id}\n`,
    });
    expect(outcome.exitCode).toBe(4);
    expect(outcome.stdout).toBe(`${first?.id} CANCELLED\n${second?.id} CANCELLED\n`);
    expect(outcome.stderr).toContain(`${done?.id}: `);
    expect(outcome.stderr).toContain("1 of 3 tasks not cancelled");
    const cancelled = await read(server(), { id: second?.id ?? "" });
    expect(cancelled.lastError?.message).toBe("flood");
    expect(jsonLines(await run(["cancel", second?.id ?? "", "--json"]))).toMatchObject([
      { state: "TASK_STATE_CANCELLED" },
    ]);
  });

  test("retry puts tasks back by id", async () => {
    const queue = freshQueue();
    const [failed, waiting] = await enqueueMany(server(), 2, { queue });
    await finish(queue, { error: "jam" });
    expect(await run(["retry", failed?.id ?? ""])).toMatchObject({ exitCode: 0, stdout: `${failed?.id} PENDING\n` });
    expect(await run(["retry", waiting?.id ?? ""])).toMatchObject({ exitCode: 4, stdout: "" });
    expect(await run(["retry", "nobody"])).toMatchObject({ exitCode: 3 });
    expect(await run(["retry", "nobody", "--queue", queue])).toMatchObject({ exitCode: 2 });
    expect(await run(["retry"])).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("or a filter") });
    expect(await run(["retry", "-"], { stdin: "" })).toMatchObject({ exitCode: 0, stdout: "" });
  });

  test.each(["a filter", "a list of ids"])("retry puts back by %s in the order of creation", async (way) => {
    const queue = freshQueue();
    const tasks = await enqueueMany(server(), 6, { queue });
    await finish(queue, { error: "jam" }, 6);
    if (way === "a filter") await run(["retry", "--queue", queue, "--yes"]);
    else await run(["retry", "-"], { stdin: (await run(["list", "--queue", queue, "--ids"])).stdout });
    const { tasks: claimed } = await server().worker.claimTasks({ workerId: queue, queues: [queue], maxTasks: 6 });
    expect(claimed.map(({ id }) => id)).toEqual(tasks.map(({ id }) => id));
  });

  test("retry says before and after what it leaves as it is, and why", async () => {
    const queue = freshQueue();
    for (const deduplicationKey of ["k", "k", "l"]) {
      await enqueueMany(server(), 1, { queue, deduplicationKey });
      await finish(queue, { error: "jam" });
    }
    const filter = ["retry", "--queue", queue];
    const left = "left as they are: 1 task: an unfinished task has the same deduplication key\n";
    expect((await run([...filter, "--dry-run"])).stdout).toMatch(new RegExp(`would retry 2 FAILED[^]*${left}$`));
    expect(jsonLines(await run([...filter, "--dry-run", "--json"]))).toMatchObject([
      { taskCount: 2, skipped: [{ reason: "DUPLICATE_TASK", taskCount: 1 }] },
    ]);
    expect((await run([...filter, "--yes"])).stdout).toMatch(new RegExp(`^retried 2 tasks\n[^]*${left}$`));
  });

  test("retry by filter counts, asks, and only then changes something", async () => {
    const queue = freshQueue();
    await enqueueMany(server(), 3, { queue, type: "a" });
    await finish(queue, { error: "jam" }, 3);
    const filter = ["retry", "--queue", queue, "--type", "a"];
    const failed = async () => Number((await server().queue.getQueue({ name: queue })).queue?.statistics?.failed);

    const dry = await run([...filter, "--dry-run"]);
    expect(dry).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining(`would retry 3 FAILED tasks of queue ${queue}`),
    });
    expect(jsonLines(await run([...filter, "--dry-run", "--json"]))).toMatchObject([{ taskCount: 3, dryRun: true }]);
    const unasked = await run(filter);
    expect(unasked).toMatchObject({ exitCode: 2, stdout: "", stderr: expect.stringContaining("--yes") });
    const declined = await run(filter, { isTTY: true, stdin: "n\n" });
    expect(declined).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("3 FAILED tasks") });
    expect(await run(filter, { isTTY: true, stdin: "" })).toMatchObject({ exitCode: 1 });
    expect(await failed()).toBe(3);

    expect(await run(filter, { isTTY: true, stdin: "y\n" })).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining("retried 3 tasks"),
    });
    expect(await failed()).toBe(0);
    expect(await run(filter)).toMatchObject({ exitCode: 0, stdout: expect.stringContaining("nothing to retry") });

    await finish(queue, { error: "jam" }, 3);
    expect(jsonLines(await run([...filter, "--yes", "--json"]))).toMatchObject([{ taskCount: 3, dryRun: false }]);
    expect(await failed()).toBe(0);
  });

  test("delete forgets what does not run", async () => {
    const queue = freshQueue();
    const [running, waiting] = await enqueueMany(server(), 2, { queue });
    await server().worker.claimTasks({ workerId: "w", queues: [queue] });
    const outcome = await run(["delete", running?.id ?? "", waiting?.id ?? ""]);
    expect(outcome).toMatchObject({ exitCode: 4, stdout: `${waiting?.id} deleted\n` });
    expect(outcome.stderr).toContain("Cancel it first");
    expect((await run(["get", waiting?.id ?? ""])).exitCode).toBe(3);
  });
});

test("watch shows changes until it is interrupted", async () => {
  const queue = freshQueue();
  const command = startSitq(["watch", "--queue", queue, "--address", server().address]);
  await command.says("Watching");
  const { id } = await enqueue(server(), { queue, correlationId: "c-9" });
  await command.says("c-9");
  await finish(queue, {});
  await command.says("COMPLETED");
  command.interrupt();
  const { exitCode, stdout } = await command.ended;
  expect(exitCode).toBe(0);
  expect(
    stdout
      .trim()
      .split("\n")
      .map((line) => line.split(/ +/).slice(1, 3)),
  ).toEqual([
    [id, "PENDING"],
    [id, "RUNNING"],
    [id, "COMPLETED"],
  ]);

  const forScripts = startSitq(["watch", "--queue", queue, "--json", "--address", server().address]);
  // With --json nothing is said at the beginning: enqueue until a change arrives.
  const arrived = forScripts.says("TASK_STATE_PENDING");
  let isThere = false;
  void arrived.then(() => {
    isThere = true;
  });
  while (!isThere) await enqueue(server(), { queue });
  forScripts.interrupt();
  const [change] = jsonLines(await forScripts.ended);
  expect(change).toMatchObject({ queue, type: "ship", state: "TASK_STATE_PENDING", attempt: 0, workerId: "" });
  expect(Date.parse(String(change?.changeTime))).not.toBeNaN();
});
