import type { ClusterStore } from "../cluster-store.ts";
import type { Membership } from "./database/membership.ts";

/** Creates what this server knows of the others. */
export function createCluster(serverId: number, aliveMs: number, membership: Membership): ClusterStore {
  return {
    serverId,
    aliveMs,
    secret: () => membership.secret(),
    join: (facts) => membership.join(facts),
    renew: () => membership.renew(),
    async adopt() {
      return { ended: await membership.endOthers(), leases: [], isMore: false };
    },
    leave: () => membership.leave(),
    changesUpTo: () => undefined,
    onChangesUpTo: () => () => undefined,
  };
}
