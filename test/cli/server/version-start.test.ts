import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const run = promisify(execFile);

/** Prints the names of the packages that were loaded, at the end. */
const hook = `
  import { registerHooks } from "node:module";
  const packages = new Set();
  registerHooks({
    load(url, context, next) {
      const name = /node_modules\\/((?:@[^/]+\\/)?[^/]+)/.exec(url)?.[1];
      if (name !== undefined) packages.add(name);
      return next(url, context);
    },
  });
  process.on("exit", () => console.error([...packages].sort().join(" ")));
`;

test("starts without the code that calls a server, or is one", async () => {
  const args = [
    "--disable-warning=ExperimentalWarning",
    "--import",
    `data:text/javascript,${encodeURIComponent(hook)}`,
  ];
  const { stdout, stderr } = await run(process.execPath, [...args, "src/main.ts", "version"]);
  expect(stdout).toMatch(/^sitq \d/);
  expect(stderr.trim().split(" ")).toEqual(["commander", "smol-toml"]);
  const asked = await run(process.execPath, [...args, "src/main.ts", "queues", "--help"]);
  expect(asked.stderr).toContain("@grpc/grpc-js");
});
