import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { connect, createWorker, QueueOrder, type SitqClient } from "../../src/client/index.ts";
import type { Case, CaseContext, Figure } from "../case.ts";
import { cpuSeconds } from "../measure/cpu-time.ts";
import { payload } from "../payload.ts";
import { type Content, fillDatabase } from "../processes/fill-database.ts";
import { startSitq } from "../processes/sitq-server.ts";

/** What the console asks for. */
const bounds = { maxQueues: 200, order: QueueOrder.PROBLEMS_FIRST };
/** How many queues the busy ones are, and how many tasks each gets a second. */
const busyQueues = 100;
const tasksASecond = 10;

/** What one who looks costs the server: the share of a core that it takes more for a client that watches, and an answered GetStatus. */
export const overview: Case = {
  name: "overview",
  what: "10,000 queues, idle, all with problems, or 100 of them busy: what a client that watches them costs, and GetStatus",
  server: "none",
  goals: [
    { figure: "watched, idle", atMost: 1 },
    { figure: "watched, all with problems", atMost: 1 },
    { figure: "watched, 100 busy", atMost: 1 },
    { figure: "GetStatus, all with problems", atMost: 10 },
  ],
  async run(context, rounds) {
    const queues = context.quick ? 500 : 10_000;
    const content = { emptyQueues: queues };
    const idle = await measure(context, rounds, { name: "idle", content });
    const troubled = await measure(context, rounds, { name: "all with problems", content: { waitingQueues: queues } });
    const busy = await measure(context, rounds, { name: "100 busy", content, load: keepBusy });
    return idle.map((figures, round) => [...figures, ...(troubled[round] ?? []), ...(busy[round] ?? [])]);
  },
};

/** Keeps a server busy until it is ended. */
type Load = (client: SitqClient, end: AbortSignal) => Promise<void>;

/** Measures a server on a database of this content, without and with a client that watches. */
async function measure(
  context: CaseContext,
  rounds: number,
  { name, content, load }: { readonly name: string; readonly content: Content; readonly load?: Load },
): Promise<Figure[][]> {
  const db = join(context.directory, `${name.replaceAll(" ", "-")}.db`);
  fillDatabase(db, content);
  await using server = await startSitq(db);
  const client = connect({ address: server.address });
  const ended = new AbortController();
  const loading = load?.(client, ended.signal);
  const spanMs = context.quick ? 1_000 : 10_000;
  const share = async () => {
    const before = cpuSeconds(server.pid);
    await pause(spanMs);
    return ((cpuSeconds(server.pid) - before) / spanMs) * 100_000;
  };
  const figures: Figure[][] = [];
  for (let round = 0; round <= rounds; round++) {
    context.say(`${name}: round ${round}`);
    const alone = await share();
    const leave = await watch(client);
    const watched = await share();
    await leave();
    figures.push([
      { name: `watched, ${name}`, unit: "%", value: watched - alone },
      { name: `not watched, ${name}`, unit: "%", value: alone },
    ]);
    if (load !== undefined) continue;
    const status = await statusMs(client, server.pid, context.quick ? 5 : 100);
    figures.at(-1)?.push({ name: `GetStatus, ${name}`, unit: "ms", value: status });
  }
  ended.abort();
  await loading;
  client.close();
  // The first one was the warm-up: the first look reads every queue.
  return figures.slice(1);
}

/** What a call takes of the server's processor time, in milliseconds. */
async function statusMs({ monitor }: SitqClient, pid: number, calls: number): Promise<number> {
  const before = cpuSeconds(pid);
  for (let call = 0; call < calls; call++) await monitor.getStatus({});
  return ((cpuSeconds(pid) - before) / calls) * 1_000;
}

/** Watches as the console does; from its return on the beginning has been read. The answered function ends it. */
async function watch({ monitor }: SitqClient): Promise<() => Promise<void>> {
  const leave = new AbortController();
  const began = Promise.withResolvers<void>();
  async function follow(): Promise<void> {
    try {
      for await (const { more } of monitor.watchOverview(bounds, { signal: leave.signal })) if (!more) began.resolve();
    } catch (error) {
      if (!leave.signal.aborted) throw error;
    }
  }
  const following = follow();
  await Promise.race([began.promise, following]);
  return () => {
    leave.abort();
    return following;
  };
}

/** Enqueues tasks into some of the queues and completes them. */
async function keepBusy(client: SitqClient, end: AbortSignal): Promise<void> {
  const queues = Array.from({ length: busyQueues }, (_, n) => `queue-${n + 1}`);
  const worker = createWorker(client, { queues, capacity: 100, handlers: { work: () => undefined } });
  await worker.start();
  const requests = queues.map((queue) => ({
    task: { queue, type: "work", payload: { kind: { case: "binary" as const, value: payload } } },
  }));
  for (let dueMs = performance.now(); !end.aborted; dueMs += 1_000 / tasksASecond) {
    await client.queue.enqueueBatch({ requests });
    await pause(Math.max(dueMs - performance.now(), 0));
  }
  await worker.stop();
}
