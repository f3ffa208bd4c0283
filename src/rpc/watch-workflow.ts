import { create } from "@bufbuild/protobuf";
import { type WatchWorkflowResponse, WatchWorkflowResponseSchema } from "../../gen/sitq/v1/workflow_service_pb.js";
import type { Clock } from "../domain/clock.ts";
import { SitqError } from "../domain/errors.ts";
import type { WorkflowChange } from "../domain/workflow.ts";
import { changesSince, type WorkflowFeed, watchTooSlow } from "../workflows/workflow-feed.ts";
import { workflowNotFound } from "../workflows/workflows.ts";
import type { CallContext, Outbound } from "./adapter/handlers.ts";
import { toBasicWorkflow, toWorkflowChange } from "./convert/workflow.ts";

/** Changes that wait for a watcher that does not read; one that falls further behind is sent away. */
const bufferedChanges = 10_000;
/** Changes in one message: each is below 1 KiB. */
const changesPerMessage = 1_000;

/** Streams the changes of one workflow to one watcher until it comes to rest, or the watcher goes away. */
export async function watchWorkflow(
  feed: WorkflowFeed,
  clock: Clock,
  workflowId: string,
  { signal }: CallContext,
  out: Outbound<WatchWorkflowResponse>,
): Promise<void> {
  // Before the workflow is read: what happens in between is not missed.
  let waiting: WorkflowChange[] = [];
  let isShown = false;
  const ended = Promise.withResolvers<void>();
  function flush(): void {
    while (isShown && waiting.length > 0 && out.writable) {
      const next = waiting.slice(0, changesPerMessage);
      waiting = waiting.slice(changesPerMessage);
      out.send(create(WatchWorkflowResponseSchema, { changes: next.map(toWorkflowChange) }));
      if (next.some(isLast)) ended.resolve();
    }
  }
  const endWatch = feed.watch(workflowId, (changes) => {
    waiting.push(...changes);
    flush();
    if (waiting.length > bufferedChanges) ended.reject(watchTooSlow(waiting.length));
  });
  // It may be rejected before anybody waits for it.
  ended.promise.catch(() => undefined);
  const end = () => ended.resolve();
  signal.addEventListener("abort", end);
  feed.stopped.addEventListener("abort", end);
  try {
    out.onDrain(flush);
    const workflow = await feed.read(workflowId);
    if (workflow === null) throw workflowNotFound(workflowId);
    out.send(create(WatchWorkflowResponseSchema, { workflow: toBasicWorkflow(workflow, clock.now()) }));
    waiting = changesSince(workflow, waiting);
    isShown = true;
    flush();
    if (workflow.finishMs !== null && waiting.length === 0) return;
    if (!signal.aborted && !feed.stopped.aborted) await ended.promise;
  } finally {
    endWatch();
    signal.removeEventListener("abort", end);
    feed.stopped.removeEventListener("abort", end);
  }
  if (feed.stopped.aborted)
    throw new SitqError("DRAINING", "The server is stopping. Watch again.", { retryAfterMs: 1_000 });
}

function isLast(change: WorkflowChange): boolean {
  return change.kind === "workflow" && change.atRest;
}
