import { durationMs } from "@bufbuild/protobuf/wkt";
import { status as statusCode } from "@grpc/grpc-js";
import { TaskState } from "../../../gen/sitq/v1/task_pb.js";
import { type SettledOutcome, SettleStatus } from "../../../gen/sitq/v1/worker_service_pb.js";
import { onAbort } from "../../async/signals.ts";
import { CallError, callErrorFrom, callErrorFromStatus } from "../../grpc/client/call-error.ts";
import type { SitqClient } from "../connection/connection.ts";
import { retryCall } from "../connection/retry-call.ts";
import { tooLargeBy } from "../connection/too-large.ts";
import { AttemptAborted } from "../errors/errors.ts";
import { readResult } from "../errors/read-result.ts";
import { serverOf } from "../tracing/server-attributes.ts";
import type { TaskInfo } from "../views/task-info.ts";
import { Attempt } from "./attempt.ts";
import { type AttemptOutcome, failedForGood } from "./attempt-outcome.ts";
import { fitOutcome } from "./fit-outcome.ts";
import type { HandlerTable } from "./handlers.ts";
import { runAttempt } from "./run-attempt.ts";

/** One task that a worker has processed by its id. */
export interface ProcessedTask {
  readonly task: TaskInfo;
  /** What the handler answered, as the server has it. */
  readonly result: unknown;
  readonly workerId: string;
  readonly attempt: number;
  /** How long the handler took, in milliseconds. */
  readonly tookMs: number;
}

/** What is needed of the worker. */
export interface ProcessOptions {
  readonly client: Pick<SitqClient, "worker" | "queue" | "outages" | "address" | "log">;
  readonly workerId: string;
  readonly handlers: HandlerTable;
  /** Called when the handler begins, and when its attempt has ended. */
  readonly onStart: (task: TaskInfo) => void;
  readonly onEnd: (task: TaskInfo, outcome: "completed" | "failed" | "released" | "abandoned") => void;
}

/** How often a lease is prolonged while it lasts. */
const extensionsALease = 3;
/** How long an outcome is sent again while the server is out of reach, in milliseconds. */
const settleForMs = 30_000;
const callTimeoutMs = 10_000;
/** Progress is reported at most this often, in milliseconds. */
const progressEveryMs = 1_000;

/**
 * Claims one chosen task, runs its handler, and answers the result once the server has it on its disk.
 *
 * @throws CallError NOT_FOUND; FAILED_PRECONDITION with TASK_NOT_CLAIMABLE if it cannot be claimed, with why; STALE if the lease
 *   was lost; whatever the handler threw, once the server has that on its disk
 */
export async function processTask(
  options: ProcessOptions,
  taskId: string,
  signal?: AbortSignal,
): Promise<ProcessedTask> {
  const { client, workerId, handlers } = options;
  signal?.throwIfAborted();
  const request = { workerId, taskIds: [taskId], types: [...handlers.types] };
  const answer = await client.worker.claimTasks(request, { signal, timeoutMs: callTimeoutMs });
  const [task] = answer.tasks;
  const entry = task && handlers.find(task.type);
  if (task === undefined || entry === undefined) throw await notClaimable(options, taskId);

  let toldMs = Number.NEGATIVE_INFINITY;
  const attempt = new Attempt(task, (_attempt, fraction, message) => {
    if (performance.now() - toldMs < progressEveryMs) return;
    toldMs = performance.now();
    void extend({ fraction, message });
  });
  const lease = { workerId, taskId, attempt: attempt.attempt };
  const leaseMs = answer.leaseDuration ? durationMs(answer.leaseDuration) : 30_000;
  const extension = setInterval(() => void extend(), leaseMs / extensionsALease);
  const release = onAbort(signal, () => attempt.abort(new AttemptAborted("WORKER_STOPPING")));

  async function extend(progress?: { readonly fraction: number; readonly message: string }): Promise<void> {
    try {
      await client.worker.extendLease({ ...lease, ...(progress && { progress }) }, { timeoutMs: callTimeoutMs });
    } catch (error) {
      // STALE: it was cancelled, timed out, or another worker has it. After any other failure the next extension may succeed.
      if (callErrorFrom(error).reason === "STALE") attempt.abort(new AttemptAborted("LEASE_LOST"));
    }
  }

  options.onStart(attempt.task);
  const beginMs = performance.now();
  let end: Parameters<ProcessOptions["onEnd"]>[1] = "abandoned";
  try {
    const { outcome: said, thrown } = await new Promise<{ outcome: AttemptOutcome; thrown: unknown }>((resolve) => {
      const run = () => runAttempt(attempt, entry, (_attempt, ended, why) => resolve({ outcome: ended, thrown: why }));
      attempt.trace({ workerId, log: client.log, server: serverOf(client), isAsked: true });
      if (attempt.span === null) run();
      else attempt.span.run(run);
    });
    attempt.ended(said, thrown);
    const tookMs = Math.round((performance.now() - beginMs) * 1_000) / 1_000;
    const { outcome } = fitOutcome(taskId, attempt.attempt, said);
    const settling = attempt.span?.settle(outcome.case ?? "");
    const { status, refusal } = await settle(options, lease, outcome).catch((error) => {
      settling?.end(callErrorFrom(error).codeName);
      throw error;
    });
    settling?.end(
      refusal?.reason ?? (status === SettleStatus.SETTLED ? null : (SettleStatus[status] ?? "UNRECOGNIZED")),
    );
    if (status === SettleStatus.SETTLED) end = refusal === null ? (outcome.case ?? "failed") : "failed";
    if (refusal !== null) throw refusal;
    if (thrown !== undefined) throw thrown;
    if (status !== SettleStatus.SETTLED) throw lost(taskId, status);
    if (outcome.case !== "completed") throw unfit(taskId, outcome);
    const { result: encoded } = outcome.value;
    const result = readResult(`the task ${taskId} (${task.type})`, () => entry.definition.result.decode(encoded));
    return { task: attempt.task, result, workerId, attempt: attempt.attempt, tookMs };
  } finally {
    clearInterval(extension);
    release();
    options.onEnd(attempt.task, end);
  }
}

