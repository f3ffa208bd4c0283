import { describe, expect, it, test } from "vitest";
import { connectWorker } from "../../harness/calls/scripted-worker.ts";
import { enqueue, enqueueMany } from "../../harness/calls/tasks.ts";
import { startServer, type TestServer } from "../../harness/server.ts";
import { jsonLines, sitq, startSitq } from "../cli-harness.ts";
import { startOnTerminal } from "../terminal-harness.ts";

const start = ({ address }: TestServer, ...args: readonly string[]) => startSitq([...args, "--address", address]);

async function failOne(server: TestServer): Promise<void> {
  const { tasks } = await server.worker.claimTasks({ workerId: "w", queues: ["mail"] });
  for (const { id, attempt } of tasks) {
    await server.worker.failTask({ workerId: "w", taskId: id, attempt, terminal: true, error: { type: "SmtpError" } });
  }
}

async function register({ registry }: TestServer, instanceId: string): Promise<void> {
  await registry.registerInstance({ serviceName: "stock", instanceId, address: "127.0.0.1:1" });
}

interface Case {
  readonly args: readonly string[];
  /** What must be there before; answers what the arguments lack. */
  readonly before: (server: TestServer) => Promise<unknown>;
  readonly first: string;
  readonly change: (server: TestServer) => Promise<unknown>;
  readonly later: string;
}

const pause = (server: TestServer) => server.queue.updateQueue({ queue: { name: "mail", paused: true } });
const run = ({ address }: TestServer, ...args: readonly string[]) => sitq([...args, "--address", address]);
const subscribe = (server: TestServer, name: string) =>
  run(server, "subscribe", name, "--types", "order.*", "--from", "now");

const cases: readonly Case[] = [
  {
    args: ["queues"],
    before: (server) => enqueueMany(server, 2, { queue: "mail" }),
    first: "no worker",
    change: pause,
    later: "paused",
  },
  {
    args: ["queue", "mail"],
    before: (server) => enqueueMany(server, 2, { queue: "mail" }),
    first: "no worker",
    change: pause,
    later: "Paused",
  },
  {
    args: ["list", "--queue", "mail"],
    before: (server) => enqueueMany(server, 1, { queue: "mail" }),
    first: "no worker is on the queue",
    change: pause,
    later: "paused",
  },
  {
    args: ["list", "--queue", "mail", "--state", "failed"],
    before: (server) => enqueueMany(server, 1, { queue: "mail" }),
    first: "No matching tasks.",
    change: failOne,
    later: "SmtpError",
  },
  {
    args: ["failures", "mail"],
    before: (server) => enqueueMany(server, 1, { queue: "mail" }),
    first: "No failed tasks.",
    change: failOne,
    later: "SmtpError",
  },
  {
    args: ["workers"],
    before: async () => undefined,
    first: "No workers.",
    change: (server) => connectWorker(server, { workerId: "w7", queues: ["mail"] }),
    later: "w7",
  },
  {
    args: ["services"],
    before: async () => undefined,
    first: "No services.",
    change: (server) => register(server, "a"),
    later: "stock",
  },
  {
    args: ["instances", "stock"],
    before: (server) => register(server, "first"),
    first: "first",
    change: (server) => register(server, "second"),
    later: "second",
  },
  {
    args: ["subscriptions"],
    before: (server) => subscribe(server, "billing"),
    first: "billing",
    change: async (server) => {
      await subscribe(server, "shipping");
      await run(server, "publish", "order.created", "--source", "shop");
    },
    later: "shipping",
  },
  {
    args: ["workflows"],
    before: async () => undefined,
    first: "No matching workflows.",
    change: ({ workflow }) =>
      workflow.startWorkflow({ name: "order", steps: [{ stepId: "a", serviceName: "mail", action: "send" }] }),
    later: "order",
  },
];

