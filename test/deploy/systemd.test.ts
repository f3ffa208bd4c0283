import { spawnSync } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { createTempDir } from "../harness/temp-dir.ts";

const systemd = spawnSync("systemd-analyze", ["--version"], { encoding: "utf8" });
/** The first version that judges a unit without being the init system. */
const canJudge = systemd.error === undefined && Number(/^systemd (\d+)/.exec(systemd.stdout)?.[1]) >= 250;

test.skipIf(!canJudge)("systemd accepts the unit and finds little that it exposes", async () => {
  await using dir = await createTempDir();
  // The program is not installed where the unit has it.
  const unit = (await readFile("deploy/sitq.service", "utf8")).replace(/^ExecStart=.*$/m, "ExecStart=/bin/true");
  await writeFile(dir.file("sitq.service"), unit);
  const analyze = (...args: string[]) => {
    const run = spawnSync("systemd-analyze", [...args, dir.file("sitq.service")], { encoding: "utf8" });
    return `${run.status} ${run.stderr}`;
  };
  expect(analyze("verify", "--man=no")).toBe("0 ");
  // In tenths: what is left are the network, V8's machine code and the group that reads the key.
  expect(analyze("security", "--offline=true", "--threshold=15")).toMatch(/^0/);
});
