import { networkInterfaces } from "node:os";
import type { SecureContextOptions } from "node:tls";
import { type Cluster, createCluster, noCluster } from "./cluster/cluster.ts";
import { createStorageClock } from "./cluster/storage-clock.ts";
import { type Config, clientAuthOf } from "./config/settings.ts";
import { formatHostPort, isEverywhere, parseHostPort } from "./contract/host-port.ts";
import { type Clock, systemClock } from "./domain/clock.ts";
import type { Log } from "./domain/log.ts";
import { type Random, systemRandom } from "./domain/random.ts";
import { createPeerCalls } from "./rpc/peers/peer-calls.ts";
import type { Store } from "./store/store.ts";
import type { TlsReloader } from "./tls/tls-reloader.ts";
import { version } from "./version.ts";

/** What the cluster of a server needs beside its store. */
export interface ClusterParts {
  readonly log: Log;
  /** Carries the storage's clock on. Default: the machine's. */
  readonly clock?: Clock;
  readonly random?: Random;
  /** The certificate and key that this server shows to the others; `null`: none. */
  readonly tls: () => Pick<SecureContextOptions, "cert" | "key"> | null;
}

/**
 * What a server shows to the others that share its store: its certificate where they demand one of each client, and nothing where they do not.
 * One that is for servers alone, or of another authority, would be refused there.
 */
export function shownToServers(
  config: Pick<Config, "tlsClientAuth" | "tlsClientCaPath">,
  tls: TlsReloader | null,
): ClusterParts["tls"] {
  return () => (clientAuthOf(config) === "require" ? (tls?.context ?? null) : null);
}

/** Creates the cluster of the servers that share a store. */
export function createClusterOf(store: Store, parts: ClusterParts): Cluster {
  if (store.cluster === null) return noCluster;
  const { log, clock: machine = systemClock, random = systemRandom, tls } = parts;
  const storageClock = createStorageClock(machine, store.cluster.clockGapMs, log);
  const calls = createPeerCalls(tls);
  // Whether a server lives is judged by the database's clock, whatever clock the server has.
  return createCluster({ store: store.cluster, clock: systemClock, storageClock, random, log, version, calls });
}

/** Lets the other servers know where this one is, now and when its certificate changes. */
export async function joinCluster(
  cluster: Cluster,
  { advertise }: Pick<Config, "advertise">,
  listening: string,
  tls: TlsReloader | null,
): Promise<void> {
  const address = advertisedAddress({ advertise }, listening);
  const join = () => cluster.join({ address, certificate: tls === null ? null : String(tls.context.cert) });
  await join();
  tls?.onChange(() => void join().catch(() => undefined));
}

/** By which address other servers reach this one. @param listening where it listens, with the port that it has taken */
export function advertisedAddress({ advertise }: Pick<Config, "advertise">, listening: string): string {
  return advertise === null ? reachable(listening) : formatHostPort(advertise);
}

/** By which address other machines reach what listens at all addresses of this one: its first that is not of this machine alone. */
function reachable(listening: string): string {
  const at = parseHostPort(listening);
  if (at === undefined || !isEverywhere(at)) return listening;
  const own = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  const { address: host = "127.0.0.1" } = own.find(({ internal, family }) => !internal && family === "IPv4") ?? {};
  return formatHostPort({ host, port: at.port });
}
