import type Database from "better-sqlite3";
import { createKeySequence, type KeySequence } from "../../../domain/key-sequence.ts";
import type { Tallies } from "../../tallies/tallies.ts";
import { createOrigins, type Origins } from "../rows/claim-context.ts";
import { createDamages, type Damages } from "../rows/damages.ts";
import { createStretchLog } from "../rows/key-stretches.ts";
import { createPlans, type Plans } from "../rows/plans.ts";
import { createQueueTable, type QueueTable } from "../rows/queue-table.ts";
import { createSubscriptionTable, type SubscriptionTable } from "../rows/subscription-table.ts";
import { type ChangeLog, createChangeLog } from "./change-log.ts";
import { OpenLeases } from "./open-leases.ts";
import { createStandings, type Standings } from "./standings.ts";
import { prepareTaskStatements, type TaskStatements } from "./task-statements.ts";

/** What every verb works with: the open database, and what its thread holds in memory beside it. */
export interface Engine {
  readonly db: Database.Database;
  readonly tasks: TaskStatements;
  readonly queues: QueueTable;
  readonly subscriptions: SubscriptionTable;
  readonly plans: Plans;
  readonly standings: Standings;
  readonly origins: Origins;
  readonly changes: ChangeLog;
  readonly leases: OpenLeases;
  readonly damages: Damages;
  /** The keys of tasks, events and workflows, in one sequence. */
  readonly keys: KeySequence;
  /** Unfinished tasks that a queue takes if its own settings do not say. */
  readonly maxQueueDepth: number;
  /** Counts what happens; `null`: metrics are off. */
  readonly tallies: Tallies | null;
}

/** Creates the engine over an open database. @param tallies `null`: nothing is counted for metrics */
export function createEngine(db: Database.Database, maxQueueDepth: number, tallies: Tallies | null = null): Engine {
  const last = db
    .prepare<[], number>(
      `SELECT max(ifnull((SELECT max(id) FROM task), 0), ifnull((SELECT max(id) FROM event), 0),
         ifnull((SELECT max(id) FROM workflow), 0), value) FROM meta WHERE name = 'last_task_id'`,
    )
    .pluck()
    .get();
  const keys = createKeySequence(last ?? 0, createStretchLog(db));
  const damages = createDamages();
  const queues = createQueueTable(db, damages, tallies);
  const plans = createPlans(db);
  const subscriptions = createSubscriptionTable(db);
  const origins = createOrigins(db, plans, keys, damages);
  return {
    db,
    tasks: prepareTaskStatements(db),
    queues,
    subscriptions,
    plans,
    standings: createStandings(db),
    damages,
    origins,
    changes: createChangeLog({ db, queues, subscriptions, origins, keys }),
    leases: new OpenLeases(db),
    keys,
    maxQueueDepth,
    tallies,
  };
}
