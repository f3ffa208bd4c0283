import type { Clock } from "../../domain/clock.ts";
import type { SitqError } from "../../domain/errors.ts";
import { type LeaseRef, leaseOf } from "../../domain/lease.ts";
import { heartbeatTimeout } from "../../domain/refusals/workers.ts";
import type { Retries } from "../../domain/retries.ts";
import type { Cancellation } from "../../domain/tasks/cancellation.ts";
import type { ClaimedTask } from "../../domain/tasks/task.ts";
import { createWaitGroup } from "../../domain/wait-group.ts";
import type { Store } from "../../store/store.ts";
import { type Consumer, type TypeSet, typeSet } from "../dispatch/consumer.ts";
import type { Dispatcher } from "../dispatch/dispatcher.ts";
import { holderOf, type LeaseTable } from "../leases/lease-table.ts";
import { LostAttempts } from "../leases/lost-attempts.ts";
import type { OutcomeCompleter } from "../leases/outcome-completer.ts";
import { TasksAhead } from "../leases/tasks-ahead.ts";
import type { HeldLease } from "../leases/watched-lease.ts";
import { createHeartbeats, type Heartbeats } from "./heartbeats.ts";
import { Liveness } from "./liveness.ts";
import { type ReportingSession, storeOutcomes } from "./outcome-reports.ts";
import { createProgressReports, type ProgressReports } from "./progress-reports.ts";
import type { ReportedOutcome, SettledStatus } from "./reported-outcomes.ts";
import type { DrainReason, Hello, ReportedProgress, WorkerChannel } from "./worker-channel.ts";
import type { WorkerStatistics } from "./worker-statistics.ts";

/** The times that workers live by, in milliseconds. */
export interface WorkerSettings {
  readonly leaseDurationMs: number;
  readonly heartbeatIntervalMs: number;
}

/** What a session needs. */
export interface SessionParts {
  readonly clock: Clock;
  readonly retries: Retries;
  readonly settings: WorkerSettings;
  readonly store: Pick<Store, "updateLeases">;
  readonly leases: Pick<LeaseTable, "open" | "start" | "close" | "reopen" | "isWatched" | "countOverStream">;
  readonly completer: Pick<OutcomeCompleter, "complete" | "giveBack">;
  readonly dispatcher: Pick<Dispatcher, "freed" | "remove">;
  readonly statistics: Pick<WorkerStatistics, "ended">;
}

/** What a session reports. */
export interface SessionEvents {
  /** What the worker takes may have changed. */
  onUpdated(session: WorkerSession): void;
  /** It was silent for the length of a lease: its leases are lost, and its stream ends. */
  onSilent(session: WorkerSession): void;
  /** Its stream has ended; called once. */
  onRemoved(session: WorkerSession): void;
  /** What its worker reported last could not be stored, and its stream has ended meanwhile: it holds these leases after all. */
  onLeasesLeft(session: WorkerSession, leases: readonly HeldLease[]): void;
}

/**
 * One connection of a worker, from `hello` to the end of its stream. Its leases outlive it: they belong to the worker's id,
 * and a later session takes them over.
 *
 * Its load is what was claimed for the worker and has not ended, from the moment when the claim is asked for. An outcome
 * makes room when it arrives: for a task that was claimed ahead, which the worker gets at once, or for one whose claim shares the commit of
 * the outcome; after it the worker gets the answer and that task.
 */
