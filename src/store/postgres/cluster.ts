import type { Adopted, ClusterStore } from "../cluster-store.ts";
import type { Membership } from "./database/membership.ts";
import type { ChangeFeed } from "./engine/change-feed.ts";
import type { OtherServers } from "./engine/engine.ts";
import type { GroupCommit } from "./engine/group-commit.ts";
import type { AdoptedLeases } from "./engine/set-verbs.ts";
import { readRegistryChanges } from "./registry/changes.ts";
import { readLapsed } from "./tasks/leases.ts";

/** Servers that have ended, of which something is adopted. */
interface Round {
  readonly servers: readonly number[];
  /** The last task whose lease was adopted; `null`: all are. */
  readonly afterKey: number | null;
}

/** Creates what this server knows of the others that share its schema. @param others is kept up to date */
export function createCluster(
  membership: Membership,
  commit: Pick<GroupCommit, "call">,
  feed: Pick<ChangeFeed, "changesUpTo" | "onChangesUpTo" | "othersEnded">,
  others: OtherServers,
  facts: Pick<ClusterStore, "serverId" | "aliveMs" | "clockGapMs">,
): ClusterStore {
  let round: Round | null = null;

  /** Adopts one batch: first leases, then the counts. */
  async function adoptSome(): Promise<Pick<Adopted, "leases" | "isMore">> {
    if (round === null) {
      const servers = await membership.endedServers();
      if (servers.length === 0) return { leases: [], isMore: false };
      round = { servers, afterKey: 0 };
    }
    const { servers, afterKey } = round;
    if (afterKey === null) {
      await commit.call("foldCounts", [servers]);
      round = null;
      return { leases: [], isMore: false };
    }
    const { leases, lastKey } = (await commit.call("adoptLeases", [servers, afterKey])) as AdoptedLeases;
    round = { servers, afterKey: lastKey };
    return { leases, isMore: true };
  }

  /** Those that a former leader ended may have left something to be done. */
  let isFirst = true;

  return {
    ...facts,
    secret: () => membership.secret(),
    join: (where) => membership.join(where),
    async renew() {
      const renewal = await membership.renew();
      others.count = renewal.servers.filter(({ id }) => id !== facts.serverId).length;
      return renewal;
    },
    async adopt() {
      const ended = await membership.endOthers();
      if (ended.length > 0 || isFirst) feed.othersEnded();
      isFirst = false;
      return { ended, ...(await adoptSome()) };
    },
    leave: () => membership.leave(),
    registryChanges: (since) => membership.run((session) => readRegistryChanges(session, since)),
    lapsed: (leases) => membership.run((session) => readLapsed(session, leases, facts.serverId)),
    changesUpTo: (n) => feed.changesUpTo(n),
    onChangesUpTo: (listener) => feed.onChangesUpTo(listener),
  };
}
