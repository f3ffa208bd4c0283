import type { Clock } from "../../domain/clock.ts";
import type { Lease } from "../../domain/lease.ts";
import type { Log } from "../../domain/log.ts";
import type { Retries } from "../../domain/retries.ts";
import type { UncompletedOutcome } from "../../domain/tasks/outcome.ts";
import type { WaitGroup } from "../../domain/wait-group.ts";
import type { Store } from "../../store/store.ts";
import type { Dispatcher } from "../dispatch/dispatcher.ts";
import type { KnownLanes } from "../dispatch/known-lanes.ts";
import type { QueueTurns } from "../dispatch/queue-turns.ts";
import type { TaskClaimer } from "../dispatch/task-claimer.ts";
import type { HeldLease, LeaseTable, Overdue } from "../leases/lease-table.ts";
import type { OutcomeCompleter } from "../leases/outcome-completer.ts";

/** What the sessions of workers share. */
export interface WorkerContext {
  readonly store: Store;
  readonly claimer: TaskClaimer;
  readonly clock: Clock;
  readonly log: Log;
  readonly retries: Retries;
  readonly leases: LeaseTable;
  readonly dispatcher: Dispatcher;
  readonly turns: QueueTurns;
  readonly lanes: KnownLanes;
  readonly completer: OutcomeCompleter;
  readonly settings: WorkerSettings;
  readonly pending: WaitGroup;
  /** Ends leases whose time is up. */
  expire(leases: readonly HeldLease[], why: Overdue): Promise<void>;
  /** Gives tasks back that never reached their worker; they keep their place in line and their attempt. */
  giveBack(given: readonly Lease[], outcome?: UncompletedOutcome): void;
}

/** The times that workers live by, in milliseconds. */
export interface WorkerSettings {
  readonly leaseDurationMs: number;
  readonly heartbeatIntervalMs: number;
}
