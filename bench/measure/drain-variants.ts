import { join } from "node:path";
import { connect } from "../../src/client/index.ts";
import type { CaseContext } from "../case.ts";
import { fillQueue } from "../processes/fill-queue.ts";
import { startSitq } from "../processes/sitq-server.ts";
import type { SecuredBy } from "../processes/worker-process.ts";
import { startDrains } from "./measure-drain.ts";

/** A server that differs from others of its case in one thing. */
export interface DrainVariant {
  readonly name: string;
  readonly flags: readonly string[];
  readonly security: SecuredBy;
}

/** A server of a variant with its worker; both stay until the stack ends. */
export interface RunningVariant {
  readonly name: string;
  readonly address: string;
  /** A drain with room for 256, and the CPU of the server for each task in µs. */
  drain(): Promise<{ readonly rate: number; readonly cpu: number }>;
}

/** Starts a server of a variant with its worker. */
export async function startVariant(
  context: CaseContext,
  { name, flags, security }: DrainVariant,
  stack: AsyncDisposableStack,
): Promise<RunningVariant> {
  const server = stack.use(await startSitq(variantFile(context, name), flags));
  const client = stack.adopt(connect({ address: server.address, ...security }), (each) => each.close());
  const of = { address: server.address, serverPid: server.pid };
  const drains = stack.use(await startDrains(client, of, ["drain"], { capacity: 256, security }));
  const tasks = context.quick ? 2_000 : 100_000;
  return {
    name,
    address: server.address,
    async drain() {
      const { rate, cpu } = await drains.drain(tasks, () => fillQueue(client, "drain", tasks, () => undefined));
      return { rate, cpu: cpu[0]?.value ?? Number.NaN };
    },
  };
}

/** The database file of a variant. */
export function variantFile({ directory }: CaseContext, name: string): string {
  return join(directory, `${name.replaceAll(" ", "-")}.db`);
}

/** Drains each in turn, in every second round in reverse: no variant has a place of its own. Answers them in their order. */
export async function drainInTurn(context: CaseContext, running: readonly RunningVariant[], round: number) {
  const drained = running.map(() => ({ rate: Number.NaN, cpu: Number.NaN }));
  for (const index of round % 2 === 0 ? running.keys() : [...running.keys()].reverse()) {
    context.say(`round ${round}: ${running[index]?.name}`);
    drained[index] = (await running[index]?.drain()) ?? { rate: Number.NaN, cpu: Number.NaN };
  }
  return drained;
}
