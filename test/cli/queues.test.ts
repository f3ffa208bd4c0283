import { describe, expect, test } from "vitest";
import { openPrincipal } from "../../src/domain/access/principal.ts";
import { enqueueMany } from "../harness/calls/tasks.ts";
import { startServer } from "../harness/server.ts";
import { freshQueue, shareServer } from "../harness/shared-server.ts";
import { jsonLines, type ShellOptions, sitq } from "./cli-harness.ts";

const server = shareServer();

function run(args: readonly string[], options?: ShellOptions) {
  return sitq([...args, "--address", server().address], options);
}

test("health says whether the server serves", async () => {
  expect(await run(["health"])).toMatchObject({
    exitCode: 0,
    stdout: expect.stringMatching(/^sitq.v1.QueueService +SERVING$/m),
  });
  expect(jsonLines(await run(["health", "--json"]))).toMatchObject([
    { serving: true, services: { server: "SERVING", "sitq.v1.WorkerService": "SERVING" } },
  ]);
});

test("queues shows every queue, and which have no worker", async () => {
  const [alone, paused] = [freshQueue(), freshQueue()];
  await enqueueMany(server(), 3, { queue: alone });
  await enqueueMany(server(), 2, { queue: paused });
  await run(["pause", paused]);
  const { exitCode, stdout, stderr } = await run(["queues"]);
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/^QUEUE +WAITING +SCHEDULED +RUNNING +COMPLETED +FAILED +WORKERS +WAIT$/m);
  expect(stdout).toMatch(new RegExp(`^${alone} +3 +0 +0 +0 +0 +0 +\\ds +no worker$`, "m"));
  expect(stdout).toMatch(new RegExp(`^${paused} +2 +0 +0 +0 +0 +0 +\\ds +paused$`, "m"));
  expect(stderr).toContain(`Tasks wait in ${alone}, without a worker`);
  const shown = jsonLines(await run(["queues", "--json"])).find(({ name }) => name === alone);
  expect(shown).toMatchObject({ paused: false, statistics: { pending: 3, running: 0, workers: 0 } });
  expect((await run(["queues"], { colours: true })).stdout).toContain("\u001b[33mno worker");
});

test("queue shows one with its settings", async () => {
  const queue = freshQueue();
  await enqueueMany(server(), 1, { queue });
  const { exitCode, stdout, stderr } = await run(["queue", queue]);
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/^Waiting +1, the next one for \ds$/m);
  expect(stdout).toMatch(/^Retention of failed +30d$/m);
  expect(stderr).toContain(`sitq work ${queue}`);
  expect(await run(["queue", freshQueue()])).toMatchObject({
    exitCode: 3,
    stderr: expect.stringContaining("List them: sitq queues"),
  });
});

test("pause and resume", async () => {
  const queue = freshQueue();
  await enqueueMany(server(), 2, { queue });
  expect(await run(["pause", queue])).toMatchObject({ exitCode: 0, stdout: `${queue} is paused; 2 tasks waiting\n` });
  expect((await server().worker.claimTasks({ workerId: "w", queues: [queue] })).tasks).toEqual([]);
  expect(jsonLines(await run(["resume", queue, "--json"]))).toMatchObject([{ name: queue, paused: false }]);
  expect((await server().worker.claimTasks({ workerId: "w", queues: [queue] })).tasks).toHaveLength(1);
  expect(await run(["pause", freshQueue()])).toMatchObject({ exitCode: 3 });
});

test("queue shows who changed its settings, when, why and from what", async () => {
  const principal = { ...openPrincipal, name: "ann" };
  await using audited = await startServer({ authenticator: { principalOf: () => principal } });
  const ask = (...args: readonly string[]) => sitq([...args, "--address", audited.address]);
  await ask("set", "mail", "--create", "--max-running", "3", "--max-backoff", "1h");
  await ask("set", "mail", "--max-running", "5");
  await ask("pause", "mail", "--reason", "the bank\nis down");
  const { exitCode, stdout } = await ask("queue", "mail");
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/^SETTING +VALUE +CHANGED +BY +WAS +REASON$/m);
  expect(stdout).toMatch(/^Paused +yes +0s ago +ann +no +the bank is down$/m);
  expect(stdout).toMatch(/^Max running +5 +\ds ago +ann +3$/m);
  expect(stdout).toMatch(/^Strategy +least-loaded$/m);
  expect(stdout).toMatch(/^Initial backoff +1s +\ds ago +ann +initial_backoff 1s, max_backoff 10m, .+$/m);
  expect(jsonLines(await ask("resume", "mail", "--reason", "it is back", "--json"))).toMatchObject([
    { settingChanges: expect.arrayContaining([expect.objectContaining({ field: "paused", reason: "it is back" })]) },
  ]);
});

