import { connect } from "../../src/client/index.ts";
import type { Case, Figure } from "../case.ts";
import { startDrains } from "../measure/measure-drain.ts";
import { fourSteps, startWorkflows } from "../processes/start-workflows.ts";

const queue = "workflows";

/** From a paused queue that is let go to the last step on the disk, with handlers that do nothing. */
export const workflows: Case = {
  name: "workflows",
  what: "workflows of four steps, one after the other, through one worker with room for 256",
  server: "sitq",
  ceilings: [{ name: "drain-256" }],
  goals: [{ figure: "steps", atLeast: (of) => 0.7 * of("drain-256") }],
  async run({ address, serverPid, quick, say }, rounds) {
    const count = quick ? 200 : 10_000;
    const client = connect({ address });
    const figures: Figure[][] = [];
    await using drains = await startDrains(client, { address, serverPid }, [queue], { capacity: 256 });
    for (let round = 0; round <= rounds; round++) {
      let startRate = Number.NaN;
      const { rate, cpu } = await drains.drain(4 * count, async () => {
        const beganMs = performance.now();
        await startWorkflows(client, fourSteps(queue), count, say);
        startRate = (count / (performance.now() - beganMs)) * 1_000;
      });
      figures.push([
        { name: "steps", unit: "tasks/s", value: rate },
        { name: "completed", unit: "workflows/s", value: rate / 4 },
        { name: "started", unit: "workflows/s", value: startRate },
        ...cpu,
      ]);
    }
    client.close();
    // The first one was the warm-up.
    return figures.slice(1);
  },
};