export class WorkerSession implements Consumer, ReportingSession {
  readonly id: string;
  readonly weight: number;
  readonly hello: Hello;
  /** What its leases are held by. */
  readonly holder: string;
  readonly queues: readonly string[];
  readonly types: TypeSet | null;
  readonly leaseMs = null;
  readonly connectMs: number;
  readonly ahead: TasksAhead;
  private readonly parts: SessionParts;
  private readonly channel: WorkerChannel;
  private readonly events: SessionEvents;
  private readonly liveness: Liveness;
  private readonly heartbeats: Heartbeats;
  private readonly progress: ProgressReports;
  /** Outcomes that the worker has no answer to yet. */
  private readonly storing = createWaitGroup();
  /** The capacity that the worker reported last. */
  private stated: number;
  private readonly lost: LostAttempts;
  /** How many tasks claims that run may bring. */
  private promised = 0;
  /** Whether the stream takes more: a slow reader gets nothing until it has read. */
  private isWritable = true;
  private isDraining = false;
  private isLeaving = false;
  private isConnected = true;
  /** Whether something was sent since the last heartbeat was due. */
  private hasSent = false;

  /** Creates the session of a worker whose `hello` was accepted. @param lost what it named and does not hold */
  constructor(
    parts: SessionParts,
    hello: Hello,
    lost: readonly LeaseRef[],
    channel: WorkerChannel,
    events: SessionEvents,
  ) {
    const { clock, settings, store, retries } = parts;
    this.parts = parts;
    this.channel = channel;
    this.events = events;
    this.hello = hello;
    this.id = hello.workerId;
    this.weight = hello.weight;
    this.holder = holderOf(hello.workerId, hello.incarnation);
    this.queues = hello.queues;
    this.types = typeSet(hello.types);
    this.stated = hello.capacity;
    this.lost = new LostAttempts(lost);
    this.connectMs = clock.now();
    this.ahead = new TasksAhead(parts, this);
    this.liveness = new Liveness(clock, settings.leaseDurationMs, () => this.endSilent());
    // Silence towards the worker means a broken stream, so there is none; and a worker that answers owes no heartbeat of its own.
    this.heartbeats = createHeartbeats(clock, settings.heartbeatIntervalMs, () => this.sendHeartbeat());
    void this.heartbeats.start();
    this.progress = createProgressReports(store, clock, retries, this.id);
  }

  /** Whether its stream is open. */
  get connected(): boolean {
    return this.isConnected;
  }

  /** When the worker's last message arrived, by the wall clock, in milliseconds. */
  get lastSeenMs(): number {
    return this.liveness.lastSeenMs;
  }

  /** How long the worker's leases last without further messages, in milliseconds. */
  get leaseLeftMs(): number {
    return this.liveness.leaseLeftMs;
  }

  get draining(): boolean {
    return this.isDraining;
  }

  /** Whether it finishes what it has and takes nothing new: an operator drains it, or it has half-closed. A server that stops drains none so. */
  get leaving(): boolean {
    return this.isLeaving;
  }

  /** The capacity that the worker reported last, even if it gets no tasks now. */
  get statedCapacity(): number {
    return this.stated;
  }

  get capacity(): number {
    return this.isConnected && this.isWritable && !this.isDraining ? this.stated : 0;
  }

  /** How many tasks it was handed and holds. */
  get inFlight(): number {
    return this.parts.leases.countOverStream(this.holder) - this.ahead.count;
  }

  get load(): number {
    return this.inFlight + this.ahead.count + this.promised;
  }

  reserve(n: number): void {
    this.promised += n;
  }

  deliver(tasks: readonly ClaimedTask[], reserved: number): void {
    this.promised -= reserved;
    if (tasks.length === 0) return;
    // An outcome of the same attempt may be on its way, and would end this lease: the task would be worked on although it has ended.
    // Over its next stream the worker names what it still has an outcome for, and keeps it.
    if (!this.isDraining && this.lost.include(tasks)) this.end(null);
    // A claim may have been running when the worker got `drain`.
    if (!this.isConnected || this.isDraining) {
      this.parts.completer.giveBack(tasks.map((task) => leaseOf(task, "stream")));
      return;
    }
    this.send(this.ahead.lease(tasks, this.stated - this.inFlight));
  }

  /** Settles outcomes; resolves when they are stored and the worker has its answer. */
  outcomes(outcomes: readonly ReportedOutcome[]): Promise<void> {
    this.liveness.onMessage();
    return this.storing.track(storeOutcomes(this.parts, this, outcomes));
  }

