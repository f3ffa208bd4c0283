import { create } from "@bufbuild/protobuf";
import { type Duration, durationFromMs } from "@bufbuild/protobuf/wkt";
import { BalancingStrategy, type Queue, QueueSchema } from "../../client/index.ts";
import type { OrDefault, QueueOptions } from "./queue-options.ts";

/** What `UpdateQueue` is asked for. */
export interface QueueUpdate {
  readonly queue: Queue;
  readonly updateMask: { paths: string[] };
}

/** Settings that are replaced as a whole, although an option names a part: what the queue has of them has to be read first. */
const parts = {
  retry_policy: ["initialBackoff", "maxBackoff", "multiplier", "jitter"],
  retention: ["retentionCompleted", "retentionFailed", "retentionCancelled"],
} as const;

function isNamed(options: QueueOptions, whole: keyof typeof parts): boolean {
  return parts[whole].some((part) => options[part] !== undefined);
}

/** Whether the queue has to be read before it can be changed so. */
export function needsCurrent(options: QueueOptions): boolean {
  return isNamed(options, "retry_policy") || isNamed(options, "retention");
}

/** The update that the options ask for. @param current the queue as it is; `undefined`: it is not there, or nothing of it is needed */
export function queueUpdate(name: string, options: QueueOptions, current: Queue | undefined): QueueUpdate {
  const { maxDepth, maxRunning, strategy, maxAttempts, attemptTimeout } = options;
  const named = {
    max_depth: maxDepth !== undefined,
    max_running: maxRunning !== undefined,
    strategy: strategy !== undefined,
    max_attempts: maxAttempts !== undefined,
    attempt_timeout: attemptTimeout !== undefined,
    retry_policy: isNamed(options, "retry_policy"),
    retention: isNamed(options, "retention"),
  };
  const timeout = spanOf(attemptTimeout, undefined);
  const queue = create(QueueSchema, {
    name,
    maxDepth: BigInt(given(maxDepth, 0)),
    maxRunning: given(maxRunning, 0),
    strategy: given(strategy, BalancingStrategy.UNSPECIFIED),
    maxAttempts: given(maxAttempts, 0),
    ...(timeout && { attemptTimeout: timeout }),
    retryPolicy: retryPolicyOf(options, current?.retryPolicy),
    retention: retentionOf(options, current?.retention),
  });
  const paths = Object.entries(named).flatMap(([path, isIn]) => (isIn ? [path] : []));
  return { queue, updateMask: { paths } };
}

function retryPolicyOf({ initialBackoff, maxBackoff, multiplier, jitter }: QueueOptions, before: Queue["retryPolicy"]) {
  const first = spanOf(initialBackoff, before?.initialBackoff);
  const longest = spanOf(maxBackoff, before?.maxBackoff);
  const share = jitter === undefined ? before?.jitter : given(jitter, undefined);
  return {
    ...(first && { initialBackoff: first }),
    ...(longest && { maxBackoff: longest }),
    multiplier: multiplier === undefined ? (before?.multiplier ?? 0) : given(multiplier, 0),
    ...(share !== undefined && { jitter: share }),
  };
}

function retentionOf(options: QueueOptions, before: Queue["retention"]) {
  const completed = spanOf(options.retentionCompleted, before?.completed);
  const failed = spanOf(options.retentionFailed, before?.failed);
  const cancelled = spanOf(options.retentionCancelled, before?.cancelled);
  return { ...(completed && { completed }), ...(failed && { failed }), ...(cancelled && { cancelled }) };
}

/** The new span; the old one if not given; none to reset it to the default. */
function spanOf(ms: OrDefault<number> | undefined, before: Duration | undefined): Duration | undefined {
  if (ms === undefined) return before;
  return ms === "default" ? undefined : durationFromMs(ms);
}

/** The value that was given; `otherwise` if none was, or if it is to be the default. */
function given<T, D>(value: OrDefault<T> | undefined, otherwise: D): T | D {
  return value === undefined || value === "default" ? otherwise : value;
}
