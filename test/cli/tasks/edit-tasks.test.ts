import { expect, test } from "vitest";
import { enqueueMany } from "../../harness/calls/tasks.ts";
import { freshQueue, shareServer } from "../../harness/shared-server.ts";
import { sitq } from "../cli-harness.ts";

const server = shareServer();

/** Runs a command against the server. */
function run(...args: string[]) {
  return sitq([...args, "--address", server().address]);
}

test("update changes tasks that wait, and rerun runs a finished one again", async () => {
  const queue = freshQueue();
  const [first, second] = (await enqueueMany(server(), 2, { queue, type: "send" })).map(({ id }) => id);
  expect(await run("update", `${first}`, `${second}`, "--priority", "7", "--delay", "1h")).toMatchObject({
    exitCode: 0,
    stdout: `${first} SCHEDULED\n${second} SCHEDULED\n`,
  });
  expect((await run("get", `${first}`)).stdout).toMatch(/Priority +7/);
  expect(await run("update", `${first}`)).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining("say what to change: --queue, --priority, --delay or --schedule-time"),
  });
  expect(await run("rerun", `${first}`)).toMatchObject({
    exitCode: 4,
    stderr: expect.stringContaining("only a finished task can be run again"),
  });
  await run("cancel", `${first}`);
  const { exitCode, stdout } = await run("rerun", `${first}`, '{"order": 8}');
  expect(exitCode).toBe(0);
  const shown = (await run("get", stdout.trim())).stdout;
  expect(shown).toMatch(new RegExp(`Reruns +${first}`));
  expect(shown).toContain('"order": 8');
  expect(await run("update", `${first}`, "--queue", "other")).toMatchObject({
    exitCode: 4,
    stderr: expect.stringContaining("it can no longer be changed"),
  });
});
