import { describe, expect, it } from "vitest";
import { connectWorker } from "../../harness/calls/scripted-worker.ts";
import { enqueueMany } from "../../harness/calls/tasks.ts";
import { startServer } from "../../harness/server.ts";
import { sitq } from "../cli-harness.ts";
import { startOnTerminal } from "../terminal-harness.ts";

const startTop = (address: string, ...options: string[]) => startOnTerminal(["top", "--address", address, ...options]);

describe("top", () => {
  it("shows what is wrong and every queue within 80 by 24, live, and gives the terminal back", async () => {
    await using server = await startServer();
    for (let n = 0; n < 30; n++) await enqueueMany(server, 1, { queue: `queue-with-a-name-that-is-quite-long-${n}` });
    const top = await startTop(server.address);
    await top.shows("CRITICAL  1 task waits in queue");
    expect(top.lines()).toHaveLength(24);
    expect(Math.max(...top.lines().map((line) => line.length))).toBeLessThanOrEqual(80);
    expect(top.lines()[1]).toContain("30 queues: 30 waiting");
    await enqueueMany(server, 7, { queue: "busy" });
    await top.shows(/^. busy +7 /);
    top.resize(60, 12);
    expect(top.lines()).toHaveLength(12);
    expect(Math.max(...top.lines().map((line) => line.length))).toBeLessThanOrEqual(60);
    top.press("q");
    expect(await top.ended).toBe(0);
    expect(top.modes).toEqual([true, false]);
    expect(top.written().endsWith("\u001b[?25h\u001b[?1049l")).toBe(true);
  });

  it("moves, pauses after a question, looks inside and drains a worker", async () => {
    await using server = await startServer();
    await enqueueMany(server, 2, { queue: "a" });
    await enqueueMany(server, 1, { queue: "b" });
    const top = await startTop(server.address);
    await top.shows(/^> a /);
    top.press("j");
    await top.shows(/^> b /);
    top.press("p");
    await top.shows("Pause queue b?");
    top.press("n");
    await top.shows("Nothing changed.");
    top.press("py");
    await top.shows("b is paused.");
    expect((await server.queue.getQueue({ name: "b" })).queue?.paused).toBe(true);

    const worker = await connectWorker(server, { workerId: "w1", queues: ["b"], capacity: 3 });
    top.press("\r");
    await top.shows("Queue b");
    await top.shows(/^> w1 /);
    expect(top.lines().some((line) => /PENDING/.test(line))).toBe(true);
    top.press("dy");
    await top.shows("w1 drains.");
    await worker.next("drain");
    top.press("\u007f");
    await top.shows(/^> b /);
    top.press("\u0003");
    expect(await top.ended).toBe(0);
  });

  it("says that its stream broke, and goes on", async () => {
    await using server = await startServer();
    await enqueueMany(server, 1, { queue: "a" });
    const top = await startTop(server.address);
    await top.shows(/ live$/);
    await server.restart();
    await top.shows("broken, reconnecting");
    await top.shows(/ live$/);
    top.press("q");
    expect(await top.ended).toBe(0);
  });

  it("shows the first 200 queues, and those of a name", async () => {
    await using server = await startServer();
    const requests = Array.from({ length: 250 }, (_, n) => ({ task: { queue: `q${n}`, type: "t" } }));
    await server.queue.enqueueBatch({ requests });
    const all = await startTop(server.address);
    await all.shows("and 50 queues more: --name PART");
    expect(all.lines()[1]).toContain("250 queues: 250 waiting");
    all.press("q");
    expect(await all.ended).toBe(0);
    const named = await startTop(server.address, "--name", "Q24");
    await named.shows(/^> q24 /);
    expect(named.lines().filter((line) => /^. q/.test(line))).toHaveLength(11);
    named.press("q");
    expect(await named.ended).toBe(0);
    const { stdout } = await sitq(["top", "--name", "Q24", "--address", server.address]);
    expect(stdout.match(/^q24/gm)).toHaveLength(11);
  });

  it("prints one table without a terminal, and ends", async () => {
    await using server = await startServer();
    await enqueueMany(server, 2, { queue: "a" });
    const { exitCode, stdout } = await sitq(["top", "--address", server.address]);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^QUEUE +WAITING +OLDEST +RUNNING/);
    expect(stdout).toMatch(/^a +2 +\ds +0 +- .*no worker$/m);
  });
});
