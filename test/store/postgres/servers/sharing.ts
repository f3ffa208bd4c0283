/** What tests of servers that share a schema do with their time, which is that of the database. */

import { Client } from "pg";
import type { ClusterStore, Renewal } from "../../../../src/store/cluster-store.ts";
import type { Store } from "../../../../src/store/store.ts";
import type { OpenServers } from "../open-postgres.ts";

/** How long servers of these tests count as alive after a renewal, in milliseconds. */
export const aliveMs = 1_000;

/** The cluster of a store on PostgreSQL. */
export function clusterOf(store: Store | undefined): ClusterStore {
  if (!store?.cluster) throw new Error("no store that servers share");
  return store.cluster;
}

/** Joins as a server of this name would. */
export function join(cluster: ClusterStore, name: string): Promise<void> {
  return cluster.join({ address: `${name}:50051`, certificate: null, version: "0.1.0" });
}

/** Runs statements as somebody else on the schema of the servers. */
export async function sql(servers: OpenServers, text: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: servers.url });
  await client.connect();
  try {
    await client.query(`SET search_path TO "${servers.schema}"`);
    return (await client.query<Record<string, unknown>>(text)).rows;
  } finally {
    await client.end();
  }
}

/** Makes the time of a server that is silent pass. */
export async function letTimePass(servers: OpenServers, cluster: ClusterStore): Promise<void> {
  await sql(servers, `UPDATE membership SET until_ms = 1 WHERE server_id = ${cluster.serverId}`);
}

/** Renews until the clock of the database has come so far; what `beside` does is done after each renewal. */
export async function renewFor(
  cluster: ClusterStore,
  ms: number,
  beside: () => Promise<unknown> = async () => undefined,
): Promise<Renewal> {
  const { nowMs: fromMs } = await cluster.renew();
  for (;;) {
    const renewal = await cluster.renew();
    if (renewal.nowMs - fromMs > ms) return renewal;
    await beside();
  }
}

/** Renews, as the leader does, until it may end others. */
export async function becomeSteady(cluster: ClusterStore): Promise<void> {
  await renewFor(cluster, aliveMs);
}
