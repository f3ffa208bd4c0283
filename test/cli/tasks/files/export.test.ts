import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { create } from "@bufbuild/protobuf";
import { anyPack, StringValueSchema, timestampFromMs } from "@bufbuild/protobuf/wkt";
import { expect, it, test } from "vitest";
import { openPrincipal } from "../../../../src/domain/access/principal.ts";
import { enqueue, enqueueMany, json, present, read } from "../../../harness/calls/tasks.ts";
import { writeDamagedFile } from "../../../harness/disk/damaged-file.ts";
import { mountSmallDisk } from "../../../harness/disk/small-disk.ts";
import { startServer, type TestServer } from "../../../harness/server.ts";
import { environment } from "../../../harness/server-process.ts";
import { freshQueue, shareServer } from "../../../harness/shared-server.ts";
import { createTempDir } from "../../../harness/temp-dir.ts";
import { jsonLines, sitq, startSitq } from "../../cli-harness.ts";

const shared = shareServer();

function run(args: readonly string[], { address }: TestServer = shared(), stdin = "") {
  return sitq([...args, "--address", address], { stdin });
}

async function linesOf(path: string): Promise<Record<string, unknown>[]> {
  return jsonLines({ stdout: await readFile(path, "utf8"), stderr: "", exitCode: 0, bytes: Buffer.alloc(0) });
}

/** A queue with a failed task that has a payload, an error and two attempts. */
async function failTask(): Promise<{ readonly queue: string; readonly id: string }> {
  const queue = freshQueue();
  const { id } = await enqueue(shared(), {
    queue,
    payload: json({ to: "ada" }),
    headers: { tenant: "acme" },
    maxAttempts: 2,
    retryPolicy: { initialBackoff: { seconds: 0n, nanos: 0 } },
  });
  for (const attempt of [1, 2]) {
    await shared().worker.claimTasks({ workerId: "w", queues: [queue], wait: { seconds: 5n } });
    const error = { type: "SmtpError", message: `no, "${attempt}"\nreally` };
    await shared().worker.failTask({ workerId: "w", taskId: id, attempt, error });
  }
  return { queue, id };
}

test("writes whole tasks, the oldest first, as JSON and as CSV", async () => {
  const { queue, id } = await failTask();
  await enqueue(shared(), { queue, payload: { kind: { case: "binary", value: new Uint8Array([0, 255]) } } });
  const outcome = await run(["export", "--queue", queue]);
  expect(outcome).toMatchObject({ exitCode: 0, stderr: "2 tasks exported\n" });
  const [failed, waiting] = jsonLines(outcome);
  expect(failed).toMatchObject({
    id,
    state: "TASK_STATE_FAILED",
    payload: { json: { to: "ada" } },
    headers: { tenant: "acme" },
    lastError: { type: "SmtpError", message: 'no, "2"\nreally' },
  });
  expect(failed).not.toHaveProperty("attempts");
  expect(waiting).toMatchObject({ payload: { binary: "AP8=" } });

  const [withAttempts] = jsonLines(await run(["export", "--queue", queue, "--attempts"]));
  expect(withAttempts).toMatchObject({ attempts: [{ error: { message: 'no, "1"\nreally' } }, { attempt: 2 }] });

  const { stdout } = await run(["export", "--queue", queue, "--state", "failed", "--format", "csv"]);
  const [titles, row] = stdout.split("\r\n");
  expect(titles).toMatch(/^id,queue,type,state,.*error_message,headers,payload,result,damaged_fields$/);
  expect(row).toMatch(new RegExp(`^${id},${queue},ship,FAILED,0,2,2,`));
  expect(row).toContain('SmtpError,"no, ""2""\nreally","{""tenant"":""acme""}","{""to"":""ada""}",,');
});

