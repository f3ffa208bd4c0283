/**
 * What makes a second request a repeat, and what a deduplication key does. A request id names one task for good: with the same
 * content it is a repeat, with another one a mistake. A deduplication key is free again once its task is finished.
 */

import { isSameContext } from "../../contract/trace-context.ts";
import { isSamePayload } from "../payload-content.ts";
import { type DuplicatePolicy, isWaiting, type NewTask, type TaskState } from "./task.ts";

/** The content of a request for a task, which a repeat has in common with it. */
export interface RequestContent
  extends Pick<
    NewTask,
    "queue" | "type" | "priority" | "payload" | "correlationId" | "sourceService" | "deduplicationKey"
  > {
  /** The policy and the times as a text: the same one for the same. */
  readonly options: string | null;
  /** As a text, sorted by key. */
  readonly headers: string | null;
}

/** Whether two requests ask for the same. Compared only where one request id comes twice. */
export function isSameRequest(a: RequestContent, b: RequestContent): boolean {
  return (
    a.queue === b.queue &&
    a.type === b.type &&
    a.priority === b.priority &&
    a.correlationId === b.correlationId &&
    a.sourceService === b.sourceService &&
    a.deduplicationKey === b.deduplicationKey &&
    a.options === b.options &&
    isSameContext(a.headers, b.headers) &&
    isSamePayload(a.payload, b.payload)
  );
}

/**
 * What a task gets whose queue has an unfinished one with its key: `existing`, it is that one; `replace`, it takes its place, and
 * the other is cancelled; or `duplicate`, it is refused.
 *
 * @param state of the unfinished one: what runs is not replaced
 */
export function judgeDuplicate(policy: DuplicatePolicy, state: TaskState): "existing" | "replace" | "duplicate" {
  switch (policy) {
    case "return_existing":
      return "existing";
    case "replace":
      return isWaiting(state) ? "replace" : "duplicate";
    case "refuse":
      return "duplicate";
  }
}
