/** The settings of a queue, as fields of a form. */

import { clone, create } from "@bufbuild/protobuf";
import { BalancingStrategy, type Queue, QueueSchema, RetentionSchema } from "../../../../gen/sitq/v1/queue_pb.js";
import { RetryPolicySchema } from "../../../../gen/sitq/v1/task_pb.js";
import { limits } from "../../../../src/contract/limits.ts";
import { enumName } from "../../ui/text.ts";
import { choiceField, decimalField, type SettingField, spanField, wholeNumberField } from "./setting-field.ts";

/** Fields that are changed together, and whose last change is recorded together. */
export interface SettingGroup {
  /** As in `update_mask` and `Queue.setting_changes`. */
  readonly path: string;
  readonly title: string;
  readonly fields: readonly SettingField[];
  /** What a change does, in one sentence. */
  readonly effect: string;
}

/** What is typed into the fields that differ from the queue, by their paths. */
export type Draft = ReadonlyMap<string, string>;

const strategies = [
  BalancingStrategy.LEAST_LOADED,
  BalancingStrategy.ROUND_ROBIN,
  BalancingStrategy.RANDOM,
  BalancingStrategy.WEIGHTED,
  BalancingStrategy.STICKY,
].map((each) => enumName(BalancingStrategy, each));

/** All settings but `paused`. */
export const settingGroups: readonly SettingGroup[] = [
  {
    path: "max_running",
    title: "Most running tasks",
    effect: "It holds for the next task that is handed out; tasks that run go on.",
    fields: [
      wholeNumberField({
        path: "queue.max_running",
        label: "Tasks at a time, over all workers",
        hint: "Empty: no limit.",
        most: limits.maxRunning,
        read: ({ maxRunning }) => maxRunning,
        write: (queue, n) => {
          queue.maxRunning = n;
        },
      }),
    ],
  },
  {
    path: "max_depth",
    title: "Depth limit",
    effect: "While so many tasks are unfinished, further ones are refused with QUEUE_FULL; those that are there stay.",
    fields: [
      wholeNumberField({
        path: "queue.max_depth",
        label: "Unfinished tasks",
        hint: "Empty: the server's limit.",
        most: limits.maxDepth,
        read: ({ maxDepth }) => Number(maxDepth),
        write: (queue, n) => {
          queue.maxDepth = BigInt(n);
        },
      }),
    ],
  },
  {
    path: "strategy",
    title: "Balancing strategy",
    effect: "It chooses the worker of each task from now on.",
    fields: [
      choiceField({
        path: "queue.strategy",
        label: "Which worker gets the next task",
        hint: "Weighted: in proportion to the workers' weights. Sticky: the same worker for the same correlation id.",
        choices: strategies,
        read: ({ strategy }) => enumName(BalancingStrategy, strategy),
        write(queue, word) {
          queue.strategy = BalancingStrategy[word.toUpperCase().replaceAll(" ", "_") as keyof typeof BalancingStrategy];
        },
      }),
    ],
  },
  {
    path: "max_attempts",
    title: "Attempts",
    effect: "It holds for all tasks that do not set it themselves, those too that wait now.",
    fields: [
      wholeNumberField({
        path: "queue.max_attempts",
        label: "Attempts before a task is failed",
        hint: "Empty: 5.",
        most: limits.maxAttempts,
        read: ({ maxAttempts }) => maxAttempts,
        write: (queue, n) => {
          queue.maxAttempts = n;
        },
      }),
    ],
  },
  {
    path: "retry_policy",
    title: "Retry policy",
    effect: "It holds for the next failure of tasks that do not set it themselves; retries that have a time keep it.",
    fields: [
      spanField({
        path: "queue.retry_policy.initial_backoff",
        label: "Delay after the first failure",
        hint: "Empty: 1s.",
        least: 0,
        most: limits.initialBackoffMs,
        read: ({ retryPolicy }) => retryPolicy?.initialBackoff,
        write: (queue, span) => setOrDelete(retryPolicyOf(queue), "initialBackoff", span),
      }),
      spanField({
        path: "queue.retry_policy.max_backoff",
        label: "Longest delay",
        hint: "Empty: 10m.",
        least: 0,
        most: limits.maxBackoffMs,
        read: ({ retryPolicy }) => retryPolicy?.maxBackoff,
        write: (queue, span) => setOrDelete(retryPolicyOf(queue), "maxBackoff", span),
      }),
      decimalField({
        path: "queue.retry_policy.multiplier",
        label: "Factor from one delay to the next",
        hint: "Empty: 2.",
        least: 1,
        most: limits.multiplier,
        read: ({ retryPolicy }) => retryPolicy?.multiplier,
        write(queue, n) {
          retryPolicyOf(queue).multiplier = n ?? 0;
        },
      }),
      decimalField({
        path: "queue.retry_policy.jitter",
        label: "Share of a delay that is random",
        hint: "Empty: 0.2.",
        least: 0,
        most: 1,
        read: ({ retryPolicy }) => retryPolicy?.jitter,
        write: (queue, n) => setOrDelete(retryPolicyOf(queue), "jitter", n),
      }),
    ],
  },
  {
    path: "attempt_timeout",
    title: "Attempt timeout",
    effect: "An attempt that runs longer ends and is retried; of tasks that do not set it themselves.",
    fields: [
      spanField({
        path: "queue.attempt_timeout",
        label: "How long one attempt may run",
        hint: "Empty: as long as its lease is kept.",
        least: 1,
        most: limits.attemptTimeoutMs,
        read: ({ attemptTimeout }) => attemptTimeout,
        write: (queue, span) => setOrDelete(queue, "attemptTimeout", span),
      }),
    ],
  },
  {
    path: "retention",
    title: "Retention",
    effect: "Finished tasks that are older are deleted for good.",
    fields: [retentionField("completed", "1d"), retentionField("failed", "30d"), retentionField("cancelled", "1d")],
  },
];

