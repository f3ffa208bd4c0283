import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, readdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { isPostgresMissing } from "../harness/databases/postgres.ts";
import { createTempDir } from "../harness/temp-dir.ts";

const run = promisify(execFile);
const main = fileURLToPath(new URL("../../examples/cluster/main.ts", import.meta.url));

describe.skipIf(isPostgresMissing)("the shop on several servers", () => {
  it("completes every order, though the leader is killed and the database crashes", { timeout: 300_000 }, async () => {
    await using temporary = await createTempDir();
    // PostgreSQL has to get in as another user, where this one is root.
    await chmod(temporary.path, 0o711);
    const env = { ...process.env, TMPDIR: temporary.path };
    const { stdout } = await run(process.execPath, [main, "--orders", "40"], { env, maxBuffer: 16_777_216 });
    expect(stdout).toMatch(/(server-[123]), which leads, was killed with SIGKILL/);
    expect(stdout).toMatch(/server-[123] leads, \d+\.\d s after the kill/);
    expect(stdout).toMatch(/The database crashes \(SIGQUIT\); [1-9]\d* orders are not through/);
    expect(stdout).toMatch(/The database takes connections again, \d+\.\d s after the crash/);
    const lines = stdout.trimEnd().split("\n");
    expect(lines.at(-1)).toMatch(
      /^All 40 orders completed, each step once for each of them\. Events delivered: mails 120, restocking 40, bookkeeping 40, tracking 40\. Attempts: reserve \d+, charge \d+, schedule \d+, confirm \d+\.$/,
    );
    expect(await readdir(temporary.path)).toEqual([]);
  });
});

it.skipIf(isPostgresMissing)("ends all that it has started where it is interrupted", { timeout: 120_000 }, async () => {
  await using temporary = await createTempDir();
  await chmod(temporary.path, 0o711);
  const child = spawn(process.execPath, [main], { env: { ...process.env, TMPDIR: temporary.path }, stdio: "pipe" });
  const exited = once(child, "exit");
  let said = "";
  for await (const chunk of child.stdout) {
    said += chunk;
    // Its services are being started.
    if (said.includes("listens on")) break;
  }
  child.stdout.resume();
  child.kill("SIGTERM");
  expect(await exited).toEqual([1, null]);
  expect(await readdir(temporary.path)).toEqual([]);
});

it("says what to install where the programs of PostgreSQL are not there", async () => {
  await using temporary = await createTempDir();
  const failed = run(process.execPath, [main, "--postgres", temporary.path]);
  await expect(failed).rejects.toMatchObject({
    code: 1,
    stdout: "",
    stderr: expect.stringMatching(/apt-get install postgresql/),
  });
});
