import {
  type SettledOutcome,
  SettleStatus,
  type WorkRequest_Outcomes,
  WorkRequest_OutcomesSchema,
} from "../../../gen/sitq/v1/worker_service_pb.js";
import { type Deferred, deferred } from "../../async/deferred.ts";
import { limits } from "../../contract/limits.ts";
import { callErrorFromStatus } from "../../grpc/client/call-error.ts";
import type { ClientLog } from "../connection/client-log.ts";
import { type EncodedItem, leastMessageBytes, messageOfItems } from "../connection/encoded-items.ts";
import type { TooLarge } from "../connection/too-large.ts";
import { type AttemptOutcome, failedForGood } from "./attempt-outcome.ts";
import { fitOutcome } from "./fit-outcome.ts";

/** One attempt of one task. */
export interface LeaseRef {
  readonly taskId: string;
  readonly attempt: number;
}

/**
 * The outcomes that the server has not said to be settled. They are sent once, and again over every new stream, until it does.
 *
 * A task has one entry at most: when it is handed out again, what was said of it before has been applied.
 */
export interface OutcomeOutbox {
  readonly size: number;
  /** How many were not sent over this stream. */
  readonly unsent: number;
  /** What the entries are of. */
  keys(): Iterable<LeaseRef>;
  /** Keeps an outcome. */
  add(taskId: string, attempt: number, outcome: AttemptOutcome): void;
  /** Forgets what is kept of a task that was handed out again. */
  forget(taskId: string): void;
  /**
   * Hears that a lease is gone. A release of it is applied, or of no more use; sent again, it could end the next lease, for a
   * released attempt gives its number back.
   */
  lost(lease: LeaseRef): void;
  /** Hears what became of outcomes; one that is not valid is replaced by a terminal failure that says why. */
  settled(outcomes: readonly SettledOutcome[]): void;
  /** The next message of outcomes that were not sent over this stream, at most 1000 and 3 MiB; `null`: none is left. */
  take(): WorkRequest_Outcomes | null;
  /**
   * Everything is to be sent again. An outcome that is too large alone is replaced by a terminal failure: sent again it would
   * end every stream.
   *
   * @param tooLarge the last stream ended because a message was larger than the server takes; `null`: it ended otherwise
   */
  sendAgain(tooLarge: TooLarge | null): void;
  /** Keeps nothing any more: there is no server that would take it. */
  abandon(): void;
  /** Resolves when nothing is kept. */
  emptied(): Promise<void>;
}

interface Entry extends LeaseRef {
  readonly item: EncodedItem;
  /** Over this stream. */
  isSent: boolean;
  readonly isRelease: boolean;
  /** It stands for an outcome that the server rejected. */
  readonly isReplacement: boolean;
}

/** What a message holds beside its outcomes: tags and lengths. */
const frameBytes = 64;