function retentionField(state: "completed" | "failed" | "cancelled", otherwise: string): SettingField {
  return spanField({
    path: `queue.retention.${state}`,
    label: `How long ${state} tasks are kept`,
    hint: `Empty: ${otherwise}.`,
    least: 0,
    most: limits.retentionMs,
    read: ({ retention }) => retention?.[state],
    write(queue, span) {
      queue.retention ??= create(RetentionSchema);
      setOrDelete(queue.retention, state, span);
    },
  });
}

function retryPolicyOf(queue: Queue) {
  queue.retryPolicy ??= create(RetryPolicySchema);
  return queue.retryPolicy;
}

/** Sets a member of a message, or leaves it unset. */
function setOrDelete<T extends object, K extends keyof T>(message: T, member: K, value: T[K] | undefined): void {
  if (value === undefined) delete message[member];
  else message[member] = value;
}

/** What is wrong with what is typed, by the fields' paths. */
export function mistakesIn(draft: Draft): ReadonlyMap<string, string> {
  const found = fieldsOf(draft).map((field) => [field.path, field.check(draft.get(field.path)?.trim() ?? "")] as const);
  return new Map(found.flatMap(([path, mistake]) => (mistake === null ? [] : [[path, mistake] as const])));
}

/** The queue with what is typed, and what of it changes. */
export function edited(
  queue: Queue,
  draft: Draft,
): { readonly queue: Queue; readonly updateMask: { paths: string[] } } {
  const changed = clone(QueueSchema, queue);
  for (const field of fieldsOf(draft)) field.write(changed, draft.get(field.path)?.trim() ?? "");
  return { queue: changed, updateMask: { paths: groupsOf(draft).map(({ path }) => path) } };
}

/** The groups with a field that is typed into. */
export function groupsOf(draft: Draft): readonly SettingGroup[] {
  return settingGroups.filter(({ fields }) => fields.some(({ path }) => draft.has(path)));
}

/** The fields that are typed into. */
export function fieldsOf(draft: Draft): readonly SettingField[] {
  return settingGroups.flatMap(({ fields }) => fields.filter(({ path }) => draft.has(path)));
}
