/** Real processes: calls go to a living instance as soon as the connection to a dead one is broken. */

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

it("calls a living instance once the connection to a dead one is broken, before the registry drops it", async () => {
  await using dir = await createTempDir();
  await using server = await startServer({ db: dir.file("sitq.db") });
  const client = connectTo(server.address);
  const scheme = resolverScheme(client);
  const [first] = await Promise.all([startInstance(server.address, "a"), startInstance(server.address, "b")]);
  const { call } = openTarget(`${scheme}:///inventory`);
  const seen = see(client, "inventory");

  /** Who answered each call, one after the other; null: it failed. */
  const calls: (string | null)[] = [];
  const condition = createCondition();
  let enough = false;
  const calling = (async () => {
    while (!enough) {
      calls.push(await call().catch(() => null));
      condition.changed();
      // A refusal comes at once: the others are to be heard in between.
      await new Promise((resolve) => setImmediate(resolve));
    }
  })();
  const until = (isSo: () => boolean) => condition.until(isSo, "the calls went so");

  await until(() => calls.includes("a") && calls.includes("b"));
  const died = once(first, "exit");
  first.kill("SIGKILL");
  await died;
  const atDeath = calls.length;
  await seen.until((instances) => instances.find(({ instanceId }) => instanceId === "a")?.state !== 1);
  const atDrop = calls.length;
  await until(() => calls.length >= atDrop + 100);
  enough = true;
  await calling;
  // The broken connection is enough: long before the registry drops the instance, only the call in flight and the next may fail.
  expect(calls.slice(atDeath + 2).filter((who) => who !== "b")).toEqual([]);
});
