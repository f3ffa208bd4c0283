import { writeFile } from "node:fs/promises";
import { describe, expect, it, onTestFinished } from "vitest";
import { connectWorker } from "../../harness/calls/scripted-worker.ts";
import { json, present } from "../../harness/calls/tasks.ts";
import { start, stepsIn, watchWorkflow } from "../../harness/calls/workflows.ts";
import { createFakeClock } from "../../harness/fake-clock.ts";
import { startServer } from "../../harness/server.ts";
import { freshQueue, shareServer } from "../../harness/shared-server.ts";
import { createTempDir } from "../../harness/temp-dir.ts";
import { jsonLines, type Outcome, type ShellOptions, sitq, startSitq } from "../cli-harness.ts";

const shared = shareServer();

/** Runs `sitq workflows …` against the server. */
function workflows(args: readonly string[], options?: ShellOptions): Promise<Outcome> {
  return sitq(["workflows", ...args, "--address", shared().address], options);
}

const lost = { case: "failed", value: { error: { message: "no money", type: "NoMoney" }, terminal: true } } as const;

/** A workflow whose third step failed, and whose first two have been undone but for the first. */
async function failedWorkflow(queue: string) {
  const worker = await connectWorker(shared(), { workerId: `${queue}-worker`, queues: [queue] });
  const steps = stepsIn(queue, { reserve: "", charge: "reserve", ship: "charge" }, { compensateWith: "undo" });
  const started = await start(shared(), { steps, correlationId: queue });
  for (const _ of [1, 2]) await worker.complete(...(await worker.take(1)));
  await worker.end(await worker.take(1), lost);
  await worker.complete(...(await worker.take(1)));
  await worker.end(await worker.take(1), lost);
  return started;
}