/** An empty box. */
export function createOutcomeOutbox(log: ClientLog): OutcomeOutbox {
  const entries = new Map<string, Entry>();
  let unsent: Entry[] = [];
  /** What the largest message over this stream held: if one was too large, this one was. */
  let largestSent: readonly Entry[] = [];
  let maxBytes: number = limits.messageBytes;
  let empty: Deferred<void> | null = null;

  function put(taskId: string, attempt: number, outcome: AttemptOutcome, isReplacement: boolean): void {
    const isRelease = outcome.case === "released";
    const { item } = fitOutcome(taskId, attempt, outcome);
    const entry: Entry = { taskId, attempt, isReplacement, isRelease, isSent: false, item };
    entries.set(taskId, entry);
    unsent.push(entry);
  }

  function remove(taskId: string): void {
    entries.delete(taskId);
    if (entries.size > 0) return;
    empty?.resolve();
    empty = null;
  }

  function rejected({ taskId, attempt, error }: SettledOutcome, { isReplacement }: Entry): void {
    const why = error === undefined ? null : callErrorFromStatus(error);
    const text = `The server rejected the outcome: ${why?.message ?? "no reason given."}`;
    log.error(
      { task_id: taskId, attempt, error: why },
      `the server rejected the outcome of the task ${taskId}: ${why?.message ?? "no reason given"}`,
    );
    // Nothing is left that it would take; the attempt ends with its lease.
    if (isReplacement) remove(taskId);
    else put(taskId, attempt, failedForGood(text, why?.reason ?? "OUTCOME_REJECTED"), true);
  }

  /** Makes messages smaller, and replaces what fits into none. @param said what the server takes; `null`: it did not say */
  function fitInto(said: number | null): void {
    const [only, ...others] = largestSent;
    const sentBytes = bytesOf(largestSent) + frameBytes;
    // What it says is of no use if less was too large.
    const most = said !== null && said < sentBytes ? said : null;
    maxBytes = Math.max(leastMessageBytes, most === null ? maxBytes / 2 : Math.min(maxBytes, most - frameBytes));
    const unfit =
      most !== null
        ? [...entries.values()].filter(({ item }) => item.length + frameBytes > most)
        : only !== undefined && others.length === 0 && only.item.length > leastMessageBytes
          ? [only]
          : [];
    for (const entry of unfit) {
      const { taskId, attempt, item } = entry;
      if (entries.get(taskId) !== entry) continue;
      const text = `The result has ${item.length} bytes encoded, more than the server takes in one message.`;
      log.error({ task_id: taskId, attempt, bytes: item.length }, "an outcome is larger than the server accepts");
      put(taskId, attempt, failedForGood(text, "MESSAGE_TOO_LARGE"), true);
    }
  }

  return {
    get size() {
      return entries.size;
    },
    get unsent() {
      return unsent.length;
    },
    keys: () => entries.values(),
    add: (taskId, attempt, outcome) => put(taskId, attempt, outcome, false),
    forget: remove,

    lost({ taskId, attempt }) {
      const entry = entries.get(taskId);
      if (entry?.isRelease && entry.attempt === attempt) remove(taskId);
    },

    settled(outcomes) {
      for (const outcome of outcomes) {
        const entry = entries.get(outcome.taskId);
        // A released attempt gives its number back: an answer can be of what was said before it was handed out again.
        if (entry?.attempt !== outcome.attempt || !entry.isSent) continue;
        if (outcome.status === SettleStatus.REJECTED) rejected(outcome, entry);
        else remove(outcome.taskId);
      }
    },

    take() {
      const items: EncodedItem[] = [];
      const sent: Entry[] = [];
      let bytes = 0;
      let seen = 0;
      for (const entry of unsent) {
        bytes += entry.item.length + 1;
        if (items.length > 0 && (bytes > maxBytes || items.length === limits.outcomesPerMessage)) break;
        seen++;
        // It may be settled by now, or replaced.
        if (entries.get(entry.taskId) !== entry) continue;
        entry.isSent = true;
        sent.push(entry);
        items.push(entry.item);
      }
      unsent = unsent.length === seen ? [] : unsent.slice(seen);
      if (bytesOf(sent) > bytesOf(largestSent)) largestSent = sent;
      return items.length === 0 ? null : messageOfItems(WorkRequest_OutcomesSchema, items);
    },

    sendAgain(tooLarge) {
      if (tooLarge !== null) fitInto(tooLarge.maxBytes);
      largestSent = [];
      unsent = [...entries.values()];
      for (const entry of unsent) entry.isSent = false;
    },

    abandon() {
      unsent = [];
      for (const taskId of [...entries.keys()]) remove(taskId);
    },

    emptied() {
      if (entries.size === 0) return Promise.resolve();
      empty ??= deferred();
      return empty.promise;
    },
  };
}

function bytesOf(entries: readonly Entry[]): number {
  return entries.reduce((sum, { item }) => sum + item.length, 0);
}
