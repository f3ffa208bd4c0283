import { join } from "node:path";
import { connect } from "../../src/client/index.ts";
import type { CaseContext, Figure } from "../case.ts";
import { fillQueue, type TaskContent } from "../processes/fill-queue.ts";
import { startSitq } from "../processes/sitq-server.ts";
import type { SecuredBy } from "../processes/worker-process.ts";
import { startCpuTime } from "./cpu-time.ts";
import { startDrains } from "./measure-drain.ts";

/** A server that differs from others of its case in one thing. */
export interface DrainVariant {
  readonly name: string;
  readonly flags: readonly string[];
  readonly security: SecuredBy;
  /** Further variables of the server. Default: none. */
  readonly env?: Readonly<Record<string, string>>;
  /** What its tasks carry. Default: as in every case. */
  readonly content?: TaskContent;
}

/** A server of a variant with its worker; both stay until the stack ends. */
export interface RunningVariant {
  readonly name: string;
  readonly address: string;
  drain(): Promise<VariantDrain>;
}

/** A drain with room for 256. */
export interface VariantDrain {
  /** Tasks a second. */
  readonly rate: number;
  /** What the server spent on each task, in µs. */
  readonly cpu: number;
  /** What it had spent on its enqueue, in a batch of 1,000. */
  readonly enqueueCpu: number;
}

/** Starts a server of a variant with its worker. */
export async function startVariant(
  context: CaseContext,
  { name, flags, security, env, content }: DrainVariant,
  stack: AsyncDisposableStack,
): Promise<RunningVariant> {
  const server = stack.use(await startSitq(variantFile(context, name), flags, env));
  const client = stack.adopt(connect({ address: server.address, ...security }), (each) => each.close());
  const of = { address: server.address, serverPid: server.pid };
  const drains = stack.use(await startDrains(client, of, ["drain"], { capacity: 256, security }));
  const tasks = context.quick ? 2_000 : 100_000;
  return {
    name,
    address: server.address,
    async drain() {
      let filled: readonly Figure[] = [];
      const { rate, cpu } = await drains.drain(tasks, async () => {
        const spent = startCpuTime(server.pid);
        await fillQueue(client, "drain", tasks, () => undefined, content);
        filled = spent(tasks);
      });
      return { rate, cpu: cpu[0]?.value ?? Number.NaN, enqueueCpu: filled[0]?.value ?? Number.NaN };
    },
  };
}

/** The database file of a variant. */
export function variantFile({ directory }: CaseContext, name: string): string {
  return join(directory, `${name.replaceAll(" ", "-")}.db`);
}

/** Drains each in turn, in every second round in reverse: no variant has a place of its own. Answers them in their order. */
export async function drainInTurn(context: CaseContext, running: readonly RunningVariant[], round: number) {
  const none: VariantDrain = { rate: Number.NaN, cpu: Number.NaN, enqueueCpu: Number.NaN };
  const drained = running.map(() => none);
  for (const index of round % 2 === 0 ? running.keys() : [...running.keys()].reverse()) {
    context.say(`round ${round}: ${running[index]?.name}`);
    drained[index] = (await running[index]?.drain()) ?? none;
  }
  return drained;
}
