import { connect, createPublisher, eventStart, type SitqClient } from "../../src/client/index.ts";
import type { Case, Figure, Goal } from "../case.ts";
import { startCpuTime } from "../cpu-time.ts";
import { payload } from "../payload.ts";
import { startWorkers } from "../worker-processes.ts";

/** Publications in flight. */
const lanes = 64;
/** Deliveries of a round, over all subscriptions. */
const fullDeliveries = 50_000;
const quickDeliveries = 1_000;

/**
 * So many subscriptions that match every event: how fast events are published, with all their deliveries on the disk; and then how
 * fast the deliveries go through one worker of all their queues.
 */
function events(subscriptions: number, goals: readonly Goal[] = []): Case {
  const name = `events-${subscriptions}`;
  return {
    name,
    what: `events with ${subscriptions} subscription${subscriptions === 1 ? "" : "s"}: published, then delivered to one worker with room for 256`,
    server: "sitq",
    ceilings: [{ name: "drain-256" }],
    goals,
    async run({ address, serverPid, quick }, rounds) {
      const client = connect({ address, service: "bench" });
      const queues = Array.from({ length: subscriptions }, (_, index) => `${name}-${index}`);
      for (const queue of queues) {
        await client.event.createSubscription({ subscription: { name: queue }, start: eventStart("now") });
      }
      const count = Math.ceil((quick ? quickDeliveries : fullDeliveries) / subscriptions);
      const figures: Figure[][] = [];
      for (let round = 0; round <= rounds; round++) {
        await setPaused(client, queues, true);
        const published = await publish(client, count);
        await using workers = await startWorkers(1, { address, workers: [queues], concurrency: 256 });
        const spent = startCpuTime(serverPid);
        const beganMs = performance.now();
        await setPaused(client, queues, false);
        await workers.reached(count * subscriptions);
        await completed(client, BigInt((round + 1) * count * subscriptions));
        const rate = perSecond(count * subscriptions, beganMs);
        const cpu = spent(count * subscriptions);
        await workers.stop();
        figures.push([
          { name: "deliveries", unit: "tasks/s", value: rate },
          { name: "published", unit: "events/s", value: published },
          { name: "deliveries stored", unit: "tasks/s", value: published * subscriptions },
          ...cpu,
        ]);
      }
      client.close();
      // The first one was the warm-up.
      return figures.slice(1);
    },
  };
}

async function setPaused({ queue }: SitqClient, names: readonly string[], paused: boolean): Promise<void> {
  const update = (name: string) =>
    queue.updateQueue({ queue: { name, paused }, updateMask: { paths: ["paused"] }, allowMissing: true });
  await Promise.all(names.map(update));
}

/** Publishes so many events; answers how many a second were acknowledged. */
async function publish(client: SitqClient, count: number): Promise<number> {
  const publisher = createPublisher(client);
  let left = count;
  const beganMs = performance.now();
  await Promise.all(
    Array.from({ length: lanes }, async () => {
      while (left > 0) {
        left--;
        await publisher.publish("work", payload);
      }
    }),
  );
  const rate = perSecond(count, beganMs);
  await publisher.close();
  return rate;
}

/** Waits until so many deliveries are COMPLETED. */
async function completed({ queue }: SitqClient, count: bigint): Promise<void> {
  for (;;) {
    const { queues } = await queue.listQueues({ pageSize: 1_000 });
    if (queues.reduce((sum, { statistics }) => sum + (statistics?.completed ?? 0n), 0n) >= count) return;
  }
}

function perSecond(n: number, sinceMs: number): number {
  return (n / (performance.now() - sinceMs)) * 1_000;
}

/** Events with few and with many subscriptions. */
export const eventCases: readonly Case[] = [
  events(1),
  events(10, [{ figure: "deliveries", atLeast: (of) => 0.7 * of("drain-256") }]),
  events(100),
];
