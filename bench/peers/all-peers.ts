import type { Peer } from "./peer.ts";
import { beanstalkd } from "./systems/beanstalkd.ts";
import { bullmq } from "./systems/bullmq.ts";
import { graphileWorker } from "./systems/graphile-worker.ts";
import { nats } from "./systems/nats.ts";
import { pgBoss } from "./systems/pg-boss.ts";
import { rabbitmq } from "./systems/rabbitmq.ts";
import { river } from "./systems/river.ts";
import { sitq, sitqPostgres } from "./systems/sitq.ts";

/** Every system, sitq first. */
export const allPeers: readonly Peer[] = [
  sitq,
  sitqPostgres,
  rabbitmq,
  nats,
  bullmq,
  pgBoss,
  graphileWorker,
  river,
  beanstalkd,
];

/** The system of this name; `undefined`: there is none. */
export function peerNamed(name: string): Peer | undefined {
  return allPeers.find((peer) => peer.name === name);
}
