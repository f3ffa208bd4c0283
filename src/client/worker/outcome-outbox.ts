import {
  type SettledOutcome,
  SettleStatus,
  type WorkRequest_Outcomes,
  WorkRequest_OutcomesSchema,
} from "../../../gen/sitq/v1/worker_service_pb.js";
import { type Deferred, deferred } from "../../async/deferred.ts";
import { TransientMap } from "../../collections/transient-map.ts";
import { limits } from "../../contract/limits.ts";
import { callErrorFromStatus } from "../../grpc/client/call-error.ts";
import type { ClientLog } from "../connection/client-log.ts";
import { type EncodedItem, leastMessageBytes, messageOfItems } from "../connection/encoded-items.ts";
import type { TooLarge } from "../connection/too-large.ts";
import type { SettleSpan } from "../tracing/spans.ts";
import { type AttemptOutcome, failedForGood } from "./attempt-outcome.ts";
import { fitOutcome } from "./fit-outcome.ts";

/** One attempt of one task. */
export interface LeaseRef {
  readonly taskId: string;
  readonly attempt: number;
}

interface Entry extends LeaseRef {
  readonly item: EncodedItem;
  /** Over this stream. */
  isSent: boolean;
  /** Whether it is neither settled, nor replaced, nor forgotten. */
  isKept: boolean;
  readonly isRelease: boolean;
  /** It stands for an outcome that the server rejected. */
  readonly isReplacement: boolean;
  /** The span of its sending; `null`: it is not traced. */
  readonly span: SettleSpan | null;
}

/** How many attempts a line of the log names. */
const mostNamed = 5;

/** What a message holds beside its outcomes: tags and lengths. */
const frameBytes = 64;

/**
 * The outcomes that the server has not confirmed as settled. They are sent once, and again over every new stream, until it does.
 *
 * A task has one entry at most: when it is handed out again, what was said of it before has been applied.
 */
export class OutcomeOutbox {
  readonly #log: ClientLog;
  /** What is not settled, by task id. */
  readonly #entries = new TransientMap<string, Entry>();
  /** What was not sent over this stream, in order; those that are settled or replaced are passed over. */
  #unsent: Entry[] = [];
  /** What the largest message over this stream held: if one was too large, this one was. */
  #largestSent: readonly Entry[] = [];
  #largestBytes = 0;
  /** What a message may hold. */
  #maxBytes: number = limits.messageBytes;
  #empty: Deferred<void> | null = null;

