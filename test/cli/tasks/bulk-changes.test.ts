import { describe, expect, test } from "vitest";
import { enqueue, enqueueMany } from "../../harness/calls/tasks.ts";
import { freshQueue, shareServer } from "../../harness/shared-server.ts";
import { jsonLines, type ShellOptions, sitq } from "../cli-harness.ts";

const server = shareServer();

/** Runs a command against the server. */
function run(args: readonly string[], options?: ShellOptions) {
  return sitq([...args, "--address", server().address], options);
}

/** A queue with two tasks that failed with SmtpError, one with another error, and one that waits; the ids, oldest first. */
async function withFailures(queue = freshQueue()) {
  const workerId = `w-${queue}`;
  const tasks = await enqueueMany(server(), 3, { queue, type: "send", sourceService: "shop", priority: 3 });
  const { tasks: taken } = await server().worker.claimTasks({ workerId, queues: [queue], maxTasks: 3 });
  for (const [index, { id: taskId, attempt }] of taken.entries()) {
    const error = index < 2 ? { type: "SmtpError", message: "421 Greylisted" } : { type: "it's odd", message: "no" };
    await server().worker.failTask({ workerId, taskId, attempt, terminal: true, error });
  }
  const waiting = await enqueue(server(), { queue, type: "send" });
  return { queue, workerId, ids: [...tasks, waiting].map(({ id }) => id) };
}

test("list finds by error, worker, source, attempt, priority and age, and the oldest first", async () => {
  const { queue, workerId, ids } = await withFailures();
  const listed = async (...filter: string[]) => {
    const { exitCode, stdout, stderr } = await run(["list", "--queue", queue, "--ids", ...filter]);
    expect({ exitCode, stderr: filter.length > 0 ? "" : stderr }).toEqual({ exitCode: 0, stderr: "" });
    return stdout.trim().split("\n");
  };
  expect(await listed("--error", "SmtpError")).toEqual([ids[1], ids[0]]);
  expect(await listed("--error-text", "GREY", "--oldest")).toEqual([ids[0], ids[1]]);
  expect(await listed("--worker", workerId, "--attempt", "1..")).toEqual([ids[2], ids[1], ids[0]]);
  expect(await listed("--attempt", "0")).toEqual([ids[3]]);
  expect(await listed("--source", "shop", "--priority", "-5..5", "--limit", "3")).toEqual([ids[2], ids[1], ids[0]]);
  expect(await listed("--oldest", "--state-age", "0s", "--all")).toEqual(ids);
  expect((await run(["list", "--queue", queue, "--running-for", "1ms"])).stderr).toContain("No matching tasks.");
  expect(await run(["list", "--queue", queue, "--oldest", "--limit", "2"])).toMatchObject({
    stderr: expect.stringContaining("Showing the oldest 2"),
  });
});

test.each([
  [["list", "--running-for", "10m", "--state", "failed"], "--running-for stands for"],
  [["list", "--running-for", "10m", "--state-age", "5m"], "--running-for stands for"],
  [["list", "--attempt", "x"], "a whole number or a range"],
  [["watch", "--state-age", "5m"], "unknown option"],
  [["cancel"], "give task ids or a filter"],
  [["delete", "1", "--queue", "q"], "not both"],
  [["cancel", "1", "--dry-run"], "--dry-run is for a filter"],
  [["cancel", "--state", "failed", "--yes"], "cannot be cancelled"],
])("%j is refused", async (args, complaint) => {
  expect(await run(args)).toMatchObject({ exitCode: 2, stdout: "", stderr: expect.stringContaining(complaint) });
});