describe("sitq workflows", () => {
  it("lists them with what they stopped at", async () => {
    const queue = freshQueue();
    const failed = await failedWorkflow(queue);
    const pending = await start(shared(), { steps: stepsIn(freshQueue(), { a: "" }), correlationId: queue });
    const { stdout, exitCode } = await workflows(["--correlation-id", queue]);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(new RegExp(`^${pending.id}  place-order  PENDING`, "m"));
    expect(stdout).toMatch(
      new RegExp(`^${failed.id}  place-order  FAILED.*ship: NoMoney: no money; compensation failed$`, "m"),
    );

    const only = await workflows(["-c", queue, "--state", "failed,cancelled", "--ids"]);
    expect(only.stdout).toBe(`${failed.id}\n`);
    const [object] = jsonLines(await workflows(["-c", queue, "--state", "failed", "--json"]));
    expect(object).toMatchObject({ id: failed.id, state: "WORKFLOW_STATE_FAILED", failure: { stepId: "ship" } });
    expect(object).not.toHaveProperty("steps");
    expect((await workflows(["-c", "nobody"])).stderr).toContain("No matching workflows.");
    expect((await workflows(["--state", "lost"])).exitCode).toBe(2);
  });

  it("stores one with --pending, and lets it begin with execute", async () => {
    const steps = [{ step_id: "a", service_name: freshQueue(), action: "do" }];
    const stdin = JSON.stringify({ name: "later", steps });
    expect((await workflows(["start", "-", "--pending", "--wait"], { stdin })).exitCode).toBe(2);
    const id = (await workflows(["start", "-", "--pending"], { stdin })).stdout.trim();
    const shown = await workflows(["show", id]);
    expect(shown.stdout).toContain("the workflow waits for ExecuteWorkflow");
    expect(shown.stderr).toBe(`\nBegin it: sitq workflows execute ${id}\n`);
    expect((await workflows(["execute", id])).stdout).toBe(`${id} released\n`);
    expect((await workflows(["execute", id])).stdout).toBe(`${id} had begun before: PENDING\n`);
    expect(jsonLines(await workflows(["execute", id, "--json"]))).toMatchObject([{ id, executed: false }]);
    expect((await workflows(["show", id])).stdout).toContain("no worker");
    expect((await workflows(["execute", "nobody"])).exitCode).toBe(3);
  });

  it("lists those that are stuck, since when, and what they wait for", async () => {
    const clock = createFakeClock(Date.now() - 660_000);
    await using server = await startServer({ clock });
    const list = (...args: string[]) => sitq(["workflows", ...args, "--address", server.address]);
    const { id } = await start(server, { steps: stepsIn("packing", { a: "", b: "", c: "a b" }) });
    expect(await list("--stuck", "10m")).toMatchObject({ exitCode: 0, stdout: "", stderr: "No workflow is stuck.\n" });
    clock.advance(660_000);
    expect((await list("--stuck", "10m")).stdout).toMatch(
      new RegExp(
        `^ID +NAME +STATE +AGE +STUCK FOR +STEP +WHY\n${id} +place-order +PENDING +11m +11m +a +no worker.*\n$`,
      ),
    );
    expect((await list("--stuck", "10m", "--ids")).stdout).toBe(`${id}\n`);
    expect(jsonLines(await list("--stuck", "10m", "--json"))).toMatchObject([
      {
        id,
        waitingSinceTime: expect.any(String),
        wait: { stepId: "a", explanation: { reason: "WAIT_REASON_NO_WORKER" } },
      },
    ]);
    expect(await list("--stuck", "1")).toMatchObject({ exitCode: 2 });
  });

  it("refuses what is no command of it, and says what there is", async () => {
    for (const word of ["shwo", "0f3k9q2m7xa"]) {
      expect(await workflows([word])).toMatchObject({
        exitCode: 2,
        stdout: "",
        stderr: expect.stringMatching(
          new RegExp(
            `^error: unknown command 'workflows ${word}'\nSubcommands: .*list, show.*sitq workflows show ID\n$`,
          ),
        ),
      });
    }
  });

  it("draws one with its states, its compensations and its error", async () => {
    const queue = freshQueue();
    const { id } = await failedWorkflow(queue);
    const { stdout, exitCode } = await workflows(["show", id]);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^State +FAILED {2}ship: NoMoney: no money; compensation failed$/m);
    expect(stdout).toMatch(new RegExp(`^✓ reserve +${queue} +reserve +COMPLETED +1/4 +\\d+ms +${queue}-worker$`, "m"));
    expect(stdout).toMatch(/^✗ ship .* FAILED .* NoMoney: no money$/m);
    const undoing = stdout.slice(stdout.indexOf("Compensations"));
    expect(undoing).toMatch(/✓ charge .* undo +COMPLETED .*\n✗ reserve .* undo +FAILED .* NoMoney: no money/);
    expect(stdout).not.toContain("\u001b");
    expect((await workflows(["show", id], { colours: true })).stdout).toContain("\u001b[32m✓\u001b[39m");

    const [whole] = jsonLines(await workflows(["show", id, "--json"]));
    expect(whole).toMatchObject({
      compensationState: "COMPENSATION_STATE_FAILED",
      steps: [
        { stepId: "reserve", state: "TASK_STATE_COMPLETED", compensation: { state: "TASK_STATE_FAILED" } },
        {},
        {},
      ],
    });
  });

  it("says what each step waits for, and that it has no worker", async () => {
    const [queue, other] = [freshQueue(), freshQueue()];
    const started = await start(shared(), { steps: [...stepsIn(queue, { a: "" }), ...stepsIn(other, { b: "a" })] });
    const { stdout, stderr } = await workflows(["show", started.id]);
    expect(stdout).toMatch(new RegExp(`○ a .*no worker is on the queue "${queue}"`));
    expect(stdout).toMatch(/◌ b .*it waits for the step "a"$/m);
    const listed = await workflows(["list", "--correlation-id", started.correlationId]);
    expect(listed.stdout).toContain(`a: no worker is on the queue "${queue}"`);
    expect(stderr).toContain(`No worker for ${queue}. Start one: sitq work ${queue} --exec 'COMMAND'`);
  });

  it("starts one from a file or standard input, once by its request id", async () => {
    const queue = freshQueue();
    const file = JSON.stringify({
      name: "place-order",
      steps: [{ step_id: "a", service_name: queue, action: "do", parameters: { json: { n: "${input.n}" } } }],
    });
    const dir = await createTempDir();
    onTestFinished(() => dir.remove());
    const path = dir.file("order.json");
    await writeFile(path, file);
    const first = await workflows(["start", path, "--input", '{"n": 7}', "--request-id", queue, "-c", "c-1"]);
    expect(first).toMatchObject({ exitCode: 0, stderr: "" });
    const again = await workflows(["start", "-", "--input", '{"n": 7}', "--request-id", queue, "-c", "c-1"], {
      stdin: file,
    });
    expect(again.stdout).toBe(first.stdout);
    expect(again.stderr).toContain("no second workflow");
    const other = await workflows(["start", path, "--input", "8", "--request-id", queue]);
    expect(other).toMatchObject({ exitCode: 4, stderr: expect.stringContaining("REQUEST_ID_REUSED") });

    const worker = await connectWorker(shared(), { workerId: queue, queues: [queue] });
    expect((await worker.take(1))[0]).toMatchObject({ correlationId: "c-1", payload: json({ n: 7 }) });
  });

  it("waits for the end, and its exit code says how that was", async () => {
    const queue = freshQueue();
    const worker = await connectWorker(shared(), { workerId: queue, queues: [queue] });
    const file = JSON.stringify({ name: "w", steps: [{ stepId: "a", serviceName: queue, action: "do" }] });
    const good = workflows(["start", "-", "--wait"], { stdin: file });
    await worker.complete(...(await worker.take(1)));
    expect(await good).toMatchObject({ exitCode: 0, stdout: expect.stringContaining("COMPLETED") });
    const bad = workflows(["start", "-", "--wait"], { stdin: file });
    await worker.end(await worker.take(1), lost);
    expect(await bad).toMatchObject({
      exitCode: 5,
      stderr: expect.stringContaining("(w) is FAILED: a: NoMoney: no money"),
    });
    const late = await workflows(["start", "-", "--wait", "--timeout", "50ms"], { stdin: file });
    expect(late).toMatchObject({
      exitCode: 7,
      stderr: expect.stringMatching(/not at rest after 50ms: a: the worker \S+ runs its attempt 1/),
    });
  });

  it.each([
    [["start", "-"], "{", "not JSON"],
    [["start", "-"], '{"nome": "x"}', "not a StartWorkflowRequest"],
    [["start", "-"], '{"name": "x"}', "steps: at least one is required (INVALID_FIELD)"],
    [["start", "-", "--timeout", "1s"], "{}", "--timeout is for --wait"],
    [["start", "/no/such/file"], "", "cannot read"],
  ])("refuses what it cannot take: %j %j", async (args, stdin, text) => {
    expect(await workflows(args, { stdin })).toMatchObject({ exitCode: 2, stderr: expect.stringContaining(text) });
  });

  it("watches one until it is at rest", async () => {
    const queue = freshQueue();
    const worker = await connectWorker(shared(), { workerId: queue, queues: [queue] });
    const started = await start(shared(), { steps: stepsIn(queue, { a: "", b: "a" }) });
    const [first] = await worker.take(1);
    const watching = startSitq(["workflows", "watch", started.id, "--address", shared().address]);
    await watching.says("It is RUNNING.");
    await worker.complete(present(first));
    await worker.complete(...(await worker.take(1)));
    const { stdout, exitCode } = await watching.ended;
    expect(exitCode).toBe(0);
    const lines = stdout.trimEnd().split("\n");
    expect(lines[0]).toMatch(/ {2}COMPLETED {2}a {2}attempt 1/);
    expect(lines.at(-1)).toMatch(/ {2}workflow {2}COMPLETED$/);
    const after = await workflows(["watch", started.id, "--json"]);
    expect(after).toMatchObject({ exitCode: 0, stdout: "" });
  });

  it("cancels and retries, several at a time", async () => {
    const queue = freshQueue();
    const ids: string[] = [];
    for (const _ of [1, 2]) ids.push((await start(shared(), { steps: stepsIn(queue, { a: "" }) })).id);
    const cancelled = await workflows(["cancel", "-", "--reason", "a test"], { stdin: `${ids.join("\n")}\n` });
    expect(cancelled.stdout).toBe(ids.map((id) => `${id} CANCELLED\n`).join(""));
    expect((await workflows(["show", present(ids[0])])).stdout).toContain("CANCELLED  a test");
    const retried = await workflows(["retry", ...ids, "nobody"]);
    expect(retried.stdout).toBe(ids.map((id) => `${id} PENDING\n`).join(""));
    expect(retried).toMatchObject({ exitCode: 3, stderr: expect.stringContaining("1 of 3 workflows not retried") });
    const running = await workflows(["retry", present(ids[0])]);
    expect(running).toMatchObject({ exitCode: 4, stderr: expect.stringContaining("WORKFLOW_NOT_RETRYABLE") });
  });

  it("tells a program of its step, and a reader of a task of its workflow", async () => {
    const queue = freshQueue();
    const started = await start(shared(), { steps: stepsIn(queue, { a: "" }) });
    const exec = 'echo "$SITQ_WORKFLOW_ID $SITQ_STEP_ID $SITQ_IS_COMPENSATION"';
    const worker = startSitq(["work", queue, "--exec", exec, "--address", shared().address]);
    const watch = await watchWorkflow(shared(), started);
    await watch.ended;
    worker.interrupt();
    await worker.ended;
    const { taskId } = present(started.steps[0]);
    const { stdout } = await sitq(["get", taskId, "--address", shared().address]);
    expect(stdout).toContain(`${started.id} a false`);
    expect(stdout).toMatch(new RegExp(`^Step +a of workflow ${started.id}$`, "m"));
  });
});
