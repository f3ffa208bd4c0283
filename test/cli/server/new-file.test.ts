import { readdir, readFile, writeFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { exitCodes } from "../../../src/cli/command/exit-codes.ts";
import { createNewFile } from "../../../src/cli/server/new-file.ts";
import { createTempDir } from "../../harness/temp-dir.ts";

it("has its name only when it is complete", async () => {
  await using dir = await createTempDir();
  const file = await createNewFile(dir.file("copy"));
  await file.write(Buffer.from("one "));
  await file.write(Buffer.from("two"));
  expect(await readdir(dir.path)).toEqual([expect.stringMatching(/^\.copy\.[0-9a-f]{8}\.partial$/)]);
  await file.finish();
  await file.discard();
  expect(await readdir(dir.path)).toEqual(["copy"]);
  expect(await readFile(dir.file("copy"), "utf8")).toBe("one two");
});

it("does not take the place of what came there meanwhile", async () => {
  await using dir = await createTempDir();
  const file = await createNewFile(dir.file("copy"));
  await writeFile(dir.file("copy"), "somebody else's");
  await expect(file.finish()).rejects.toMatchObject({ exitCode: exitCodes.refused });
  await file.discard();
  expect(await readFile(dir.file("copy"), "utf8")).toBe("somebody else's");
  expect(await readdir(dir.path)).toEqual(["copy"]);
});

it("replaces if it is to, and only at the end", async () => {
  await using dir = await createTempDir();
  await writeFile(dir.file("copy"), "old");
  const file = await createNewFile(dir.file("copy"), { replace: true });
  await file.write(Buffer.from("new"));
  expect(await readFile(dir.file("copy"), "utf8")).toBe("old");
  await file.finish();
  expect(await readFile(dir.file("copy"), "utf8")).toBe("new");
});
