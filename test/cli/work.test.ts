import { spawnSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { fromPayload, Role, TaskState } from "../../src/client/index.ts";
import { startSecured } from "../access/secured-server.ts";
import { publish, report, subscribe } from "../harness/calls/events.ts";
import { enqueue, json, present, read, type TaskInit } from "../harness/calls/tasks.ts";
import { freshQueue, shareServer } from "../harness/shared-server.ts";
import { createTempDir } from "../harness/temp-dir.ts";
import { jsonLines, type RunningCommand, type ShellOptions, sitq, startSitq } from "./cli-harness.ts";

const server = shareServer();

/** Starts `sitq work` and waits until it is welcome. */
async function startWork(queue: string, args: readonly string[], options?: ShellOptions): Promise<RunningCommand> {
  const command = startSitq(["work", queue, ...args, "--address", server().address], options);
  await command.says("Ctrl-C to stop");
  return command;
}

/** Runs one task through a program, and answers it as it is then. */
async function runOnce(exec: string, task: TaskInit = {}, args: readonly string[] = []) {
  const queue = freshQueue();
  const command = await startWork(queue, ["--exec", exec, ...args]);
  const { id } = await enqueue(server(), { queue, maxAttempts: 1, ...task });
  await command.says(`${id}  `);
  command.interrupt();
  const outcome = await command.ended;
  expect(outcome.exitCode).toBe(0);
  return { task: await read(server(), { id }), outcome };
}

test("a program is told which event its task delivers", async () => {
  const queue = freshQueue();
  await subscribe(server(), { name: queue, filter: { types: [queue] } });
  const command = await startWork(queue, [
    "--exec",
    'echo "$SITQ_EVENT_ID of $SITQ_EVENT_SOURCE: $SITQ_EVENT_SUBJECT"',
  ]);
  await publish(server(), { id: `${queue}-e`, type: queue, subject: "order 7" });
  const [delivery] = (await report(server(), `${queue}-e`)).deliveries;
  await command.says(`${delivery?.taskId}  `);
  command.interrupt();
  await command.ended;
  const { deliveries } = await report(server(), `${queue}-e`);
  expect(deliveries.map(({ result }) => fromPayload(result))).toEqual([`${queue}-e of shop: order 7`]);
});

test("--task works one chosen task and ends as that did", async () => {
  const queue = freshQueue();
  const ids: string[] = [];
  for (let n = 0; n < 3; n++) ids.push((await enqueue(server(), { queue, maxAttempts: 1, payload: json(n) })).id);
  const work = (id: string, exec: string) =>
    sitq(["work", "--task", id, "--exec", exec, "--address", server().address]);
  expect((await work(ids[1] ?? "", "cat")).exitCode).toBe(0);
  expect(fromPayload((await read(server(), { id: ids[1] ?? "" })).result)).toBe(1);
  expect((await work(ids[2] ?? "", "exit 3")).exitCode).toBe(5);
  expect((await read(server(), { id: ids[2] ?? "" })).state).toBe(TaskState.FAILED);
  const again = await work(ids[1] ?? "", "cat");
  expect(again.exitCode).toBe(4);
  expect(again.stderr).toContain("it is COMPLETED");
  expect((await read(server(), { id: ids[0] ?? "" })).state).toBe(TaskState.PENDING);
  const address = ["--address", server().address];
  expect((await sitq(["work", "--exec", "cat", ...address])).exitCode).toBe(2);
  expect((await sitq(["work", queue, "--task", ids[0] ?? "", "--exec", "cat", ...address])).exitCode).toBe(2);
});

describe("a program's end decides", () => {
  test("0: standard output is the result, as JSON, text or bytes", async () => {
    const cases = [
      ["cat", { order: 7 }],
      ["echo hello there", "hello there"],
      ["printf '\\377\\000'", Uint8Array.of(255, 0)],
      ["true", undefined],
    ] as const;
    for (const [exec, result] of cases) {
      const { task } = await runOnce(exec, { payload: json({ order: 7 }) });
      expect(task.state, exec).toBe(TaskState.COMPLETED);
      const actual = fromPayload(task.result);
      expect(actual instanceof Uint8Array ? new Uint8Array(actual) : actual, exec).toEqual(result);
    }
  });

  test("another: it failed, because of what it said last", async () => {
    const { task, outcome } = await runOnce("echo begin >&2; printf 'disk \\033[31mfull\\n' >&2; exit 3");
    expect(task).toMatchObject({
      state: TaskState.FAILED,
      lastError: { type: "EXIT_3", message: "disk [31mfull", stackTrace: "begin\ndisk [31mfull" },
    });
    expect(outcome.stderr).toContain("begin\n");
    expect((await runOnce("exit 9")).task.lastError?.message).toContain("exit code 9");
    expect((await runOnce("kill -9 $$")).task.lastError?.type).toBe("SIGKILL");
    expect((await runOnce("no-such-program-here")).task.lastError?.type).toBe("EXIT_127");
  });

  test("65: it failed for good", async () => {
    const { task } = await runOnce("echo no such customer >&2; exit 65", { maxAttempts: 5 });
    expect(task).toMatchObject({ state: TaskState.FAILED, attempt: 1, lastError: { type: "EXIT_65" } });
  });

  test("75: again after a while", async () => {
    const { task } = await runOnce("exit 75", { maxAttempts: 5 }, ["--retry-delay", "2h"]);
    expect(task).toMatchObject({ state: TaskState.SCHEDULED, attempt: 1, lastError: { type: "EXIT_75" } });
    const dueMs = Number(task.scheduleTime?.seconds) * 1_000 - Date.now();
    expect(dueMs).toBeGreaterThan(7_000_000);
  });

  test("what runs too long is stopped, and what writes too much too", async () => {
    const late = await runOnce("sleep 60", {}, ["--timeout", "100ms"]);
    expect(late.task.lastError).toMatchObject({ type: "PROGRAM_TIMEOUT", message: expect.stringContaining("100ms") });
    const loud = await runOnce("yes", { maxAttempts: 5 });
    expect(loud.task).toMatchObject({ state: TaskState.FAILED, attempt: 1, lastError: { type: "RESULT_TOO_LARGE" } });
  });
});

test("a program that the same Ctrl-C ends has not failed: its task is given back, and no attempt counts", async () => {
  await using dir = await createTempDir();
  const queue = freshQueue();
  const [went, ended] = [dir.file("go"), `while [ ! -e ${dir.file("go")} ]; do sleep 0.01; done; kill -INT $$`];
  const command = await startWork(queue, ["--exec", `echo begun >&2; ${ended}`]);
  const { id } = await enqueue(server(), { queue, maxAttempts: 1 });
  await command.says("begun");
  command.interrupt();
  await writeFile(went, "");
  const { exitCode, stdout } = await command.ended;
  expect(exitCode).toBe(0);
  expect(stdout).toContain("stopped in");
  expect(await read(server(), { id })).toMatchObject({ state: TaskState.PENDING, attempt: 0 });
});

test("a program that a signal ends without a Ctrl-C has failed", async () => {
  const { task } = await runOnce("kill -INT $$");
  expect(task).toMatchObject({ state: TaskState.FAILED, lastError: { type: "SIGINT" } });
});

test("a program knows its task, and need not read its input", async () => {
  const { task } = await runOnce("env | grep -E '^(SITQ|NODE)_' | sort; wc -c", {
    type: "order.ship",
    correlationId: "c-1",
    maxAttempts: 4,
    headers: { "x-tenant": "ac\0me", b: "1" },
    payload: { kind: { case: "binary", value: new Uint8Array(100_000) } },
  });
  const lines = String(fromPayload(task.result)).split("\n");
  expect(lines).toEqual([
    `SITQ_ADDRESS=${server().address}`,
    "SITQ_CORRELATION_ID=c-1",
    expect.stringMatching(/^SITQ_HEADERS=\{/),
    "SITQ_HEADER_B=1",
    "SITQ_HEADER_X_TENANT=acme",
    "SITQ_PAYLOAD_KIND=binary",
    "SITQ_TASK_ATTEMPT=1",
    `SITQ_TASK_ID=${task.id}`,
    "SITQ_TASK_MAX_ATTEMPTS=4",
    `SITQ_TASK_QUEUE=${task.queue}`,
    "SITQ_TASK_TYPE=order.ship",
    "100000",
  ]);
  expect(JSON.parse(lines[2]?.slice("SITQ_HEADERS=".length) ?? "")).toEqual({ "x-tenant": "ac\0me", b: "1" });
  const careless = await runOnce("true", { payload: { kind: { case: "binary", value: new Uint8Array(900_000) } } });
  expect(careless.task.state).toBe(TaskState.COMPLETED);
});

test("a program is part of the trace of its task, and of no other", async () => {
  const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  const printed = async (headers: Readonly<Record<string, string>>) => {
    const { task } = await runOnce("env | grep ^TRACE | sort", { headers });
    return fromPayload(task.result);
  };
  expect(await printed({ traceparent, tracestate: "x=1" })).toBe(`TRACEPARENT=${traceparent}\nTRACESTATE=x=1`);
  expect(await printed({})).toBeUndefined();
});

test("a cancelled task's program is ended with all that it started", async () => {
  const queue = freshQueue();
  const inner = `trap "" TERM; echo inner $$ >&2; sleep 60 & wait; sleep 60`;
  const exec = `sh -c '${inner}' & echo outer $$ >&2; wait`;
  const command = startSitq(["work", queue, "--exec", exec, "--json", "--address", server().address]);
  const { id } = await enqueue(server(), { queue });
  await command.says("inner");
  await command.says("outer");
  await server().queue.cancelTask({ taskId: id, reason: "changed my mind" });
  await command.says("stopped");
  command.interrupt();
  const outcome = await command.ended;
  expect(outcome.exitCode).toBe(0);
  expect(jsonLines(outcome)).toMatchObject([{ taskId: id, outcome: "stopped", reason: "changed my mind" }]);
  const pids = [...outcome.stderr.matchAll(/(?:inner|outer) (\d+)/g)].map(([, pid]) => Number(pid));
  expect(pids).toHaveLength(2);
  for (const pid of pids) expect(isAlive(pid)).toBe(false);
  expect(await read(server(), { id })).toMatchObject({ state: TaskState.CANCELLED });
});

describe("Ctrl-C", () => {
  test("lets what runs end, and takes no more tasks", async () => {
    await using dir = await createTempDir();
    const queue = freshQueue();
    const exec = `echo begun >&2; while [ ! -e ${dir.file("go")} ]; do sleep 0.02; done; echo late`;
    const command = await startWork(queue, ["--exec", exec]);
    const first = await enqueue(server(), { queue });
    await command.says("begun");
    command.interrupt();
    await command.says("Draining");
    const second = await enqueue(server(), { queue });
    await writeFile(dir.file("go"), "");
    const { exitCode, stdout } = await command.ended;
    expect(exitCode).toBe(0);
    expect(stdout).toContain("completed");
    expect((await read(server(), first)).state).toBe(TaskState.COMPLETED);
    expect((await read(server(), second)).state).toBe(TaskState.PENDING);
  });

  test("a second time stops what runs and gives it back, which burns no attempt", async () => {
    const queue = freshQueue();
    const command = await startWork(queue, ["--exec", "trap '' TERM; echo pid $$ >&2; sleep 60 & wait; sleep 60"]);
    const { id } = await enqueue(server(), { queue });
    await command.says("pid ");
    command.interrupt();
    await command.says("Draining");
    command.interrupt();
    const { exitCode, stderr } = await command.ended;
    expect(exitCode).toBe(0);
    expect(await read(server(), { id })).toMatchObject({ state: TaskState.PENDING, attempt: 0 });
    expect(isAlive(Number(/pid (\d+)/.exec(stderr)?.[1]))).toBe(false);
  });

  test("ends a worker that has not reached its server", async () => {
    const command = startSitq(["work", "q", "--exec", "true", "--address", "127.0.0.1:1"]);
    await command.says("trying again");
    command.interrupt();
    expect(await command.ended).toMatchObject({ exitCode: 0 });
  });
});

test("runs as many at a time as it is to, and is seen with what it said of itself", async () => {
  await using dir = await createTempDir();
  const queue = freshQueue();
  const exec = `echo begun $SITQ_TASK_ID >&2; while [ ! -e ${dir.file("go")} ]; do sleep 0.02; done`;
  const args = ["--exec", exec, "--capacity", "2", "--service", "print", "--worker-id", `w-${queue}`];
  const command = await startWork(queue, args);
  const tasks = [await enqueue(server(), { queue }), await enqueue(server(), { queue })];
  for (const { id } of tasks) await command.says(`begun ${id}`);
  const workers = (...more: string[]) => sitq(["workers", "--queue", queue, ...more, "--address", server().address]);
  expect((await workers()).stdout).toMatch(new RegExp(`^w-${queue} +print +${queue} +2/2 +CONNECTED `, "m"));
  expect(jsonLines(await workers("--json"))).toMatchObject([{ id: `w-${queue}`, capacity: 2, inFlight: 2 }]);
  const drained = await sitq(["drain", `w-${queue}`, "--grace", "1m", "--address", server().address]);
  expect(drained).toMatchObject({ exitCode: 0, stdout: `w-${queue} drains; it still has 2 tasks\n` });
  expect((await workers()).stdout).toContain("DRAINING");
  await writeFile(dir.file("go"), "");
  for (const { id } of tasks) await command.says(`${id}  `);
  command.interrupt();
  expect((await command.ended).exitCode).toBe(0);
});

test("works only the types that it is to", async () => {
  const queue = freshQueue();
  const command = await startWork(queue, ["--exec", "true", "--type", "a", "--type", "b", "--capacity", "3"]);
  const other = await enqueue(server(), { queue, type: "c" });
  const mine = [await enqueue(server(), { queue, type: "a" }), await enqueue(server(), { queue, type: "b" })];
  for (const { id } of mine) await command.says(`${id}  `);
  command.interrupt();
  expect((await command.ended).stdout).not.toContain(other.id);
  expect((await read(server(), other)).state).not.toBe(TaskState.COMPLETED);
});

test.each([
  [["work", "q"], "--exec"],
  [["work", "--exec", "true"], "queue"],
  [["work", "q", "--exec", "true", "--capacity", "0"], "whole number"],
  [["work", "no good", "--exec", "true"], "queues"],
])("refuses %j as wrong usage", async (args, complaint) => {
  const outcome = await sitq([...args, "--address", server().address]);
  expect(outcome).toMatchObject({ exitCode: 2, stderr: expect.stringContaining(complaint) });
});

/** Whether a process runs; one that has ended and was not waited for does not. */
function isAlive(pid: number): boolean {
  const { stdout } = spawnSync("ps", ["-o", "stat=", "-p", String(pid)], { encoding: "utf8" });
  return stdout.trim() !== "" && !stdout.trim().startsWith("Z");
}

test("the end of a program is not shown as stored while the server refuses the worker, nor at the end", async () => {
  await using dir = await createTempDir();
  await using secured = await startSecured();
  const { access, admin, server: own } = secured;
  const { token, secret } = await access.createToken(
    { principal: "mail", grants: [{ role: Role.WORKER, queues: ["mail"] }] },
    admin,
  );
  await writeFile(dir.file("token"), secret, { mode: 0o600 });
  await own.queue.enqueue({ task: { queue: "mail", type: "send" } }, admin);
  // Its first line is the signal that it runs; it ends when the test says so.
  const exec = `echo begun >&2; until [ -e ${dir.file("go")} ]; do sleep 0.05; done`;
  const command = startSitq([
    "work",
    "mail",
    "--exec",
    exec,
    "--address",
    own.address,
    "--token-file",
    dir.file("token"),
  ]);
  await command.says("begun");
  await access.revokeToken({ tokenId: present(token).tokenId }, admin);
  await command.says("refused, trying again");
  await writeFile(dir.file("go"), "");
  await command.says("not stored yet: there is no connection");
  command.interrupt();
  expect((await command.ended).stderr).toContain(
    "outcomes were not stored, the server did not confirm them: attempt 1 of",
  );
});