/** What the server did with an outcome. */
interface Settlement {
  readonly status: SettleStatus;
  /** Why it does not accept the outcome, so that a failure was sent in its place; `null`: it accepts it. */
  readonly refusal: CallError | null;
}

/** Stores how the attempt ended; an outcome that the server does not accept becomes a failure with the reason. */
async function settle(
  { client, workerId }: ProcessOptions,
  { taskId, attempt }: { readonly taskId: string; readonly attempt: number },
  outcome: AttemptOutcome,
): Promise<Settlement> {
  const tries = client.outages.follow(`the outcome of the task ${taskId}`);
  const send = async (said: AttemptOutcome) => {
    const outcomes = [{ taskId, attempt, outcome: said }];
    const call = () => client.worker.settleTasks({ workerId, outcomes }, { timeoutMs: callTimeoutMs });
    return (await retryCall(call, { tries, timeoutMs: settleForMs })).outcomes[0];
  };
  async function failInstead(refusal: CallError, message: string, type: string): Promise<Settlement> {
    const answer = await send(failedForGood(message, type));
    return { status: answer?.status ?? SettleStatus.UNSPECIFIED, refusal };
  }
  let answer: SettledOutcome | undefined;
  try {
    answer = await send(outcome);
  } catch (thrown) {
    const error = callErrorFrom(thrown);
    if (tooLargeBy(error) === null) throw error;
    // Sent again it would be refused again; left alone it would be tried again when its lease is over.
    return failInstead(error, `The result is larger than the server takes: ${error.message}`, "MESSAGE_TOO_LARGE");
  }
  const { status = SettleStatus.UNSPECIFIED, error } = answer ?? {};
  if (status !== SettleStatus.REJECTED) return { status, refusal: null };
  const why = error === undefined ? lost(taskId, status) : callErrorFromStatus(error);
  return failInstead(why, `The server rejected the outcome: ${why.message}`, why.reason ?? "OUTCOME_REJECTED");
}

/** Why a task could not be claimed, as far as the server knows by now. */
async function notClaimable({ client, handlers }: ProcessOptions, taskId: string): Promise<CallError> {
  const { task } = await client.queue.getTask({ taskId }, { timeoutMs: callTimeoutMs });
  const state = TaskState[task?.state ?? TaskState.UNSPECIFIED] ?? "";
  const isUnknown = task !== undefined && handlers.find(task.type) === undefined;
  const why = isUnknown
    ? `the worker has no handler for ${task.type}`
    : task?.state === TaskState.PENDING
      ? "its queue is paused, or runs as many as it may"
      : `it is ${state}`;
  const facts = { code: statusCode.FAILED_PRECONDITION, reason: "TASK_NOT_CLAIMABLE", field: "task_id" };
  return new CallError(`The task ${taskId} cannot be claimed: ${why}.`, facts);
}

/** The handler answered, and what it answered could not be stored. */
function unfit(taskId: string, { value }: AttemptOutcome): CallError {
  const error = value !== undefined && "error" in value ? value.error : undefined;
  const facts = { code: statusCode.INTERNAL, ...(error && { reason: error.type }) };
  return new CallError(`The task ${taskId} failed: ${error?.message ?? "Its result does not fit."}`, facts);
}

function lost(taskId: string, status: SettleStatus): CallError {
  const text = `The outcome of the task ${taskId} was not taken: ${SettleStatus[status] ?? status}.`;
  return new CallError(text, { code: statusCode.FAILED_PRECONDITION, reason: "STALE" });
}
