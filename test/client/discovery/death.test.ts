/** Real processes: a call goes to a living instance within a second of another's death. */

import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { createCondition } from "../../harness/condition.ts";
import { environment, startServer } from "../../harness/server-process.ts";
import { createTempDir } from "../../harness/temp-dir.ts";
import { connectTo, openTarget, resolverScheme, see } from "./discovery-harness.ts";

/** Starts an instance in a process of its own; answers once it is registered. */
async function startInstance(address: string, instanceId: string): Promise<ChildProcess> {
  const script = join(import.meta.dirname, "service-process.ts");
  const child = fork(script, [address, "inventory", instanceId], {
    execArgv: [],
    env: environment(),
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  await once(child, "message");
  return child;
}

it("calls a living instance within a second of another's death, and the dead one is soon no instance", async () => {
  await using dir = await createTempDir();
  await using server = await startServer({ db: dir.file("sitq.db") });
  const client = connectTo(server.address);
  const scheme = resolverScheme(client);
  const [first] = await Promise.all(["a", "b"].map((instanceId) => startInstance(server.address, instanceId)));
  const { call } = openTarget(`${scheme}:///inventory`);
  const seen = see(client, "inventory");

  /** Calls one after the other until somebody has had enough of it. */
  const calls: { readonly who: string | null; readonly beginMs: number; readonly endMs: number }[] = [];
  const condition = createCondition();
  let enough = false;
  const calling = (async () => {
    while (!enough) {
      const beginMs = performance.now();
      const who = await call().catch(() => null);
      calls.push({ who, beginMs, endMs: performance.now() });
      condition.changed();
      // A refusal comes at once: the others are to be heard in between.
      await new Promise((resolve) => setImmediate(resolve));
    }
  })();

  const until = (isSo: () => boolean) => condition.until(isSo, "the calls went so");
  await until(() => calls.some(({ who }) => who === "a") && calls.some(({ who }) => who === "b"));
  const killedMs = performance.now();
  first?.kill("SIGKILL");
  const after = () => calls.filter(({ beginMs }) => beginMs >= killedMs);
  await until(() => after().some(({ who }) => who === "b"));
  const recoveredMs = after().find(({ who }) => who === "b")?.endMs ?? Number.POSITIVE_INFINITY;
  expect(recoveredMs - killedMs).toBeLessThan(1_000);

  // From a second after the death on every call is answered, by the other one.
  await seen.until((instances) => instances.find(({ instanceId }) => instanceId === "a")?.state !== 1);
  await until(() => after().filter(({ beginMs }) => beginMs > killedMs + 1_000).length >= 100);
  enough = true;
  await calling;
  const late = after().filter(({ beginMs }) => beginMs > killedMs + 1_000);
  expect(late.filter(({ who }) => who !== "b")).toEqual([]);
});
