import type { Case, Figure } from "../case.ts";
import { type Drain, measureDrain } from "../measure-drain.ts";

/** From a full queue that is let go to the last outcome on the disk, with handlers that do nothing. */
function drain(
  name: string,
  { processes, concurrency }: Pick<Drain, "processes" | "concurrency">,
  { ceilings, goals }: Required<Pick<Case, "ceilings" | "goals">>,
): Case {
  const workers = processes === 1 ? "one worker" : `${processes} workers, each in a process of its own and`;
  return {
    name,
    what: `waiting tasks through ${workers} with room for ${concurrency}, until the last one is settled`,
    server: "sitq",
    ceilings,
    goals,
    async run(lab, rounds) {
      const plan = { tasks: lab.quick ? 2_000 : 100_000, processes: lab.quick ? Math.min(processes, 3) : processes };
      const figures: Figure[][] = [];
      for (let round = 0; round <= rounds; round++) {
        figures.push(await measureDrain(lab, `drain-${round}`, { ...plan, concurrency }));
      }
      // The first one was the warm-up.
      return figures.slice(1);
    },
  };
}

/** Drains of a waiting queue. */
export const drains: readonly Case[] = [
  drain(
    "drain-64",
    { processes: 1, concurrency: 64 },
    {
      ceilings: [{ name: "rows", figure: "settle and claim 64" }, { name: "stream" }],
      goals: [{ figure: "rate", atLeast: 45_000 }],
    },
  ),
  drain(
    "drain-256",
    { processes: 1, concurrency: 256 },
    {
      ceilings: [{ name: "rows", figure: "settle and claim 256" }, { name: "stream" }],
      goals: [
        { figure: "rate", atLeast: 75_000 },
        { figure: "rate", atLeast: (of) => 0.6 * of("rows", "settle and claim 256") },
      ],
    },
  ),
  drain(
    "drain-16-workers",
    { processes: 16, concurrency: 64 },
    {
      ceilings: [{ name: "drain-64" }],
      goals: [{ figure: "rate", atLeast: (of) => of("drain-64") }],
    },
  ),
];
