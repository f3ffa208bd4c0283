import type { CaseContext, Figure } from "../case.ts";
import { startCpuTime } from "./cpu-time.ts";
import { measureInFlight, paceOf } from "./in-flight.ts";

/** How tasks are enqueued. */
export interface Enqueues {
  readonly inFlight: number;
  /** How many each call stores. Default 1. */
  readonly tasks?: number;
  readonly enqueue: () => Promise<unknown>;
}

/** Keeps enqueues in flight, and answers how many tasks a second were stored and what the server spent on each, by rounds. */
export async function measureEnqueues(
  { serverPid, quick }: Pick<CaseContext, "serverPid" | "quick">,
  rounds: number,
  { inFlight, tasks = 1, enqueue }: Enqueues,
): Promise<Figure[][]> {
  const costs: Figure[][] = [];
  const rates = await measureInFlight(inFlight, enqueue, rounds, paceOf(quick), () => {
    const spent = startCpuTime(serverPid);
    return (calls) => void costs.push(spent(calls * tasks));
  });
  return rates.map((rate, round) => [{ name: "rate", unit: "tasks/s", value: rate * tasks }, ...(costs[round] ?? [])]);
}
