import { connect } from "../../src/client/index.ts";
import type { Case, Figure } from "../case.ts";
import { startCpuTime } from "../cpu-time.ts";
import { fourSteps, startWorkflows } from "../start-workflows.ts";
import { startWorkers } from "../worker-processes.ts";

/** From a paused queue that is let go to the last step on the disk, with handlers that do nothing. */
export const workflows: Case = {
  name: "workflows",
  what: "workflows of four steps, one after the other, through one worker with room for 256",
  server: "sitq",
  ceilings: [{ name: "drain-256" }],
  async run({ address, serverPid, quick, say }, rounds) {
    const count = quick ? 200 : 10_000;
    const client = connect({ address });
    const figures: Figure[][] = [];
    // The first one is the warm-up.
    for (let round = 0; round <= rounds; round++) {
      const queue = `workflows-${round}`;
      const setPaused = (paused: boolean) =>
        client.queue.updateQueue({
          queue: { name: queue, paused },
          updateMask: { paths: ["paused"] },
          allowMissing: true,
        });
      await setPaused(true);
      const startedMs = performance.now();
      await startWorkflows(client, fourSteps(queue), count, say);
      const startRate = (count / (performance.now() - startedMs)) * 1_000;

      await using workers = await startWorkers(1, { address, workers: [[queue]], concurrency: 256 });
      const spent = startCpuTime(serverPid);
      const beganMs = performance.now();
      await setPaused(false);
      await workers.reached(4 * count);
      await settled(queue, 4 * count);
      const rate = (count / (performance.now() - beganMs)) * 1_000;
      figures.push([
        { name: "steps", unit: "tasks/s", value: 4 * rate },
        { name: "completed", unit: "workflows/s", value: rate },
        { name: "started", unit: "workflows/s", value: startRate },
        ...spent(4 * count),
      ]);
      await workers.stop();
    }
    client.close();
    return figures.slice(1);

    async function settled(queue: string, tasks: number): Promise<void> {
      for (;;) {
        const { queue: found } = await client.queue.getQueue({ name: queue });
        if (found?.statistics?.completed === BigInt(tasks)) return;
      }
    }
  },
};
