import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { resolve } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { expect, onTestFinished, type TestContext, test } from "vitest";
import { connectWorker } from "../../harness/calls/scripted-worker.ts";
import { enqueueMany } from "../../harness/calls/tasks.ts";
import { type Condition, createCondition } from "../../harness/condition.ts";
import { startServer } from "../../harness/server.ts";
import { environment } from "../../harness/server-process.ts";

/** A shell's commands on a pseudo terminal. */
interface Terminal {
  /** All that was written to it, without what controls it. */
  text(): string;
  written(): string;
  press(keys: string): void;
  says(text: string | RegExp): Promise<void>;
  /** Its exit code. */
  readonly ended: Promise<number | null>;
}

/** Runs commands of a shell on a pseudo terminal of 80 by 24, by `script` of util-linux; skips the test, saying so, where there is none. */
function startTerminal(context: TestContext, commands: string, variables: Readonly<Record<string, string>>): Terminal {
  const { stdout: version } = spawnSync("script", ["--version"], { encoding: "utf8" });
  if (!version?.includes("util-linux")) context.skip("there is no script of util-linux, which makes pseudo terminals");
  const line = `stty rows 24 cols 80; ${commands}`;
  const child = spawn("script", ["--quiet", "--return", "--command", line, "/dev/null"], {
    env: { ...environment(), TERM: "xterm", SHELL: "/bin/sh", ...variables },
    stdio: ["pipe", "pipe", "inherit"],
  });
  onTestFinished(() => endOf(child));
  const condition: Condition = createCondition();
  let written = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    written += text;
    condition.changed();
  });
  const ended = new Promise<number | null>((onEnd) => child.once("close", onEnd));
  void ended.then(() => condition.end(written));
  const text = () => stripVTControlCharacters(written);
  return {
    text,
    written: () => written,
    press: (keys) => void child.stdin.write(keys),
    says: (wanted) => condition.until(() => text().match(wanted) !== null, `it said ${wanted}`),
    ended,
  };
}

async function endOf(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((onEnd) => child.once("close", onEnd));
  // The terminal hangs up, which ends what runs on it.
  child.kill("SIGTERM");
  await ended;
}

test("sitq top on a real terminal takes keys as they are pressed, and gives it back as it was", async (context) => {
  await using server = await startServer();
  await enqueueMany(server, 2, { queue: "mail" });
  const worker = await connectWorker(server, { workerId: "w1", queues: ["other"], capacity: 3 });
  const program = resolve("bin/sitq");
  const commands = `stty -a; '${program}' top; echo "top ended with $?"; stty -a`;
  const terminal = startTerminal(context, commands, { SITQ_ADDRESS: server.address });
  await terminal.says(/> mail +2 /);
  expect(terminal.written()).toContain("\u001b[?1049h");
  terminal.press("p");
  await terminal.says("Pause queue mail?");
  terminal.press("y");
  await terminal.says("mail is paused.");
  expect((await server.queue.getQueue({ name: "mail" })).queue?.paused).toBe(true);

  terminal.press("\u001b[B");
  await terminal.says(/> other /);
  terminal.press("\r");
  await terminal.says("Queue other");
  await terminal.says(/> w1 /);
  terminal.press("d");
  await terminal.says("Drain worker w1?");
  terminal.press("y");
  await worker.next("drain");
  await terminal.says("w1 drains.");
  terminal.press("q");
  expect(await terminal.ended).toBe(0);
  const [before = "", after = ""] = terminal.text().split(/top ended with 0\r?\n/);
  const modes = after.trim();
  expect(modes).toContain("icanon");
  expect(modes).not.toMatch(/-icanon|-echo |-isig|-icrnl/);
  expect(before.startsWith(modes)).toBe(true);
  // The screen from before, with its cursor, is there again.
  expect(terminal.written()).toMatch(/\[\?25h.\[\?1049l(?!.*\[\?1049h)/s);
});

test("Ctrl-C and a terminal of unknown size", async (context) => {
  await using server = await startServer();
  await enqueueMany(server, 2, { queue: "mail" });
  const commands = `stty rows 0 cols 0; '${resolve("bin/sitq")}' queues --watch; echo "ended with $?"; stty -a`;
  const terminal = startTerminal(context, commands, { SITQ_ADDRESS: server.address });
  await terminal.says(/mail +2 +0 .*no worker/);
  terminal.press("\u0003");
  expect(await terminal.ended).toBe(0);
  expect(terminal.text()).toMatch(/ended with 0\r?\n/);
  expect(terminal.text().split("ended with 0")[1]).not.toMatch(/-icanon|-echo /);
});
