import { create } from "@bufbuild/protobuf";
import { TaskProgressSchema } from "../../../gen/sitq/v1/task_pb.js";
import { type WorkRequest_Progress, WorkRequest_ProgressSchema } from "../../../gen/sitq/v1/worker_service_pb.js";
import { limits } from "../../contract/limits.ts";
import type { Attempt } from "./attempt.ts";

/**
 * What handlers last said of how far they are: the first word of each goes out at once, and then the newest at most once a
 * second.
 */
export interface ProgressReporter {
  /** Notes how far an attempt is. */
  report(attempt: Attempt, fraction: number, message: string): void;
  /** The attempt ended: nobody asks any more. */
  forget(attempt: Attempt): void;
  /** What is to be said now, a message's worth; empty: nothing. */
  take(): WorkRequest_Progress[];
  /** Says everything again over the next stream. */
  sendAgain(): void;
  /** Ends the timer. */
  stop(): void;
}

const intervalMs = 1_000;
/** How much goes into one message: at most 3 bytes for each character. */
const perMessage = 500;

interface Note {
  fraction: number;
  message: string;
  sentMs: number;
}

/** An empty board. @param onDue called when something is to be said */
export function createProgressReporter(onDue: () => void): ProgressReporter {
  const notes = new Map<Attempt, Note>();
  const due = new Set<Attempt>();
  const later = new Set<Attempt>();
  let timer: NodeJS.Timeout | null = null;

  function arm(delayMs: number): void {
    timer ??= setTimeout(ring, delayMs);
  }

  function ring(): void {
    timer = null;
    const nowMs = performance.now();
    let nextMs = Number.POSITIVE_INFINITY;
    for (const attempt of later) {
      const leftMs = (notes.get(attempt)?.sentMs ?? 0) + intervalMs - nowMs;
      if (leftMs > 0) nextMs = Math.min(nextMs, leftMs);
      else {
        later.delete(attempt);
        due.add(attempt);
      }
    }
    if (later.size > 0) arm(nextMs);
    if (due.size > 0) onDue();
  }

  return {
    report(attempt, fraction, message) {
      const note = notes.get(attempt) ?? { fraction: 0, message: "", sentMs: Number.NEGATIVE_INFINITY };
      notes.set(attempt, note);
      note.fraction = Number.isNaN(fraction) ? 0 : Math.min(Math.max(fraction, 0), 1);
      note.message = message.slice(0, limits.progressMessageBytes);
      if (due.has(attempt) || later.has(attempt)) return;
      const leftMs = note.sentMs + intervalMs - performance.now();
      if (leftMs > 0) {
        later.add(attempt);
        arm(leftMs);
      } else {
        due.add(attempt);
        onDue();
      }
    },

    forget(attempt) {
      if (!notes.delete(attempt)) return;
      due.delete(attempt);
      later.delete(attempt);
    },

    take() {
      const list: WorkRequest_Progress[] = [];
      for (const attempt of due) {
        if (list.length === perMessage) break;
        due.delete(attempt);
        const note = notes.get(attempt);
        if (note === undefined) continue;
        note.sentMs = performance.now();
        list.push(progressOf(attempt, note));
      }
      return list;
    },

    sendAgain() {
      for (const attempt of notes.keys()) due.add(attempt);
    },

    stop() {
      if (timer !== null) clearTimeout(timer);
      timer = null;
    },
  };
}

function progressOf({ taskId, attempt }: Attempt, { fraction, message }: Note): WorkRequest_Progress {
  return create(WorkRequest_ProgressSchema, {
    taskId,
    attempt,
    progress: create(TaskProgressSchema, { fraction, message }),
  });
}