  constructor(log: ClientLog) {
    this.#log = log;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** How many were not sent over this stream. */
  get unsent(): number {
    return this.#unsent.length;
  }

  /** What the entries are of. */
  keys(): readonly LeaseRef[] {
    return this.#entries.values();
  }

  /** Keeps an outcome. @param span of its sending, which the outbox ends */
  add(taskId: string, attempt: number, outcome: AttemptOutcome, span: SettleSpan | null = null): void {
    this.#put(taskId, attempt, outcome, false, span);
  }

  /** Forgets what is kept of a task that was handed out again. */
  forget(taskId: string): void {
    this.#remove(taskId);
  }

  /**
   * Notes that a lease is gone. A release of it is applied, or of no more use; sent again, it could end the next lease, for a
   * released attempt gives its number back.
   */
  lost({ taskId, attempt }: LeaseRef): void {
    const entry = this.#entries.get(taskId);
    if (entry?.isRelease && entry.attempt === attempt) this.#remove(taskId);
  }

  /** Removes what is settled; an invalid outcome is replaced by a terminal failure with the reason. */
  settled(outcomes: readonly SettledOutcome[]): void {
    const stale: Entry[] = [];
    for (const outcome of outcomes) {
      const entry = this.#entries.get(outcome.taskId);
      // A released attempt gives its number back: an answer can be of what was said before it was handed out again.
      if (entry?.attempt !== outcome.attempt || !entry.isSent) continue;
      if (outcome.status === SettleStatus.REJECTED) this.#rejected(outcome, entry);
      else {
        const isStored = outcome.status === SettleStatus.SETTLED;
        if (outcome.status === SettleStatus.STALE) stale.push(entry);
        this.#remove(outcome.taskId, isStored ? null : (SettleStatus[outcome.status] ?? "UNRECOGNIZED"));
      }
    }
    this.#warnOfUnstored(stale, "their leases were over");
  }

  /** The next message of outcomes that were not sent over this stream, at most 1000 and 3 MiB; `null`: none is left. */
  take(): WorkRequest_Outcomes | null {
    const items: EncodedItem[] = [];
    const sent: Entry[] = [];
    let bytes = 0;
    let seen = 0;
    for (const entry of this.#unsent) {
      const size = entry.item.length + 1;
      if (items.length > 0 && (bytes + size > this.#maxBytes || items.length === limits.outcomesPerMessage)) break;
      seen++;
      if (!entry.isKept) continue;
      bytes += size;
      entry.isSent = true;
      sent.push(entry);
      items.push(entry.item);
    }
    this.#unsent = this.#unsent.length === seen ? [] : this.#unsent.slice(seen);
    if (bytes > this.#largestBytes) {
      this.#largestSent = sent;
      this.#largestBytes = bytes;
    }
    return items.length === 0 ? null : messageOfItems(WorkRequest_OutcomesSchema, items);
  }

  /**
   * Sends everything again. An outcome that is too large alone is replaced by a terminal failure: sent again it would end every
   * stream.
   *
   * @param tooLarge the last stream ended because a message was larger than the server takes; `null`: it ended otherwise
   */
  sendAgain(tooLarge: TooLarge | null): void {
    if (tooLarge !== null) this.#fitInto(tooLarge.maxBytes);
    this.#largestSent = [];
    this.#largestBytes = 0;
    this.#unsent = this.#entries.values();
    for (const entry of this.#unsent) entry.isSent = false;
  }

  /** Keeps nothing any more: there is no server that would take it. Idempotent. */
  abandon(): void {
    this.#unsent = [];
    this.#warnOfUnstored(this.#entries.values(), "the server did not confirm them");
    for (const { taskId } of this.#entries.values()) this.#remove(taskId, "UNCONFIRMED");
  }

  /** Resolves when nothing is kept. */
  emptied(): Promise<void> {
    if (this.#entries.size === 0) return Promise.resolve();
    this.#empty ??= deferred();
    return this.#empty.promise;
  }

  #put(
    taskId: string,
    attempt: number,
    outcome: AttemptOutcome,
    isReplacement: boolean,
    span: SettleSpan | null = null,
  ): void {
    const isRelease = outcome.case === "released";
    const { item } = fitOutcome(taskId, attempt, outcome);
    const entry: Entry = { taskId, attempt, isReplacement, isRelease, isSent: false, isKept: true, item, span };
    const former = this.#entries.set(taskId, entry);
    if (former !== undefined) {
      former.isKept = false;
      former.span?.end("REPLACED");
    }
    this.#unsent.push(entry);
  }

  /** @param failure why the outcome is not stored; `null`: it is */
  #remove(taskId: string, failure: string | null = null): void {
    const entry = this.#entries.delete(taskId);
    if (entry !== undefined) {
      entry.isKept = false;
      entry.span?.end(failure);
    }
    if (this.#entries.size > 0) return;
    this.#empty?.resolve();
    this.#empty = null;
  }

  /** A handler has run in vain, as far as this worker knows. What gives a lease back is no loss. */
  #warnOfUnstored(entries: readonly Entry[], why: string): void {
    const unstored = entries.filter(({ isRelease }) => !isRelease);
    if (unstored.length === 0) return;
    const attempts = unstored.map(({ taskId, attempt }) => ({ task_id: taskId, attempt }));
    const named = unstored.slice(0, mostNamed).map(({ taskId, attempt }) => `attempt ${attempt} of ${taskId}`);
    const more = unstored.length > mostNamed ? ` and ${unstored.length - mostNamed} more` : "";
    this.#log.warn({ attempts }, `outcomes were not stored, ${why}: ${named.join(", ")}${more}`);
  }

  #rejected({ taskId, attempt, error }: SettledOutcome, { isReplacement, span }: Entry): void {
    const why = error === undefined ? null : callErrorFromStatus(error);
    span?.end(why?.reason ?? "REJECTED");
    const text = `The server rejected the outcome: ${why?.message ?? "no reason given."}`;
    this.#log.error(
      { task_id: taskId, attempt, error: why },
      `the server rejected the outcome of the task ${taskId}: ${why?.message ?? "no reason given"}`,
    );
    // Nothing is left that it would take; the attempt ends with its lease.
    if (isReplacement) this.#remove(taskId);
    else this.#put(taskId, attempt, failedForGood(text, why?.reason ?? "OUTCOME_REJECTED"), true);
  }

  /** Makes messages smaller, and replaces what fits into none. @param said what the server takes; `null`: it did not say */
  #fitInto(said: number | null): void {
    const [only, ...others] = this.#largestSent;
    const sentBytes = this.#largestBytes + frameBytes;
    // What it says is of no use if less was too large.
    const most = said !== null && said < sentBytes ? said : null;
    this.#maxBytes = Math.max(
      leastMessageBytes,
      most === null ? this.#maxBytes / 2 : Math.min(this.#maxBytes, most - frameBytes),
    );
    const unfit =
      most !== null
        ? this.#entries.values().filter(({ item }) => item.length + frameBytes > most)
        : only !== undefined && others.length === 0 && only.item.length > leastMessageBytes
          ? [only]
          : [];
    for (const entry of unfit) {
      const { taskId, attempt, item } = entry;
      if (!entry.isKept) continue;
      const text = `The result has ${item.length} bytes encoded, more than the server takes in one message.`;
      this.#log.error({ task_id: taskId, attempt, bytes: item.length }, "an outcome is larger than the server accepts");
      this.#put(taskId, attempt, failedForGood(text, "MESSAGE_TOO_LARGE"), true);
    }
  }
}