describe("a bulk change", () => {
  test("shows how many there are of each kind of error before it asks", async () => {
    const { queue, ids } = await withFailures();
    const kinds = "\n  2  SmtpError\n  1  it's odd";
    const dry = await run(["retry", "--queue", queue, "--dry-run"]);
    expect(dry.stdout).toBe(
      `would retry 3 FAILED tasks of queue ${queue}${kinds}\nfor example ${ids.slice(0, 3).join(" ")}\n`,
    );
    const asked = await run(["retry", "--queue", queue], { isTTY: true, stdin: "n\n" });
    expect(asked.exitCode).toBe(1);
    expect(asked.stderr).toContain(
      `3 FAILED tasks of queue ${queue}:${kinds}\nRetry 3 FAILED tasks of queue ${queue}? [y/N]`,
    );
    expect(jsonLines(await run(["retry", "--queue", queue, "--dry-run", "--json"]))).toMatchObject([
      {
        errorTypes: [
          { errorType: "SmtpError", taskCount: 2 },
          { errorType: "it's odd", taskCount: 1 },
        ],
      },
    ]);
    const one = await run(["retry", "--queue", queue, "--error", "SmtpError", "--yes"]);
    expect(one.stdout).toContain("retried 2 tasks");
    expect((await run(["list", "--queue", queue, "--state", "failed", "--ids"])).stdout).toBe(`${ids[2]}\n`);
  });

  test("cancels by filter, with a reason", async () => {
    const { queue, ids } = await withFailures();
    const cancel = ["cancel", "--queue", queue, "--reason", "sold out"];
    expect((await run([...cancel, "--dry-run"])).stdout).toContain(`would cancel 1 unfinished task of queue ${queue}`);
    expect((await run([...cancel, "--yes"])).stdout).toBe(`cancelled 1 task\nfor example ${ids[3]}\n`);
    expect((await run([...cancel, "--yes"])).stdout).toContain("nothing to cancel: 0 unfinished tasks");
    expect(jsonLines(await run(["get", ids[3] ?? "", "--json"]))).toMatchObject([
      { lastError: { message: "sold out" } },
    ]);
  });

  test("deletes and purges by filter", async () => {
    const { queue, ids } = await withFailures();
    const outcome = await run(["delete", "--queue", queue, "--error-text", "greylisted", "--yes"]);
    expect(outcome.stdout).toBe(`deleted 2 tasks\nfor example ${ids[1]} ${ids[0]}\n`);
    const purge = ["purge", queue, "--error", "it's odd"];
    expect((await run([...purge, "--dry-run"])).stdout).toContain(
      `would delete 1 task of queue ${queue}, with error it's odd\n  1  it's odd`,
    );
    expect((await run([...purge, "--yes"])).stdout).toContain("deleted 1 task");
    expect((await run(["list", "--queue", queue, "--ids"])).stdout).toBe(`${ids[3]}\n`);
  });
});

describe("failures", () => {
  test("shows the kinds, largest first, with an example and the commands to type next", async () => {
    const { queue, ids } = await withFailures();
    const { exitCode, stdout, stderr } = await run(["failures", queue]);
    expect(exitCode).toBe(0);
    const lines = stdout.trim().split("\n");
    expect(lines[0]).toMatch(/^QUEUE +TYPE +ERROR +TASKS +FIRST +LAST +EXAMPLE +MESSAGE$/);
    expect(lines[1]).toMatch(
      new RegExp(`^${queue} +send +SmtpError +2 +\\d+s ago +\\d+s ago +${ids[1]} +421 Greylisted$`),
    );
    expect(lines[2]).toMatch(/ it's odd +1 /);
    expect(stderr).toContain(`sitq get ${ids[1]}\n`);
    expect(stderr).toContain(`sitq retry --queue ${queue} --type send --error SmtpError\n`);
  });

  test("are for scripts too, and can be limited, and be none", async () => {
    const { queue } = await withFailures();
    expect(jsonLines(await run(["failures", queue, "--json"]))).toMatchObject([
      { queue, taskType: "send", errorType: "SmtpError", taskCount: 2, sampleMessage: "421 Greylisted" },
      { errorType: "it's odd", taskCount: 1 },
    ]);
    const limited = await run(["failures", queue, "--limit", "1"]);
    expect(limited.stdout.trim().split("\n")).toHaveLength(2);
    expect(limited.stderr).toContain("Showing the 1 largest");
    const odd = await run(["failures", queue, "--type", "other"]);
    expect(odd).toMatchObject({ exitCode: 0, stdout: "", stderr: "No failed tasks.\n" });
    await run(["delete", "--queue", queue, "--error", "SmtpError", "--yes"]);
    expect((await run(["failures", queue])).stderr).toContain(`--error 'it'\\''s odd'`);
  });
});
