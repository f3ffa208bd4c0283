import type { Clock } from "../../domain/clock.ts";
import type { Lease } from "../../domain/lease.ts";
import type { Random } from "../../domain/random.ts";
import type { Retries } from "../../domain/retries.ts";
import type { OutcomeReport, Settlement } from "../../domain/tasks/outcome.ts";
import type { WaitGroup } from "../../domain/wait-group.ts";
import type { Scheduler } from "../../maintenance/scheduler.ts";
import type { Store } from "../../store/store.ts";
import type { SettleAnswer } from "../../store/task-store.ts";

/** An attempt's end, as its worker or the server reports it. */
export interface AttemptReport extends Lease {
  readonly outcome: OutcomeReport;
}

/** What the completer needs. */
export interface OutcomeCompleterOptions {
  readonly store: Pick<Store, "settle">;
  readonly clock: Clock;
  /** Draws the jitter of retries. */
  readonly random: Random;
  readonly retries: Retries;
  readonly scheduler: Pick<Scheduler, "due">;
  /** Counts the completions that no caller waits for, until they have ended. */
  readonly pending: WaitGroup;
}

/** Stores the ends of attempts, from all who report them, and sets off what follows from them. */
export class OutcomeCompleter {
  private readonly store: Pick<Store, "settle">;
  private readonly clock: Clock;
  private readonly random: Random;
  private readonly retries: Retries;
  private readonly scheduler: Pick<Scheduler, "due">;
  private readonly pending: WaitGroup;
  /** Called with each queue of which attempts ended. */
  private readonly endedListeners: ((queue: string) => void)[] = [];

  /** Creates a completer over a store. */
  constructor({ store, clock, random, retries, scheduler, pending }: OutcomeCompleterOptions) {
    this.store = store;
    this.clock = clock;
    this.random = random;
    this.retries = retries;
    this.scheduler = scheduler;
    this.pending = pending;
  }

  /** Calls `listener` with each queue of which attempts end, from now on. */
  onEnded(listener: (queue: string) => void): void {
    this.endedListeners.push(listener);
  }

  /** Answers after the commit, in the order of the reports. */
  async complete(reports: readonly AttemptReport[]): Promise<SettleAnswer[]> {
    const settlements = needNoJitter(reports) ? reports : reports.map((report) => this.withJitter(report));
    const answers = await this.store.settle(settlements, this.clock.now());
    // Most are of one queue: it is reported once, not for each of them.
    let reported: string | null = null;
    for (const answer of answers) {
      if (answer.status !== "settled") continue;
      if (answer.queue !== reported) this.reportEnded(answer.queue);
      reported = answer.queue;
      if (answer.scheduleMs !== null) this.scheduler.due(answer.scheduleMs);
    }
    return answers;
  }

  /** Completes what no caller waits for. A task whose report is not stored when the server stops is offered again after the next start. */
  completeAside(what: string, reports: readonly AttemptReport[]): void {
    const completed = this.retries.untilDone(what, () => this.complete(reports));
    void this.pending.track(completed.catch(() => undefined));
  }

  /** Gives tasks back that never reached their worker; they keep their place in line and their attempt. */
  giveBack(leases: readonly Lease[], outcome: OutcomeReport = { kind: "unsent" }): void {
    if (leases.length === 0) return;
    this.completeAside(
      "giving tasks back",
      leases.map((lease) => ({ ...lease, outcome })),
    );
  }

  /** Attempts of the queue ended: in the store, where it is called from elsewhere. */
  reportEnded(queue: string): void {
    for (const listener of this.endedListeners) listener(queue);
  }

  private withJitter(report: AttemptReport): Settlement {
    const { outcome } = report;
    if (outcome.kind !== "failed" && outcome.kind !== "timed_out") return { ...report, outcome };
    return { ...report, outcome: { ...outcome, random: this.random() } };
  }
}

/** Whether no report is of an attempt that may be tried again: then they are stored as they are. */
function needNoJitter(reports: readonly AttemptReport[]): reports is readonly Settlement[] {
  return reports.every(({ outcome: { kind } }) => kind !== "failed" && kind !== "timed_out");
}
