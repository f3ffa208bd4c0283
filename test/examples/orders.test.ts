import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";

const main = fileURLToPath(new URL("../../examples/orders/main.ts", import.meta.url));

it("completes every order, though one service is killed and one restarted half-way", { timeout: 120_000 }, async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [main, "--orders", "60"], { maxBuffer: 16_777_216 });
  expect(stdout).toContain("shipping was killed with SIGKILL");
  expect(stdout).toContain("billing was restarted");
  expect(stdout.match(/inventory says at \S+: 200 {"healthy":true,"worker":"connected"/g)).toHaveLength(2);
  expect(stdout.match(/^order-\d{4} +completed +completed +completed +completed/gm)).toHaveLength(60);
  expect(stdout).toMatch(/^orders +60, 60 completed, 0 open$/m);
  expect(stdout).toMatch(/^tasks +180, 180 completed$/m);
});
