import type { Task } from "../../../gen/sitq/v1/task_pb.js";
import { type AttemptAborted, ReleaseError } from "../errors/errors.ts";
import { type Processor, startProcess } from "../tracing/process-span.ts";
import type { ProcessSpan } from "../tracing/spans.ts";
import { ReceivedTask, type TaskInfo } from "../views/task-info.ts";
import type { AttemptOutcome } from "./attempt-outcome.ts";
import type { HandlerContext } from "./handlers.ts";

/** Reports how far an attempt is. */
export type ReportProgress = (attempt: Attempt, fraction: number, message: string) => void;

/** One attempt in the worker's hands, and its handler's context. */
export class Attempt implements HandlerContext {
  readonly taskId: string;
  readonly attempt: number;
  readonly task: TaskInfo;
  /** Whether the worker holds the lease: only then does an outcome count. */
  isHeld = true;
  /** Whether its handler was called. */
  isRunning = false;
  /** Its span, while it is traced. */
  span: ProcessSpan | null = null;
  readonly #wire: Task;
  readonly #report: ReportProgress;
  #aborted: AttemptAborted | null = null;
  #controller: AbortController | null = null;

  constructor(wire: Task, report: ReportProgress) {
    this.taskId = wire.id;
    this.attempt = wire.attempt;
    this.task = new ReceivedTask(wire);
    this.#wire = wire;
    this.#report = report;
  }

  // Made when asked for: most handlers of short tasks never do.
  get signal(): AbortSignal {
    if (this.#controller === null) {
      this.#controller = new AbortController();
      if (this.#aborted !== null) this.#controller.abort(this.#aborted);
    }
    return this.#controller.signal;
  }

  /** Why the handler was aborted; `null`: it was not. */
  get aborted(): AttemptAborted | null {
    return this.#aborted;
  }

  /** Tells the handler to stop. Only the first reason counts. */
  abort(reason: AttemptAborted): void {
    if (this.#aborted !== null) return;
    this.#aborted = reason;
    this.#controller?.abort(reason);
  }

  /** Begins its span, if anything is traced. */
  trace(processor: Processor): void {
    this.span = startProcess(this.#wire, processor);
  }

  /** Ends its span, if it has one, with how it ended. */
  ended(outcome: AttemptOutcome, thrown: unknown): void {
    if (this.span === null) return;
    if (!this.isHeld) {
      const { why = "LEASE_LOST", message = "" } = this.#aborted ?? {};
      this.span.end("abandoned", { type: why, message, thrown });
    } else if (outcome.case === "failed") {
      const { type = "", message = "" } = outcome.value.error ?? {};
      this.span.end("failed", { type, message, thrown });
    } else {
      this.span.end(outcome.case ?? "");
    }
  }

  /** The payload, once: what was received with it need not stay in memory while the handler runs. */
  takePayload(): Task["payload"] {
    const { payload } = this.#wire;
    this.#wire.payload = undefined;
    return payload;
  }

  // Bound, so that a handler can take it out of the context, and made when it does.
  get progress(): HandlerContext["progress"] {
    return (fraction, message = "") => {
      if (this.isHeld) this.#report(this, fraction, message);
    };
  }

  release(delayMs?: number): never {
    throw new ReleaseError(delayMs);
  }
}
