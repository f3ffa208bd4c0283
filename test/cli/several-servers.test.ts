import { expect, it } from "vitest";
import { shareServer } from "../harness/shared-server.ts";
import { sitq } from "./cli-harness.ts";

const server = shareServer();

it.each([
  ["before", () => `127.0.0.1:1,${server().address}`],
  ["behind", () => `${server().address},127.0.0.1:1`],
])("a command calls the server that it reaches, %s one that is away", async (_, address) => {
  for (let n = 0; n < 4; n++) {
    expect(await sitq(["health", "--address", address()])).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining("SERVING"),
      stderr: "",
    });
  }
});

it("a command that reaches none of them names them", async () => {
  const { exitCode, stderr } = await sitq(["health", "--address", "127.0.0.1:1,127.0.0.1:2"]);
  expect(exitCode).toBe(6);
  expect(stderr).toContain("cannot reach any of the servers at 127.0.0.1:1,127.0.0.1:2: connection refused");
});

it("version says that one of them answers", async () => {
  const { stdout } = await sitq(["version", "--server", "--address", `${server().address},127.0.0.1:1`]);
  expect(stdout).toContain(`at one of ${server().address},127.0.0.1:1 (`);
});
