import { setTimeout as sleep } from "node:timers/promises";
import { deadline } from "../../async/deadline.ts";
import { AttemptAborted, type Handler, ReleaseError, type TaskInfo } from "../../client/index.ts";
import { jsonText } from "../../contract/json-text.ts";
import { type CommandLineOptions, type ProgramEnd, runCommandLine } from "./command-line.ts";
import { ranTooLong, resultOfProgram } from "./program-outcome.ts";
import { type PayloadKind, taskEnvironment } from "./task-environment.ts";

/** What becomes of the tasks of `sitq work --exec`. */
export interface ExecOptions extends Pick<CommandLineOptions, "environment" | "onStderr"> {
  readonly commandLine: string;
  /** Where the server is and how it is called, for programs that enqueue. */
  readonly variables: Readonly<Record<string, string>>;
  /** How long a program may run, in milliseconds; `undefined`: as long as the task may. */
  readonly timeoutMs: number | undefined;
  /** When to try again after the exit code for it, in milliseconds. */
  readonly retryDelayMs: number;
  /** Aborted at the first Ctrl-C: programs that a signal ends from then on have not failed. */
  readonly interrupted: AbortSignal;
  /** Called with how each program ended. */
  onEnd(task: TaskInfo, words: ProgramReport): void;
}

/** How a program ended, in words. */
export interface ProgramReport {
  readonly outcome: "completed" | "failed" | "stopped";
  /** Why, unless it completed. */
  readonly reason: string;
  readonly durationMs: number;
}

/** How long a program has after SIGTERM, in milliseconds. */
const killAfterMs = 5_000;
/** The same when the worker does not wait for it: less than the SDK waits before it gives the task back. */
const killSoonMs = 800;
/** How much later than a program this process may hear of a Ctrl-C that reached both, in milliseconds. */
const interruptLagMs = 200;

/** A handler that runs a program for each task. */
export function execHandler(options: ExecOptions): Handler<unknown, unknown> {
  const { commandLine, environment, variables, timeoutMs, retryDelayMs, interrupted, onStderr, onEnd } = options;
  return async (payload, { task, signal }) => {
    const beganMs = performance.now();
    const report = (outcome: ProgramReport["outcome"], reason = "") =>
      onEnd(task, { outcome, reason, durationMs: performance.now() - beganMs });
    const { kind, input } = inputOf(payload);
    const limit = deadline(timeoutMs, signal);
    const isStopping = () => signal.reason instanceof AttemptAborted && signal.reason.why === "WORKER_STOPPING";
    try {
      const end = await runCommandLine(commandLine, {
        input,
        environment: taskEnvironment(environment, task, kind, variables),
        signal: limit.signal,
        killAfterMs: () => (isStopping() ? killSoonMs : killAfterMs),
        onStderr,
      });
      if (timeoutMs !== undefined && limit.isOver) throw ranTooLong(timeoutMs);
      signal.throwIfAborted();
      if (wasInterrupted(end) && (await isInterruptedSoon(interrupted))) throw new ReleaseError();
      const result = resultOfProgram(end, retryDelayMs);
      report("completed");
      return result;
    } catch (error) {
      const reason = signal.aborted ? signal.reason : error;
      const wasStopped = signal.aborted || reason instanceof ReleaseError;
      report(wasStopped ? "stopped" : "failed", reason instanceof Error ? reason.message : String(reason));
      throw reason;
    } finally {
      limit.release();
    }
  };
}

/**
 * Whether a program was ended by an interrupt or a terminate. Until a child has a process group of its own, a Ctrl-C at the terminal
 * reaches it too.
 */
function wasInterrupted({ endedBy, exitCode }: ProgramEnd): boolean {
  // A shell says 128 and the signal's number for a command of its own that a signal ended.
  return endedBy === "SIGINT" || endedBy === "SIGTERM" || exitCode === 130 || exitCode === 143;
}

/** Whether this process is interrupted, or is within the lag. */
async function isInterruptedSoon(interrupted: AbortSignal): Promise<boolean> {
  if (!interrupted.aborted) await sleep(interruptLagMs, undefined, { signal: interrupted }).catch(() => undefined);
  return interrupted.aborted;
}

function inputOf(payload: unknown): { readonly kind: PayloadKind; readonly input: Uint8Array } {
  if (payload === undefined) return { kind: "empty", input: new Uint8Array() };
  if (payload instanceof Uint8Array) return { kind: "binary", input: payload };
  if (isMessage(payload)) return { kind: "message", input: payload.value };
  return { kind: "json", input: Buffer.from(`${jsonText(payload)}\n`) };
}

/** Whether a payload is the google.protobuf.Any of a typed message, as the SDK hands it over. */
function isMessage(payload: unknown): payload is { readonly value: Uint8Array } {
  return (
    typeof payload === "object" &&
    payload !== null &&
    "$typeName" in payload &&
    payload.$typeName === "google.protobuf.Any" &&
    "value" in payload &&
    payload.value instanceof Uint8Array
  );
}