  /** Resolves when the worker has an answer to every outcome that came. */
  answered(): Promise<void> {
    return this.storing.wait();
  }

  /** Takes in that the worker is alive, and how far its tasks are. */
  async heartbeat(progress: readonly ReportedProgress[]): Promise<void> {
    this.liveness.onMessage();
    await this.progress.report(progress);
  }

  /** Sets how much the worker takes from now on. */
  setCapacity(n: number): void {
    this.liveness.onMessage();
    this.stated = n;
    this.onRoom();
    this.events.onUpdated(this);
  }

  /** Tells the worker to stop attempts that are not its own any more. Those that it never got are all dropped before there is room for others. */
  cancel(ended: readonly HeldLease[], cancellation: Cancellation): void {
    if (!this.isConnected) return;
    for (const { taskId, attempt, leaseKind, holder } of ended) {
      // A worker that claimed without a stream learns of it at its next call, also where a stream has the same worker id.
      if (leaseKind !== "stream" || holder !== this.holder || this.ahead.drop({ taskId, attempt })) continue;
      this.onSent(this.channel.cancel([{ taskId, attempt, cancellation }]));
    }
    this.onRoom();
  }

  /** Stops handing out tasks and sends `drain`. */
  drain(graceMs: number, reason: DrainReason): void {
    if (this.isConnected) this.onSent(this.channel.drain(graceMs, reason));
    this.takeNoMore(reason === "operator");
  }

  /** The worker has half-closed: stops handing out tasks. */
  leave(): void {
    this.takeNoMore(true);
  }

  /** Ends the stream from this side. */
  end(error: SitqError | null): void {
    if (this.isConnected) this.channel.end(error);
    this.disconnected();
  }

  /** The stream ended. Idempotent. */
  disconnected(): void {
    if (!this.isConnected) return;
    this.isConnected = false;
    this.ahead.giveBack();
    this.progress.end();
    this.liveness.stop();
    void this.heartbeats.stop();
    this.parts.dispatcher.remove(this);
    this.events.onRemoved(this);
  }

  /** Outcomes of `n` tasks have come: it has room for others. */
  onEnded(n: number): void {
    this.ahead.ended(n);
    this.onRoom();
  }

  /** Tells the worker what became of its outcomes. */
  sendSettled(outcomes: readonly ReportedOutcome[], statuses: readonly SettledStatus[]): void {
    this.lost.answered(outcomes, statuses);
    this.onSent(this.channel.settled(outcomes, statuses));
  }

  /** What its worker reported last could not be stored, and its stream has ended meanwhile. */
  onLeasesLeft(leases: readonly HeldLease[]): void {
    this.events.onLeasesLeft(this, leases);
  }

  private takeNoMore(isLeaving: boolean): void {
    this.isDraining = true;
    this.isLeaving ||= isLeaving;
    this.ahead.giveBack();
    this.events.onUpdated(this);
  }

  /** It may have room: first for what was claimed ahead. */
  private onRoom(): void {
    if (this.isWritable) this.send(this.ahead.take(this.stated - this.inFlight));
    this.parts.dispatcher.freed(this);
  }

  private send(tasks: readonly ClaimedTask[]): void {
    if (tasks.length > 0) this.onSent(this.channel.tasks(tasks));
  }

  private sendHeartbeat(): void {
    if (!this.hasSent) this.onSent(this.channel.heartbeat());
    this.hasSent = false;
  }

  /** A slow reader gets no tasks until its stream has drained, so that memory holds only what was already sent. */
  private onSent(isWritable: boolean): void {
    this.hasSent = true;
    if (isWritable || !this.isWritable) return;
    this.isWritable = false;
    this.channel.onWritable(() => {
      this.isWritable = true;
      this.onRoom();
    });
  }

  private endSilent(): void {
    this.ahead.giveBack();
    this.channel.end(heartbeatTimeout());
    this.events.onSilent(this);
    this.disconnected();
  }
}