describe("--watch", () => {
  it.each(cases)("of $args shows it again when it changes", async ({ args, before, first, change, later }) => {
    await using server = await startServer();
    await before(server);
    const watching = start(server, ...args, "--watch");
    await watching.says(first);
    await change(server);
    await watching.says(later);
    watching.interrupt();
    const { exitCode, stdout, stderr } = await watching.ended;
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(stdout).toMatch(/^\d\d:\d\d:\d\d\n/);
  });

  it("writes no second block where nothing of it has changed", async () => {
    await using server = await startServer();
    const watching = start(server, "list", "--queue", "mail", "--state", "failed", "--watch");
    await watching.says("No matching tasks.");
    await enqueueMany(server, 1, { queue: "mail" });
    await failOne(server);
    await watching.says("SmtpError");
    watching.interrupt();
    expect((await watching.ended).stdout.match(/^\d\d:\d\d:\d\d$/gm)).toHaveLength(2);
  });

  it("of get shows what happens to a task", async () => {
    await using server = await startServer();
    const { id } = await enqueue(server, { queue: "mail" });
    const watching = start(server, "get", id, "-w");
    await watching.says("no worker is on the queue");
    await failOne(server);
    await watching.says("SmtpError");
    watching.interrupt();
    expect(await watching.ended).toMatchObject({ exitCode: 0 });
    expect(await run(server, "get", "0f3k9q2m7xa", "-w")).toMatchObject({ exitCode: 3 });
  });

  it("of a workflow ends when it is at rest", async () => {
    await using server = await startServer();
    const steps = [{ stepId: "a", serviceName: "mail", action: "send", retryPolicy: { maxRetries: 0 } }];
    const { workflow } = await server.workflow.startWorkflow({ name: "order", steps } as never);
    const watching = start(server, "workflows", "show", workflow?.id ?? "", "--watch");
    await watching.says("No worker for mail");
    await failOne(server);
    expect(await watching.ended).toMatchObject({ exitCode: 0, stdout: expect.stringContaining("FAILED") });
  });

  it("writes one JSON object for each change, with all that there is", async () => {
    await using server = await startServer();
    await enqueueMany(server, 1, { queue: "mail" });
    const watching = start(server, "queues", "--watch", "--json");
    await watching.says('"pending":1');
    await enqueueMany(server, 1, { queue: "mail" });
    await watching.says('"pending":2');
    watching.interrupt();
    const lines = jsonLines(await watching.ended);
    expect(lines).toMatchObject([{ queues: [{ name: "mail" }] }, { queues: [{ statistics: { pending: 2 } }] }]);
  });

  it("says that the server is away, and goes on", async () => {
    await using server = await startServer();
    await enqueueMany(server, 1, { queue: "mail" });
    const watching = start(server, "queues", "--watch");
    await watching.says("no worker");
    await server.restart();
    await watching.says("trying again");
    await enqueueMany(server, 1, { queue: "second" });
    await watching.says("second");
    watching.interrupt();
    expect(await watching.ended).toMatchObject({ exitCode: 0 });
  });

  it("draws in place on a terminal, which it gives back with what was shown last", async () => {
    await using server = await startServer();
    await enqueueMany(server, 1, { queue: "mail" });
    const terminal = await startOnTerminal(["queues", "--watch", "--address", server.address]);
    await terminal.shows(/^mail +1 .*no worker$/);
    expect(terminal.lines()[0]).toMatch(/^\d\d:\d\d:\d\d {2}live {2}q quits$/);
    await pause(server);
    await terminal.shows(/^mail +1 .*paused$/);
    terminal.resize(30, 4);
    expect(terminal.lines().length).toBeLessThanOrEqual(4);
    await server.restart();
    await terminal.shows("broken, reconnecting");
    await terminal.shows("live");
    terminal.press("q");
    expect(await terminal.ended).toBe(0);
    expect(terminal.modes).toEqual([true, false]);
    const [, after = ""] = terminal.written().split("\u001b[?1049l");
    expect(after).toMatch(/^QUEUE.*\nmail +1 .*paused\n/);
  });
});

test.each([[["list", "--all"]], [["list", "--ids"]], [["workflows", "list", "--all"]]])(
  "%j is not watched",
  async (args) => {
    expect(await sitq([...args, "--watch", "--address", "127.0.0.1:1"])).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining("--limit"),
    });
  },
);
