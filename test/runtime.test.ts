import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";

test("a program that a test starts by the name node is the one that runs the tests", () => {
  const version = execFileSync("node", ["-p", "process.execPath"], { encoding: "utf8" });
  expect(version.trim()).toBe(process.execPath);
});
