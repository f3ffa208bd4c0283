import { expect, it } from "vitest";
import { writeDamagedFile } from "../harness/disk/damaged-file.ts";
import { startServer } from "../harness/server.ts";
import { createTempDir } from "../harness/temp-dir.ts";
import { sitq } from "./cli-harness.ts";

it("says of what is damaged on the server's disk that it is", async () => {
  await using dir = await createTempDir();
  const ids = await writeDamagedFile(dir.file("sitq.db"));
  await using server = await startServer({ dbPath: dir.file("sitq.db"), mayLogErrors: true });
  const run = (...args: string[]) => sitq([...args, "--address", server.address]);
  expect((await run("get", ids.task)).stdout).toMatch(/Result\n\(damaged on the disk\)/);
  expect((await run("get", ids.payload)).stdout).toMatch(/Payload\n\(damaged on the disk\)/);
  expect((await run("event", ids.event)).stdout).toMatch(/Damaged +on the disk[\s\S]*Data\n\(damaged on the disk\)/);
  expect((await run("events")).stdout).toContain("order.created (damaged on the disk)");
  const shown = (await run("workflows", "show", ids.workflow)).stdout;
  expect(shown).toMatch(/result damaged on the disk[\s\S]*Input\n\(damaged on the disk\)/);
  expect(await run("await", ids.task)).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("damaged") });
  expect((await run("get", ids.task, "--json")).stdout).toContain('"damagedFields":["result"]');
});