test("writes a file that only the owner can read, and replaces none without --force", async () => {
  await using dir = await createTempDir();
  const queue = freshQueue();
  await enqueueMany(shared(), 3, { queue });
  const out = dir.file("tasks.jsonl");
  const args = ["export", "--queue", queue, "--out", out];
  expect(await run(args)).toMatchObject({
    exitCode: 0,
    stdout: expect.stringMatching(/^3 tasks exported to .+, [\d.]+ KiB\n$/),
  });
  expect(await linesOf(out)).toHaveLength(3);
  expect(await run(args)).toMatchObject({ exitCode: 4, stderr: expect.stringContaining("--force") });
  expect(jsonLines(await run([...args, "--force", "--state", "running", "--json"]))).toEqual([
    { file: out, taskCount: 0, sizeBytes: 0, damagedCount: 0 },
  ]);
  expect(await linesOf(out)).toEqual([]);
  expect(await readdir(dir.path)).toEqual(["tasks.jsonl"]);
  expect(await run(["export", "--queue", freshQueue()])).toMatchObject({
    stdout: "",
    stderr: expect.stringContaining("There is no queue"),
  });
});

test("10,000 tasks with hostile texts go out and come in again as they were, once", async () => {
  await using dir = await createTempDir();
  const [from, into] = [freshQueue(), freshQueue()];
  const hostile = "\u001b[2J\u009b\u0000\u007f\r\n\u2028\u2029\u202e\u{1f4a3} \"',;=cmd|' /C calc'!A1";
  const payload = json({ [hostile]: [hostile, 1e21, 2 ** 60, -0.5, null, {}] });
  await enqueueMany(shared(), 10_000, { queue: from, type: "send", payload, headers: { note: hostile }, priority: -3 });
  const out = dir.file("tasks.jsonl");
  expect((await run(["export", "--queue", from, "--out", out])).stdout).toMatch(/^10,000 tasks exported/);
  expect((await readFile(out, "utf8")).split("\n")).toHaveLength(10_001);
  const args = ["import", out, "--queue", into];
  expect(await run(args)).toMatchObject({ exitCode: 0, stdout: `10,000 tasks enqueued into ${into}\n` });
  expect((await run(args)).stdout).toBe(`0 tasks enqueued into ${into}; 10,000 were there already\n`);
  const { queue } = await shared().queue.getQueue({ name: into });
  expect(queue?.statistics?.pending).toBe(10_000n);
  const ids = (await run(["list", "--queue", into, "--oldest", "--ids", "-n", "1"])).stdout.trim();
  const sent = present((await shared().queue.listTasks({ filter: { queue: from }, pageSize: 1, view: 2 })).tasks[0]);
  expect(await read(shared(), { id: ids })).toMatchObject({
    type: "send",
    payload: sent.payload,
    headers: { note: hostile },
    priority: -3,
  });
});

test("refuses those from whom payloads are hidden, and warns of damaged ones", async () => {
  const grant = { payloads: false, queue: ["mail.*"], event_type: [], service: [] };
  const principal = { ...openPrincipal, name: "ann", grants: [{ ...grant, role: "viewer" as const }] };
  await using server = await startServer({ authenticator: { principalOf: () => principal } });
  const denied = { exitCode: 8, stdout: "", stderr: expect.stringContaining("hidden from you") };
  expect(await run(["export"], server)).toMatchObject(denied);
  expect(await run(["export", "--queue", "mail.out"], server)).toMatchObject(denied);
  principal.grants = [{ ...grant, role: "viewer", payloads: true }];
  expect(await run(["export"], server)).toMatchObject({ exitCode: 0 });

  await using dir = await createTempDir();
  await writeDamagedFile(dir.file("sitq.db"));
  await using damaged = await startServer({ dbPath: dir.file("sitq.db"), mayLogErrors: true });
  const outcome = await run(["export", "--queue", "later"], damaged);
  expect(jsonLines(outcome)).toMatchObject([{ damagedFields: expect.arrayContaining(["payload"]) }]);
  expect(outcome.stderr).toContain("warning: 1 task with content that is damaged");
  expect(await run(["import"], shared(), outcome.stdout)).toMatchObject({
    exitCode: 2,
    stderr: expect.stringMatching(/line 1: the payload of task \S+ is damaged/),
  });
});

