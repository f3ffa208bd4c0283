/** What can be done with many tasks: by a filter in one call, by ids one after the other. */

import type { DescMethod, MessageInitShape } from "@bufbuild/protobuf";
import {
  type ErrorTypeCount,
  QueueService,
  type SkippedTasks,
  type TaskFilterSchema,
} from "../../../../gen/sitq/v1/queue_service_pb.js";
import { rpc } from "../../rpc/clients.ts";
import { failureOf } from "../../rpc/errors.ts";
import type { Work } from "../../ui/confirm.tsx";
import { count, counted } from "../../ui/text.ts";
import type { StateWord } from "./task-query.ts";

/** What is done with tasks. */
export type BulkKind = "retry" | "cancel" | "delete";
/** A filter of a call. */
export type Filter = MessageInitShape<typeof TaskFilterSchema>;

/** What a call for many tasks answers. */
export interface BulkAnswer {
  readonly taskCount: bigint;
  readonly sampleTaskIds: readonly string[];
  readonly skipped: readonly SkippedTasks[];
  readonly errorTypes: readonly ErrorTypeCount[];
}

interface BulkWords {
  readonly verb: string;
  readonly done: string;
  readonly states: readonly StateWord[];
  readonly usual: readonly StateWord[];
  readonly many: DescMethod;
  readonly one: DescMethod;
}

/** The words of what is done, its methods, the states in which a task can be, and those that are meant where a filter names none. */
export const bulkKinds = {
  retry: {
    verb: "Retry",
    done: "retried",
    states: ["failed", "cancelled"],
    usual: ["failed"],
    many: QueueService.method.retryTasks,
    one: QueueService.method.retryTask,
  },
  cancel: {
    verb: "Cancel",
    done: "cancelled",
    states: ["blocked", "scheduled", "pending", "running"],
    usual: ["blocked", "scheduled", "pending", "running"],
    many: QueueService.method.cancelTasks,
    one: QueueService.method.cancelTask,
  },
  delete: {
    verb: "Delete",
    done: "deleted",
    states: ["blocked", "scheduled", "pending", "completed", "failed", "cancelled"],
    usual: ["blocked", "scheduled", "pending", "completed", "failed", "cancelled"],
    many: QueueService.method.deleteTasks,
    one: QueueService.method.deleteTask,
  },
} as const satisfies Record<BulkKind, BulkWords>;

/** Deleting a million tasks takes minutes. */
const mostMs = 600_000;
/** Browsers open six connections to a server at most; streams have some of them. */
const callsAtOnce = 3;

/** Does something with all tasks of a filter, or only counts them. */
export function changeMatching(
  kind: BulkKind,
  filter: Filter,
  dryRun: boolean,
  signal?: AbortSignal,
): Promise<BulkAnswer> {
  const options = { timeoutMs: mostMs, ...(signal !== undefined && { signal }) };
  switch (kind) {
    case "retry":
      return rpc.queues.retryTasks({ filter, dryRun }, options);
    case "cancel":
      return rpc.queues.cancelTasks({ filter, dryRun }, options);
    case "delete":
      return rpc.queues.deleteTasks({ filter, dryRun }, options);
  }
}

/** Does something with one task. */
export async function changeOne(kind: BulkKind, taskId: string, signal?: AbortSignal): Promise<void> {
  const options = signal === undefined ? {} : { signal };
  switch (kind) {
    case "retry":
      await rpc.queues.retryTask({ taskId }, options);
      return;
    case "cancel":
      await rpc.queues.cancelTask({ taskId }, options);
      return;
    case "delete":
      await rpc.queues.deleteTask({ taskId }, options);
  }
}

/** Does something with each of some tasks, and says how it went. What a call refuses does not keep it from the others. */
export async function changeEach(kind: BulkKind, ids: readonly string[], work: Work): Promise<string> {
  const refusals = new Map<string, number>();
  const left = [...ids];
  let done = 0;
  async function next(): Promise<void> {
    for (let id = left.shift(); id !== undefined; id = left.shift()) {
      try {
        await changeOne(kind, id, work.signal);
        done += 1;
      } catch (error) {
        const { reason, message, isPassing } = failureOf(error);
        // Nothing that is wrong with the server, and no stop, is wrong with the task.
        if (reason === "" || isPassing) {
          // The question is answered with it: none of the rest may be done behind it.
          left.length = 0;
          throw error;
        }
        const why = reason === "ROLE_REQUIRED" || reason === "OUT_OF_SCOPE" ? message : reason;
        refusals.set(why, (refusals.get(why) ?? 0) + 1);
      }
      work.progress(`${count(ids.length - left.length)} of ${count(ids.length)}.`);
    }
  }
  await Promise.all(Array.from({ length: callsAtOnce }, next));
  return outcomeWords(kind, done, [...refusals]);
}

/** What was done, in one sentence. */
export function outcomeWords(
  kind: BulkKind,
  done: number | bigint,
  refused: readonly (readonly [reason: string, count: number | bigint])[],
): string {
  const words = `${counted(done, "task")} ${bulkKinds[kind].done}`;
  if (refused.length === 0) return `${words}.`;
  return `${words}; skipped: ${refused.map(([reason, n]) => `${count(n)} with ${reason}`).join(", ")}.`;
}
