import { create } from "@bufbuild/protobuf";
import { TaskProgressSchema } from "../../../gen/sitq/v1/task_pb.js";
import { type WorkRequest_Progress, WorkRequest_ProgressSchema } from "../../../gen/sitq/v1/worker_service_pb.js";
import { limits } from "../../contract/limits.ts";
import type { Attempt } from "./attempt.ts";

const intervalMs = 1_000;
/** How much goes into one message: at most 3 bytes for each character. */
const perMessage = 500;

interface Note {
  fraction: number;
  message: string;
  sentMs: number;
}

/**
 * What handlers last said of how far they are: the first report of each attempt goes out at once, and then the newest at most once a
 * second.
 */
export class ProgressReporter {
  readonly #onDue: () => void;
  /** The newest report of each attempt. */
  readonly #notes = new Map<Attempt, Note>();
  /** The attempts whose report is to be sent now. */
  readonly #due = new Set<Attempt>();
  /** Those whose report is to be sent when a second is over since the last. */
  readonly #later = new Set<Attempt>();
  #timer: NodeJS.Timeout | null = null;

  /** @param onDue called when something is to be sent */
  constructor(onDue: () => void) {
    this.#onDue = onDue;
  }

  /** Notes how far an attempt is. Bound, so that it can be handed to attempts. */
  readonly report = (attempt: Attempt, fraction: number, message: string): void => {
    const note = this.#notes.get(attempt) ?? { fraction: 0, message: "", sentMs: Number.NEGATIVE_INFINITY };
    this.#notes.set(attempt, note);
    note.fraction = Number.isNaN(fraction) ? 0 : Math.min(Math.max(fraction, 0), 1);
    note.message = message.slice(0, limits.progressMessageBytes);
    if (this.#due.has(attempt) || this.#later.has(attempt)) return;
    const leftMs = note.sentMs + intervalMs - performance.now();
    if (leftMs > 0) {
      this.#later.add(attempt);
      this.#arm(leftMs);
    } else {
      this.#due.add(attempt);
      this.#onDue();
    }
  };

  /** Forgets an attempt that has ended. */
  forget(attempt: Attempt): void {
    if (!this.#notes.delete(attempt)) return;
    this.#due.delete(attempt);
    this.#later.delete(attempt);
  }

  /** What is to be sent now, a message's worth; empty: nothing. */
  take(): WorkRequest_Progress[] {
    const list: WorkRequest_Progress[] = [];
    for (const attempt of this.#due) {
      if (list.length === perMessage) break;
      this.#due.delete(attempt);
      const note = this.#notes.get(attempt);
      if (note === undefined) continue;
      note.sentMs = performance.now();
      list.push(progressOf(attempt, note));
    }
    return list;
  }

  /** Sends everything again over the next stream. */
  sendAgain(): void {
    for (const attempt of this.#notes.keys()) this.#due.add(attempt);
  }

  /** Ends the timer. */
  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #arm(delayMs: number): void {
    this.#timer ??= setTimeout(() => this.#ring(), delayMs);
  }

  #ring(): void {
    this.#timer = null;
    const nowMs = performance.now();
    let nextMs = Number.POSITIVE_INFINITY;
    for (const attempt of this.#later) {
      const leftMs = (this.#notes.get(attempt)?.sentMs ?? 0) + intervalMs - nowMs;
      if (leftMs > 0) nextMs = Math.min(nextMs, leftMs);
      else {
        this.#later.delete(attempt);
        this.#due.add(attempt);
      }
    }
    if (this.#later.size > 0) this.#arm(nextMs);
    if (this.#due.size > 0) this.#onDue();
  }
}

function progressOf({ taskId, attempt }: Attempt, { fraction, message }: Note): WorkRequest_Progress {
  return create(WorkRequest_ProgressSchema, {
    taskId,
    attempt,
    progress: create(TaskProgressSchema, { fraction, message }),
  });
}
