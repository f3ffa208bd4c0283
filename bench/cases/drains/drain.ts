import { connect } from "../../../src/client/index.ts";
import type { Case, Figure } from "../../case.ts";
import { type Drainers, startDrains } from "../../measure/measure-drain.ts";
import { fillQueue } from "../../processes/fill-queue.ts";

/** From a full queue that is let go to the last outcome on the disk, with handlers that do nothing. */
function drain(
  name: string,
  { processes, capacity }: Required<Pick<Drainers, "processes" | "capacity">>,
  { ceilings, goals }: Required<Pick<Case, "ceilings" | "goals">>,
): Case {
  const workers = processes === 1 ? "one worker" : `${processes} workers, each in a process of its own and`;
  return {
    name,
    what: `waiting tasks through ${workers} with room for ${capacity}, until the last one is settled`,
    server: "sitq",
    ceilings,
    goals,
    async run(context, rounds) {
      const tasks = context.quick ? 2_000 : 100_000;
      const client = connect({ address: context.address });
      const who = { processes: context.quick ? Math.min(processes, 3) : processes, capacity };
      const figures: Figure[][] = [];
      await using drains = await startDrains(client, context, ["drain"], who);
      for (let round = 0; round <= rounds; round++) {
        const { rate, cpu } = await drains.drain(tasks, () => fillQueue(client, "drain", tasks, context.say));
        figures.push([{ name: "rate", unit: "tasks/s", value: rate }, ...cpu]);
      }
      client.close();
      // The first one was the warm-up.
      return figures.slice(1);
    },
  };
}

/** Drains of a waiting queue. */
export const drains: readonly Case[] = [
  drain(
    "drain-64",
    { processes: 1, capacity: 64 },
    {
      ceilings: [{ name: "rows", figure: "settle and claim 64" }, { name: "stream" }],
      goals: [{ figure: "rate", atLeast: 45_000 }],
    },
  ),
  drain(
    "drain-256",
    { processes: 1, capacity: 256 },
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
    { processes: 16, capacity: 64 },
    {
      ceilings: [{ name: "drain-64" }],
      goals: [{ figure: "rate", atLeast: (of) => of("drain-64") }],
    },
  ),
];
