import { connect, createPublisher, eventStart, type SitqClient } from "../../src/client/index.ts";
import type { Case, Figure, Goal } from "../case.ts";
import { startDrains } from "../measure/measure-drain.ts";
import { payload } from "../payload.ts";

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
      await using drains = await startDrains(client, { address, serverPid }, queues, { capacity: 256 });
      for (let round = 0; round <= rounds; round++) {
        let published = Number.NaN;
        const { rate, cpu } = await drains.drain(count * subscriptions, async () => {
          published = await publish(client, count);
        });
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
  const rate = (count / (performance.now() - beganMs)) * 1_000;
  await publisher.close();
  return rate;
}

/** Events with few and with many subscriptions. */
export const eventCases: readonly Case[] = [
  events(1),
  events(10, [{ figure: "deliveries", atLeast: (of) => 0.7 * of("drain-256") }]),
  events(100),
];
