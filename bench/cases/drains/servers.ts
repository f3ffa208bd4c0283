import { connect } from "../../../src/client/index.ts";
import { isPostgresMissing, startPostgres } from "../../../test/harness/databases/postgres.ts";
import type { Case, CaseContext, Figure } from "../../case.ts";
import { cpuSeconds } from "../../measure/cpu-time.ts";
import { startDrains } from "../../measure/measure-drain.ts";
import { fillQueue } from "../../processes/fill-queue.ts";
import { startSitq } from "../../processes/sitq-server.ts";

/** Worker processes, and room of each. */
const processes = 3;
const capacity = 64;

/** Servers that share a schema, and what drains their queue. */
interface Sharers {
  /** Drains so many tasks; answers tasks a second, and the processor time of the servers for each, in microseconds. */
  drain(tasks: number): Promise<{ readonly rate: number; readonly cpu: number }>;
}

/** Whether servers that share a database are in each other's way. */
export const servers: Case = {
  name: "servers",
  what: "waiting tasks on PostgreSQL through three workers with room for 64 each: all at one server, and one at each of three servers",
  server: "none",
  goals: [{ figure: "three to one", atLeast: 1 }],
  async run(context, rounds) {
    if (isPostgresMissing) {
      context.say("left out: PostgreSQL is not installed; on Debian: apt-get install postgresql");
      return [];
    }
    const [warmUpTasks, tasks] = context.quick ? [500, 1_000] : [30_000, 60_000];
    const database = await startPostgres({ fsync: true, settings: { shared_buffers: "128MB" } });
    try {
      await using stack = new AsyncDisposableStack();
      const one = await startSharers(`${database.url}?schema=one`, 1, context, stack);
      const three = await startSharers(`${database.url}?schema=three`, 3, context, stack);
      for (const each of [one, three]) await each.drain(warmUpTasks);
      const figures: Figure[][] = [];
      for (let round = 0; round < rounds; round++) {
        context.say(`round ${round + 1}`);
        const [alone, together] = [await one.drain(tasks), await three.drain(tasks)];
        figures.push([
          { name: "three to one", unit: "ratio", value: together.rate / alone.rate },
          { name: "one server", unit: "tasks/s", value: alone.rate },
          { name: "three servers", unit: "tasks/s", value: together.rate },
          { name: "processor time of one", unit: "µs", value: alone.cpu },
          { name: "processor time of three", unit: "µs", value: together.cpu },
        ]);
      }
      return figures;
    } finally {
      await database.stop();
    }
  },
};

async function startSharers(
  url: string,
  count: number,
  context: CaseContext,
  stack: AsyncDisposableStack,
): Promise<Sharers> {
  const running: Awaited<ReturnType<typeof startSitq>>[] = [];
  for (let each = 0; each < count; each++) running.push(stack.use(await startSitq(url)));
  const [address = "", ...others] = running.map((server) => server.address);
  const client = connect({ address });
  stack.defer(() => client.close());
  const who = { processes, capacity, addresses: [address, ...others] };
  const drains = stack.use(await startDrains(client, { address, serverPid: 0 }, ["drain"], who));
  const spentSeconds = () => running.reduce((sum, { pid }) => sum + cpuSeconds(pid), 0);
  let filledSeconds = 0;
  return {
    async drain(tasks) {
      const { rate } = await drains.drain(tasks, async () => {
        await fillQueue(client, "drain", tasks, context.say);
        filledSeconds = spentSeconds();
      });
      return { rate, cpu: ((spentSeconds() - filledSeconds) / tasks) * 1e6 };
    },
  };
}
