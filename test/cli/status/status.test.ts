import { expect, test } from "vitest";
import type { Store } from "../../../src/store/store.ts";
import { connectWorker } from "../../harness/calls/scripted-worker.ts";
import { enqueueMany } from "../../harness/calls/tasks.ts";
import { startServer, type TestServer } from "../../harness/server.ts";
import { jsonLines, sitq, startSitq } from "../cli-harness.ts";

const run = (server: TestServer, ...args: readonly string[]) => sitq([...args, "--address", server.address]);

test("status says that all is well, and ends with 0", async () => {
  await using server = await startServer();
  expect(await run(server, "status")).toMatchObject({
    exitCode: 0,
    stdout:
      "All is well.\n0 queues: 0 waiting, 0 running, 0 scheduled, 0 failed; 0/s in, 0/s done; 0 workers, 0 of 0 in use\n",
    stderr: "",
  });
});

test("status says soon that the storage does not answer, where the server is there", async () => {
  const { promise: answered, resolve: answer } = Promise.withResolvers<void>();
  const wrapStore = (store: Store) => {
    const changedQueues: Store["changedQueues"] = (...args) => answered.then(() => store.changedQueues(...args));
    return new Proxy(store, {
      get: (target, name) => (name === "changedQueues" ? changedQueues : Reflect.get(target, name)),
    });
  };
  await using server = await startServer({ wrapStore });
  const began = performance.now();
  const { exitCode, stdout, stderr } = await run(server, "status");
  answer();
  expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
  expect(stderr).toContain("is there, but does not answer this: its storage does not answer, or is busy");
  expect(performance.now() - began).toBeLessThan(12_000);
});

test("status shows what is wrong, worst first, each with its next command, and ends with 9", async () => {
  await using server = await startServer();
  await enqueueMany(server, 2, { queue: "mail" });
  await enqueueMany(server, 1, { queue: "later" });
  expect(await run(server, "pause", "later")).toMatchObject({ exitCode: 0 });
  const { exitCode, stdout, stderr } = await run(server, "status");
  expect(exitCode).toBe(9);
  expect(
    stdout
      .replace(/ \(\ds\)/g, "")
      .split("\n")
      .slice(0, 4),
  ).toEqual([
    "CRITICAL  2 tasks wait in queue mail, which has no worker.",
    "          sitq work mail --exec 'COMMAND'",
    "WARNING   Queue later is paused, and 1 task waits.",
    "          sitq resume later",
  ]);
  expect(stderr).toBe("error: a problem is critical\n");
  const [status] = jsonLines(await run(server, "status", "--json"));
  expect(status).toMatchObject({
    problems: [
      { severity: "PROBLEM_SEVERITY_CRITICAL", kind: "PROBLEM_KIND_NO_WORKER", queue: "mail", count: 2 },
      { severity: "PROBLEM_SEVERITY_WARNING", kind: "PROBLEM_KIND_PAUSED", queue: "later", count: 1 },
    ],
    totals: { queues: 2, pending: 3 },
  });
});

test("status shows a few problems of one kind, and how many more there are", async () => {
  await using server = await startServer();
  for (let n = 0; n < 30; n++) await enqueueMany(server, 1, { queue: `q${n}` });
  const { stdout } = await run(server, "status");
  expect(stdout.match(/which has no worker/g)).toHaveLength(5);
  expect(stdout).toContain("          and 25 more like this: --json shows them\n");
});

test("status --watch shows it again when it changes", async () => {
  await using server = await startServer();
  await enqueueMany(server, 1, { queue: "mail" });
  const watching = startSitq(["status", "--watch", "--address", server.address]);
  await watching.says("which has no worker");
  const worker = await connectWorker(server, { workerId: "w", queues: ["mail"] });
  await worker.take(1);
  await watching.says("All is well.");
  watching.interrupt();
  expect(await watching.ended).toMatchObject({ exitCode: 0 });
});
