import type { Cluster } from "../cluster/cluster.ts";
import type { Clock } from "../domain/clock.ts";
import type { Log } from "../domain/log.ts";
import { createService, type Service } from "../domain/service.ts";
import type { ClusterStore } from "../store/cluster-store.ts";
import { CatchUp } from "./catch-up.ts";
import type { LocalWrites } from "./local-writes.ts";
import type { Registrations } from "./registrations.ts";
import type { Services } from "./services.ts";
import { HeartbeatRelay, lastHeartbeats, type Sharing } from "./sharing.ts";

/** What sharing the registry needs. */
export interface SharedRegistryOptions {
  readonly store: Pick<ClusterStore, "registryChanges">;
  readonly cluster: Cluster;
  readonly clock: Clock;
  readonly log: Pick<Log, "info" | "warn">;
  readonly writes: LocalWrites;
}

/** The registry of this server as one of those that share a storage. */
export interface SharedRegistry {
  readonly sharing: Sharing;
  /** Begins to take in what other servers store and hear, once these are there. Its start reads what is stored. */
  over(registrations: Registrations, services: Services): Service;
}

/**
 * Shares the registry with the servers of a storage. Registrations and settings are in the storage: other servers are given a hint of each
 * change, and read what has changed; the revision tells them of a hint that was lost. Heartbeats go from server to server, and each server judges
 * the silence by itself. While another server is not heard, what it has heard is missing: each instance has a whole ttl from then on.
 */
export function shareRegistry({ store, cluster, clock, log, writes }: SharedRegistryOptions): SharedRegistry {
  const relay = new HeartbeatRelay(cluster, clock);
  let catchUp: CatchUp | null = null;
  return {
    sharing: {
      readsAll: true,
      get mayRemove() {
        return cluster.isLeader && cluster.hearsAll;
      },
      stored: () => cluster.tell({ registryChanged: true }),
      heard: (member, load) => relay.heard(member, load),
      async catchUp(isWhole = false) {
        if (isWhole) catchUp?.forget();
        await catchUp?.run();
      },
    },

    over(registrations, services) {
      const reading = new CatchUp({ store, writes, registrations, services, log });
      catchUp = reading;
      cluster.beginsWith(() => ({ heartbeats: lastHeartbeats(registrations.members, clock) }));
      cluster.onPeer((_, event) => {
        if (event !== "ended") registrations.forgive();
      });
      cluster.onNews(({ registryChanged, heartbeats }) => {
        if (registryChanged) reading.hint();
        const unknown = registrations.hearFrom([...heartbeats.values()]);
        // They come from where the instances have registered a moment ago.
        if (unknown.length > 0)
          void reading.run().then(
            () => registrations.hearFrom(unknown),
            () => undefined,
          );
      });
      cluster.onRevised("services", () => reading.hint());
      cluster.onMissed(() => {
        if (reading.isBehind) reading.hint();
      });
      return createService({
        async start() {
          await reading.run();
          const instances = [...registrations.members].length;
          if (instances > 0) log.info({ instances }, "recovered instances from the database");
        },
        stop() {
          relay.stop();
          reading.stop();
        },
      });
    },
  };
}