describe("set", () => {
  test("changes what is named, and nothing else", async () => {
    const queue = freshQueue();
    const set = async (...args: string[]) => {
      const outcome = await run(["set", queue, ...args, "--json"]);
      expect(outcome).toMatchObject({ exitCode: 0, stderr: "" });
      return jsonLines(outcome)[0];
    };
    expect(await run(["set", queue, "--max-depth", "5"])).toMatchObject({
      exitCode: 3,
      stderr: expect.stringContaining("--create"),
    });
    const args = `--create --max-depth 5 --max-running 2 --strategy round-robin --max-attempts 9 --attempt-timeout 1m
      --initial-backoff 2s --max-backoff 1h --multiplier 3 --jitter 0.5
      --retention-completed 7d --retention-failed 60d --retention-cancelled 0`;
    const settings = {
      maxDepth: 5,
      maxRunning: 2,
      strategy: "BALANCING_STRATEGY_ROUND_ROBIN",
      maxAttempts: 9,
      attemptTimeout: "60s",
      retryPolicy: { initialBackoff: "2s", maxBackoff: "3600s", multiplier: 3, jitter: 0.5 },
      retention: { completed: "604800s", failed: "5184000s", cancelled: "0s" },
    };
    expect(await set(...args.split(/\s+/))).toMatchObject(settings);
    expect(await set("--max-depth", "6")).toMatchObject({ ...settings, maxDepth: 6 });
    expect(await set("--jitter", "default", "--retention-failed", "1d")).toMatchObject({
      ...settings,
      maxDepth: 6,
      retryPolicy: { ...settings.retryPolicy, jitter: 0.2 },
      retention: { ...settings.retention, failed: "86400s" },
    });
    const kept = { completed: "0s", failed: "86400s", cancelled: "0s" };
    expect(await set("--retention-completed", "0", "--multiplier", "4")).toMatchObject({
      retryPolicy: { initialBackoff: "2s", maxBackoff: "3600s", multiplier: 4, jitter: 0.2 },
      retention: kept,
    });
    const defaults = await set(
      ...[
        "max-depth",
        "max-running",
        "strategy",
        "max-attempts",
        "attempt-timeout",
        "multiplier",
        "retention-failed",
      ].flatMap((name) => [`--${name}`, "default"]),
    );
    expect(defaults).toMatchObject({
      maxDepth: 0,
      maxRunning: 0,
      strategy: "BALANCING_STRATEGY_LEAST_LOADED",
      maxAttempts: 5,
      retryPolicy: { multiplier: 2, initialBackoff: "2s" },
      retention: { ...kept, failed: "2592000s" },
    });
    expect(defaults).not.toHaveProperty("attemptTimeout");
  });

  test("a queue that is full refuses the next task", async () => {
    const queue = freshQueue();
    await run(["set", queue, "--create", "--max-depth", "1"]);
    expect((await run(["enqueue", queue, "t"])).exitCode).toBe(0);
    const refused = await run(["enqueue", queue, "t"]);
    expect(refused).toMatchObject({ exitCode: 4, stderr: expect.stringContaining("QUEUE_FULL") });
    expect(refused.stderr).toContain("--max-depth");
  });

  test.each([
    [[], "no setting was given"],
    [["--strategy", "best"], "least-loaded, round-robin, random"],
    [["--max-depth", "none"], "whole number"],
    [["--jitter", "-1"], "a number"],
    [["--multiplier", "11"], "retry_policy.multiplier"],
  ])("refuses %j as wrong usage", async (args, complaint) => {
    const queue = freshQueue();
    await enqueueMany(server(), 1, { queue });
    expect(await run(["set", queue, ...args])).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining(complaint),
    });
  });
});

test("purge counts, asks, and only then deletes", async () => {
  const queue = freshQueue();
  await enqueueMany(server(), 3, { queue });
  const purge = ["purge", queue, "--state", "pending"];
  expect(await run([...purge, "--dry-run"])).toMatchObject({
    exitCode: 0,
    stdout: expect.stringMatching(new RegExp(`^would delete 3 PENDING tasks of queue ${queue}\nfor example `)),
  });
  expect(await run(purge)).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining("there is no terminal to confirm"),
  });
  expect(await run(purge, { isTTY: true, stdin: "\n" })).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining("[y/N]"),
  });
  expect(jsonLines(await run([...purge, "--dry-run", "--json"]))).toEqual([
    { taskCount: 3, sampleTaskIds: expect.any(Array), skipped: [], errorTypes: [], dryRun: true },
  ]);
  expect(await run(purge, { isTTY: true, stdin: "yes\n" })).toMatchObject({
    exitCode: 0,
    stdout: expect.stringMatching(/^deleted 3 tasks\nfor example /),
  });
  expect(jsonLines(await run(["purge", queue, "--yes", "--json"]))).toEqual([
    { taskCount: 0, sampleTaskIds: [], skipped: [], errorTypes: [], dryRun: false },
  ]);
  expect(await run(["purge", queue, "--state", "running", "--yes"])).toMatchObject({ exitCode: 2 });
  expect(await run(["purge", freshQueue(), "--yes"])).toMatchObject({ exitCode: 3 });
});
