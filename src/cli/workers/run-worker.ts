import {
  CallError,
  type ClientLog,
  createWorker,
  type Handler,
  type TaskInfo,
  type Worker,
} from "../../client/index.ts";
import { formatDuration } from "../../contract/duration.ts";
import { CommandFailure } from "../command/command-failure.ts";
import { exitCodes } from "../command/exit-codes.ts";
import type { Session } from "../command/session.ts";
import { execHandler, type ProgramReport } from "../exec/exec-handler.ts";
import { clipped } from "../terminal/printable.ts";
import type { Printer } from "../terminal/printer.ts";
import { timeOfDay } from "../terminal/times.ts";

/** The options of a worker that runs programs. */
export interface WorkOptions {
  /** The program, as the shell reads it. */
  readonly exec: string;
  readonly capacity: number;
  /** Only tasks of these types. */
  readonly type?: readonly string[];
  /** How long a program may run, in milliseconds. */
  readonly timeout?: number;
  /** When to try again after the exit code for it, in milliseconds. */
  readonly retryDelay: number;
  readonly workerId?: string;
  /** Works this one task instead of queues. */
  readonly task?: string;
}

/** The longest that a timer can wait, in milliseconds: 24 days. */
const longestTimerMs = 2_147_483_647;

/**
 * Works queues with a program until an interrupt: the first one lets what runs end, the second one does not.
 *
 * @throws CallError if the server refuses the worker for good
 */
export async function runWorker(session: Session, queues: readonly string[], options: WorkOptions): Promise<void> {
  const { client, out, shell, variables } = session;
  const interrupted = new AbortController();
  const programs = trackCalls(
    execHandler({
      commandLine: options.exec,
      variables,
      environment: shell.environment,
      timeoutMs: options.timeout,
      retryDelayMs: options.retryDelay,
      interrupted: interrupted.signal,
      onStderr: (chunk) => void shell.stderr.write(chunk),
      onEnd: (task, report) => void printReport(out, task, report, worker.state === "connecting"),
    }),
  );
  const worker = createWorker(client, {
    queues,
    handlers: Object.fromEntries((options.type ?? []).map((type) => [type, programs.handler])),
    ...(options.type === undefined && { fallback: programs.handler }),
    capacity: options.capacity,
    ...(options.workerId !== undefined && { workerId: options.workerId }),
    log: withoutFailures(client.log),
    events: {
      onConnect: (id) =>
        out.remark(`${id} is working on ${queues.join(", ")} at ${client.address}; press Ctrl-C to stop.`),
    },
  });

  if (options.task !== undefined) {
    try {
      await processOne(worker, options.task, session);
    } finally {
      await programs.ended();
    }
    return;
  }

  const stopped = Promise.withResolvers<void>();
  let interrupts = 0;
  const release = shell.onInterrupt(() => {
    interrupts++;
    interrupted.abort();
    if (interrupts === 1 && worker.running > 0) {
      out.remark(`Draining: waiting for ${worker.running} running. Press Ctrl-C again to stop and release them.`);
    }
    worker.stop({ graceMs: interrupts === 1 ? longestTimerMs : 0 }).then(stopped.resolve, stopped.reject);
  });
  try {
    // An interrupt before the worker has connected is no failure.
    await worker.start().catch((error: unknown) => {
      if (interrupts === 0) throw error;
    });
    const refusal = await Promise.race([stopped.promise, worker.ended]);
    if (refusal) throw refusal;
  } finally {
    // The worker does not wait for what it gave back; this process does not leave it behind.
    await programs.ended();
    release();
  }
}

/** Works one task; a program that fails has said so in its report, and is an exit code of its own. */
async function processOne(worker: Worker, taskId: string, { shell }: Session): Promise<void> {
  const interrupted = new AbortController();
  const release = shell.onInterrupt(() => interrupted.abort());
  try {
    await worker.process(taskId, { signal: interrupted.signal });
  } catch (error) {
    if (error instanceof CallError) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new CommandFailure(`The task ${taskId} did not complete: ${clipped(why, 200)}`, {
      exitCode: exitCodes.notCompleted,
      hint: `Details: sitq get ${taskId}`,
      cause: error,
    });
  } finally {
    release();
  }
}

/** A handler, and a way to wait until all its calls have ended. */
function trackCalls(handler: Handler<unknown, unknown>) {
  const calls = new Set<Promise<unknown>>();
  const tracked: Handler<unknown, unknown> = (payload, context) => {
    const call = Promise.resolve(handler(payload, context));
    const forget = () => calls.delete(call);
    calls.add(call);
    call.then(forget, forget);
    return call;
  };
  return { handler: tracked, ended: () => Promise.allSettled(calls) };
}

/**
 * Says how one program ended: with `--json` in an object, otherwise in a line.
 *
 * @param isUnstored there is no connection to send the outcome over
 */
function printReport(
  out: Printer,
  task: TaskInfo,
  { outcome, reason, durationMs }: ProgramReport,
  isUnstored: boolean,
): Promise<void> {
  const { id, queue, type, attempt } = task;
  const ms = Math.round(durationMs);
  if (out.asJson) return out.json({ taskId: id, queue, type, attempt, outcome, reason, durationMs: ms });
  const { good, bad, warning, dim } = out.paint;
  const word = { completed: good, failed: bad, stopped: warning }[outcome](outcome);
  const said = [`${word} in ${formatDuration(ms)}`, clipped(reason, 200)].filter((part) => part !== "").join(": ");
  const note = isUnstored ? warning("  not stored yet: there is no connection") : "";
  return out.line(`${dim(timeOfDay(Date.now()))}  ${id}  ${type}  attempt ${attempt}  ${said}${note}`);
}

/** The SDK's log without failures, which have their own lines. */
function withoutFailures(log: ClientLog): ClientLog {
  return { ...log, warn: (facts, message) => facts.outcome !== "failed" && log.warn(facts, message) };
}
