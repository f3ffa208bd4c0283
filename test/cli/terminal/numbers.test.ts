import { writeFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { fromPayload, toPayload } from "../../../src/client/index.ts";
import { enqueue, read } from "../../harness/calls/tasks.ts";
import { freshQueue, shareServer } from "../../harness/shared-server.ts";
import { createTempDir } from "../../harness/temp-dir.ts";
import { sitq, startSitq } from "../cli-harness.ts";

/** A double has it exactly; JavaScript writes …600. */
const id = Number("1639887574359322624");
const server = shareServer();
const run = (args: readonly string[], stdin = "") => sitq([...args, "--address", server().address], { stdin });

test("a whole number that a double does not hold is refused with its place, wherever JSON is given", async () => {
  const queue = freshQueue();
  const odd = '{"order": {"id": 9007199254740993}}';
  await using dir = await createTempDir();
  const file = dir.file("workflow.json");
  const parameters = '{"json": {"id": 9007199254740993}}';
  await writeFile(
    file,
    `{"name": "n", "steps": [{"step_id": "a", "service_name": "${queue}", "action": "a", "parameters": ${parameters}}]}`,
  );
  const cases: [readonly string[], string][] = [
    [["enqueue", queue, "t", odd], "$.order.id"],
    [["publish", "t", odd, "--source", "shop"], "$.order.id"],
    [["workflows", "start", file], "$.steps[0].parameters.json.id"],
    [["workflows", "start", file, "--input", odd], "$.steps[0].parameters.json.id"],
  ];
  for (const [args, place] of cases) {
    const { exitCode, stderr } = await run(args);
    expect(exitCode, args.join(" ")).toBe(2);
    expect(stderr).toContain(`9007199254740993 at ${place}`);
    expect(stderr).toContain('Quote it: "9007199254740993"');
  }
  const { exitCode, stderr } = await run(["enqueue", queue, "t", "--each-line", "-"], `{"id": 1}\n${odd}\n`);
  expect([exitCode, stderr.includes("$.order.id")]).toEqual([expect.any(Number), true]);
  expect(exitCode).not.toBe(0);
});

test("what is written has the digits that were stored", async () => {
  const queue = freshQueue();
  const task = await enqueue(server(), { queue, payload: toPayload({ id }) });
  for (const args of [
    ["get", task.id],
    ["get", task.id, "--json"],
    ["list", "--queue", queue, "--json"],
  ]) {
    const { stdout } = await run(args);
    expect(stdout).not.toContain("1639887574359322600");
    if (args[0] === "get") expect(stdout).toContain("1639887574359322624");
  }
  const work = startSitq(["work", queue, "--exec", "cat; echo", "--address", server().address]);
  await work.says(`${task.id}  `);
  work.interrupt();
  await work.ended;
  expect(fromPayload((await read(server(), task)).result)).toEqual({ id });
});

test("a program gets the digits, and a result that would be changed fails it; a line of digits is text", async () => {
  const queue = freshQueue();
  const payload = toPayload({ id });
  const tasks = [
    await enqueue(server(), { queue, type: "text", payload }),
    await enqueue(server(), { queue, type: "digits", payload }),
    await enqueue(server(), { queue, type: "nested", payload }),
  ];
  const program = [
    'case "$SITQ_TASK_TYPE" in text) read -r line; echo "got $line";;',
    "digits) echo 9007199254740993;;",
    `*) echo '{"id": 9007199254740993}';; esac`,
  ].join(" ");
  const work = startSitq(["work", queue, "--exec", program, "--address", server().address]);
  for (const task of tasks) await work.says(`${task.id}  `);
  work.interrupt();
  await work.ended;
  const [text, digits, nested] = await Promise.all(tasks.map((task) => read(server(), task)));
  expect(fromPayload(text?.result)).toBe('got {"id":1639887574359322624}');
  expect(fromPayload(digits?.result)).toBe("9007199254740993");
  expect(nested?.lastError).toMatchObject({ type: "RESULT_NUMBER", message: expect.stringContaining("$.id") });
});