test("leaves no file behind when it is interrupted, or the disk is full", async (context) => {
  await using dir = await createTempDir();
  const running = startSitq(["export", "--out", dir.file("x.jsonl"), "--address", shared().address]);
  running.interrupt();
  expect(await running.ended).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("interrupted") });
  expect(await readdir(dir.path)).toEqual([]);

  await using disk = await mountSmallDisk(context, 1);
  const queue = freshQueue();
  await enqueueMany(shared(), 4, { queue, payload: { kind: { case: "binary", value: new Uint8Array(900_000) } } });
  expect(await run(["export", "--queue", queue, "--out", disk.file("x.jsonl")])).toMatchObject({
    exitCode: 1,
    stderr: expect.stringMatching(/cannot write .+x\.jsonl: no space left on device/),
  });
  expect(await readdir(disk.path)).toEqual([]);
});

/** Starts the command as its own process. */
function startProcess(args: readonly string[], stdout: "pipe" | number) {
  const env = { ...environment(), SITQ_ADDRESS: shared().address };
  return spawn(resolve("bin/sitq"), args, { env, stdio: ["ignore", stdout, "pipe"] });
}

it("ends quietly when nobody reads on, and says so when standard output has no room", async () => {
  const queue = freshQueue();
  await enqueueMany(shared(), 1_000, { queue, payload: { kind: { case: "binary", value: new Uint8Array(1_000) } } });
  const unread = startProcess(["export", "--queue", queue], "pipe");
  present(unread.stdout).once("data", () => unread.stdout?.destroy());
  expect(await once(unread, "close")).toEqual([0, null]);

  const full = openSync("/dev/full", "w");
  const stuck = startProcess(["export", "--queue", queue], full);
  closeSync(full);
  let said = "";
  present(stuck.stderr)
    .setEncoding("utf8")
    .on("data", (text: string) => {
      said += text;
    });
  expect(await once(stuck, "close")).toEqual([1, null]);
  expect(said).toContain("cannot write to standard output: no space left on device");
});

test("imports messages of some type, times that are ahead, and tasks written by hand", async () => {
  const [from, into] = [freshQueue(), freshQueue()];
  const aheadMs = Math.floor(Date.now() / 1_000) * 1_000 + 3_600_000;
  const message = anyPack(StringValueSchema, create(StringValueSchema, { value: "hi" }));
  await enqueue(shared(), {
    queue: from,
    payload: { kind: { case: "message", value: message } },
    scheduleTime: timestampFromMs(aheadMs),
    attemptTimeout: { seconds: 90n },
    correlationId: "req-7",
  });
  await using dir = await createTempDir();
  await run(["export", "--queue", from, "--out", dir.file("x")]);
  const byHand = JSON.stringify({ queue: into, type: "send" });
  await writeFile(dir.file("y"), `${await readFile(dir.file("x"), "utf8")}\n${byHand}`);
  expect(await run(["import", dir.file("y"), "--queue", into])).toMatchObject({ exitCode: 0 });
  const [imported, other] = jsonLines(await run(["export", "--queue", into]));
  expect(imported).toMatchObject({
    scheduleTime: new Date(aheadMs).toISOString().replace(".000", ""),
    attemptTimeout: "90s",
    correlationId: "req-7",
    payload: { message: { "@type": message.typeUrl, value: Buffer.from(message.value).toString("base64") } },
  });
  expect(other).toMatchObject({ type: "send" });
  expect(other).not.toHaveProperty("payload");
});

test.each([
  ["x", "not JSON"],
  ["[]", "not an object"],
  ['{"queue": 7}', "not a task as sitq export writes it"],
  ['{"type": "send"}', "queue"],
  ['{"queue": "q", "type": "t", "payload": {"binary": 7}}', "base64"],
  ['{"queue": "q", "type": "t", "origin": {"subscription": "billing"}}', "delivers an event"],
  ['{"queue": "q", "type": "t", "origin": {"workflowId": "w", "stepId": "s"}}', "a step of a workflow"],
])("refuses to import %s", async (line, complaint) => {
  expect(await run(["import"], shared(), `${line}\n`)).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining(complaint),
  });
});
