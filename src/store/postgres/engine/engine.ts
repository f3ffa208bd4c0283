import type { Revisions } from "../../cluster-store.ts";
import type { Tallies } from "../../tallies/tallies.ts";
import type { CommitAlong } from "../database/commit-along.ts";
import type { Keys } from "../database/keys.ts";
import type { Statements } from "../database/statements.ts";
import type { Origins } from "../rows/origins.ts";
import type { Plans } from "../rows/plans.ts";
import type { ChangeLog } from "./change-log.ts";
import type { QueueTable } from "./queue-table.ts";
import type { SubscriptionTable } from "./subscription-table.ts";
import type { Upkeep } from "./upkeep.ts";

/** The servers that share the schema with this one. */
export interface OtherServers {
  /** How many there are, as they were last seen; `null`: they were not yet. */
  count: number | null;
}

/** What every verb works with: the session that writes, and what is held in memory beside it. */
export interface Engine {
  /** The open transaction. */
  readonly db: Statements;
  /** By which a verb announces its last statement, so that the commit may be sent along. */
  readonly along: Pick<CommitAlong, "isLast">;
  /** The row of this server in `server`. */
  readonly serverId: number;
  readonly others: Readonly<OtherServers>;
  readonly keys: Keys;
  readonly queues: QueueTable;
  readonly subscriptions: SubscriptionTable;
  readonly changes: ChangeLog;
  readonly origins: Origins;
  readonly plans: Plans;
  /** Counts what this server does; `null`: nothing is counted for metrics. */
  readonly tallies: Tallies | null;
  /** How much a batch of upkeep takes now. */
  readonly upkeep: Pick<Upkeep, "portion">;
  /** Unfinished tasks that a queue takes if its own settings do not say. */
  readonly maxQueueDepth: number;
  /** Lets all servers know that this, which they keep in memory, has changed. Of the registry see `noteChanges`, of shifts `shiftTimes`. */
  changed(what: Exclude<keyof Revisions, "services" | "shifts"> | "subscriptions"): Promise<void>;
}
