import { execFileSync } from "node:child_process";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { backupTo } from "../harness/calls/copies.ts";
import { enqueue } from "../harness/calls/tasks.ts";
import { startServer } from "../harness/server.ts";
import { createTempDir, type TempDir } from "../harness/temp-dir.ts";
import { jsonLines, sitq, startSitq, words } from "./cli-harness.ts";

test("prints where the console of the server is", async () => {
  expect(await sitq(words("console --address sitq.example:7000"))).toMatchObject({
    exitCode: 0,
    stdout: "http://sitq.example:7000/console/\n",
  });
  const secure = await sitq(words("console --address sitq.example:7000 --tls --json"));
  expect(jsonLines(secure)).toEqual([{ url: "https://sitq.example:7000/console/" }]);
});

/** What is opened by a command in a browser that `dir` holds. */
async function openedBy(dir: TempDir, command: string): Promise<{ url: string; exitCode: number; stdout: string }> {
  const opened = dir.file("opened");
  execFileSync("mkfifo", [opened]);
  for (const name of ["xdg-open", "open"]) {
    await writeFile(dir.file(name), `#!/bin/sh\nprintf %s "$1" > ${opened}\n`, { mode: 0o755 });
  }
  const environment = { PATH: `${dir.path}:${process.env.PATH}` };
  const [url, { exitCode, stdout }] = await Promise.all([
    readFile(opened, "utf8"),
    sitq(words(command), { environment }),
  ]);
  return { url, exitCode, stdout };
}

test("of several servers prints where each has it, and opens the first that is reached", async () => {
  await using dir = await createTempDir();
  await using server = await startServer();
  const url = `http://${server.address}/console/`;
  expect(await openedBy(dir, `console --open --address 127.0.0.1:1,${server.address}`)).toEqual({
    url,
    exitCode: 0,
    stdout: `http://127.0.0.1:1/console/\n${url}\n`,
  });
});

test("opens it in the browser", async () => {
  await using dir = await createTempDir();
  const { url, exitCode } = await openedBy(dir, "console --open --address localhost:7000");
  expect([exitCode, url]).toEqual([0, "http://localhost:7000/console/"]);
  const without = await sitq(words("console --open"), { environment: { PATH: dir.file("nothing") } });
  expect(without).toMatchObject({ exitCode: 0, stdout: "http://127.0.0.1:50051/console/\n" });
  expect(without.stderr).toMatch(/^warning: there is no \S+ to open a browser with/);
});

test("serves a backup until it is interrupted, to other commands too", async () => {
  await using dir = await createTempDir();
  const path = dir.file("copy.db");
  {
    await using server = await startServer();
    await enqueue(server, { queue: "mail" });
    await backupTo(path, server);
  }
  const running = startSitq(["console", path, "--json"]);
  await running.says("}\n");
  const { address, url, file, asOfTime } = JSON.parse(running.said()) as Record<string, string>;
  expect([url, file]).toEqual([`http://${address}/console/`, path]);
  expect(new Date(String(asOfTime)).getTime()).toBeLessThanOrEqual(Date.now());
  const queues = await sitq(["queues", "--json", "--address", String(address)]);
  expect(jsonLines(queues)).toMatchObject([{ name: "mail" }]);
  const refused = await sitq(["enqueue", "mail", "send", "--address", String(address)]);
  expect([refused.exitCode, refused.stderr]).toEqual([4, expect.stringContaining("READ_ONLY")]);
  running.interrupt();
  expect((await running.ended).exitCode).toBe(0);
  expect(await readdir(dir.path)).toEqual(["copy.db"]);
});

test("refuses what cannot be shown", async () => {
  await using dir = await createTempDir();
  const path = dir.file("text.db");
  await writeFile(path, "words ".repeat(1_000));
  expect(await sitq(["console", path])).toMatchObject({ exitCode: 4, stderr: expect.stringContaining("not a SQLite") });
  expect(await sitq(["console", dir.file("none.db")])).toMatchObject({
    exitCode: 4,
    stderr: `error: ${dir.file("none.db")}: there is no such file.\n`,
  });
  const wrong = [
    ["console", path, "--listen", "0.0.0.0:0"],
    ["console", path, "--listen", "here"],
    ["console", path, "--address", "127.0.0.1:50051"],
    ["console", "--listen", "127.0.0.1:0"],
  ];
  for (const args of wrong) expect((await sitq(args)).exitCode, args.join(" ")).toBe(2);
});
