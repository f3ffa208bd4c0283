import { type Cluster, noCluster } from "../../cluster/cluster.ts";
import type { EndedLease } from "../../domain/lease.ts";
import type { Log } from "../../domain/log.ts";
import type { Retries, Trouble } from "../../domain/retries.ts";
import { type Cancellation, calledOff } from "../../domain/tasks/cancellation.ts";
import type { SettleAnswer } from "../../store/task-store.ts";
import type { LeaseTable, Overdue } from "./lease-table.ts";
import type { AttemptReport, OutcomeCompleter } from "./outcome-completer.ts";
import type { HeldLease, WatchedLease } from "./watched-lease.ts";

/** The workers that hold leases. */
export interface LeaseHolders {
  /** Whether the worker's stream, or the time that it has to come back, keeps the lease. */
  watches(lease: HeldLease): boolean;
  /** Tells the workers of leases that ended to stop. */
  cancel(leases: readonly HeldLease[], cancellation: Cancellation): void;
}

/** Counts attempts that ended in one commit; see WorkerStatistics. */
export interface AttemptCounts {
  ended(
    outcomes: readonly AttemptReport[],
    statuses: readonly SettleAnswer["status"][],
    leases: readonly WatchedLease[],
  ): void;
}

/** What ends leases. */
export interface LeaseEnderOptions {
  readonly leases: LeaseTable;
  readonly completer: Pick<OutcomeCompleter, "complete" | "reportEnded">;
  readonly workers: LeaseHolders;
  readonly statistics: AttemptCounts;
  readonly retries: Retries;
  readonly log: Pick<Log, "info">;
  /** Where other servers watch leases. Default: none does. */
  readonly cluster?: Pick<Cluster, "serverId" | "tell">;
}

/**
 * Ends leases without a report of their workers, and tells those to stop: because the time of the lease or of the attempt is up,
 * because its worker is gone, or because the task was cancelled.
 *
 * What cannot be stored (a full disk) stays leased and is tried again: a task must not be lost between workers. A worker that came
 * back meanwhile keeps its lease.
 */
export class LeaseEnder {
  private readonly leases: LeaseTable;
  private readonly completer: Pick<OutcomeCompleter, "complete" | "reportEnded">;
  private readonly workers: LeaseHolders;
  private readonly statistics: AttemptCounts;
  private readonly retries: Retries;
  private readonly log: Pick<Log, "info">;
  private readonly cluster: Pick<Cluster, "serverId" | "tell">;

  /** Creates an ender; from now on it ends what is overdue in the table. */
  constructor({ leases, completer, workers, statistics, retries, log, cluster = noCluster }: LeaseEnderOptions) {
    this.leases = leases;
    this.completer = completer;
    this.workers = workers;
    this.statistics = statistics;
    this.retries = retries;
    this.log = log;
    this.cluster = cluster;
    leases.onOverdue((overdue, why) => void this.endOverdue(overdue, why));
  }

  /** The store has ended these leases by a cancellation. */
  endCancelled(ended: readonly EndedLease[], reason: string): void {
    const elsewhere = ended.filter(({ serverId }) => serverId !== this.cluster.serverId);
    if (elsewhere.length > 0) this.cluster.tell({ endedLeases: elsewhere.map((lease) => ({ lease, reason })) });
    // Also for a step that is not handed out yet: it counted towards `max_running`.
    for (const { queue } of ended) this.completer.reportEnded(queue);
    const own = ended.filter(({ serverId }) => serverId === this.cluster.serverId);
    const undelivered = own.filter(({ taskId }) => !this.leases.isHeld(taskId));
    this.stop(ended, reason);
    // A claim whose commit the cancellation shares is answered before it, and delivered later in this turn.
    if (undelivered.length > 0) setImmediate(() => this.stop(undelivered, reason));
  }

  /** Stores the ends of leases whose time is up. Resolves after the first try. */
  async endOverdue(
    overdue: readonly HeldLease[],
    why: Overdue,
    trouble: Trouble = this.retries.trouble("storing the ends of leases"),
  ): Promise<void> {
    const ended = overdue.flatMap((lease) => this.leases.close(lease) ?? []);
    if (ended.length === 0) return trouble.end();
    const outcome = { kind: why };
    const reports = ended.map(({ taskId, attempt, workerId, leaseKind }) => ({
      taskId,
      attempt,
      workerId,
      leaseKind,
      outcome,
    }));
    let answers: SettleAnswer[];
    try {
      answers = await this.completer.complete(reports);
    } catch (error) {
      for (const lease of ended) {
        this.leases.open(lease, { attemptMs: null, leaseMs: null, startMs: lease.startMs });
      }
      trouble.failed(error, () => {
        const still = ended.filter((lease) => this.isStillOverdue(lease, why));
        void this.endOverdue(still, why, trouble);
      });
      return;
    }
    trouble.succeeded();
    this.statistics.ended(
      reports,
      answers.map(({ status }) => status),
      ended,
    );
    ended.forEach((lease, index) => {
      if (answers[index]?.status === "settled") this.reportEnd(lease, why);
    });
  }

  private stop(ended: readonly EndedLease[], reason: string): void {
    const held = ended.flatMap((lease) => this.leases.close(lease) ?? []);
    if (held.length > 0) this.workers.cancel(held, calledOff(reason));
  }

  private isStillOverdue(lease: HeldLease, why: Overdue): boolean {
    if (why === "timed_out") return true;
    return lease.leaseKind === "unary" ? !this.leases.isTimed(lease.taskId) : !this.workers.watches(lease);
  }

  private reportEnd(lease: HeldLease, overdue: Overdue): void {
    const why = overdue === "lease_lost" ? overdue : "attempt_timeout";
    const { taskId, attempt, workerId, queue } = lease;
    this.log.info({ task_id: taskId, attempt, worker_id: workerId, queue }, why.toUpperCase());
    this.workers.cancel([lease], { why, words: "" });
  }
}
