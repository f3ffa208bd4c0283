import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { type WatchWorkflowResponse, WatchWorkflowResponseSchema } from "../../../gen/sitq/v1/workflow_service_pb.js";
import type { Clock } from "../../domain/clock.ts";
import { workflowNotFound } from "../../domain/refusals/workflows.ts";
import type { WorkflowChange } from "../../domain/workflows/workflow.ts";
import { encodeAhead } from "../../grpc/message-codec.ts";
import { changesSince, type WorkflowFeed } from "../../workflows/workflow-feed.ts";
import { inChunks } from "../calls/in-chunks.ts";
import type { Watch, WatchMessages } from "../calls/watch-group.ts";
import { toBasicWorkflow, toWorkflowChange } from "./workflow.ts";

/** Changes in one message: each is below 1 KiB. */
const changesPerMessage = 1_000;

/** A watch of one workflow: how it stands, and what changes until it comes to rest. */
export function workflowWatch(
  feed: WorkflowFeed,
  clock: Clock,
  workflowId: string,
): Watch<WorkflowChange, WatchWorkflowResponse> {
  function messagesOf(changes: readonly WorkflowChange[]): WatchMessages<WatchWorkflowResponse> {
    const messages = inChunks(changes, changesPerMessage, (chunk) =>
      toMessage({ changes: chunk.map(toWorkflowChange) }),
    );
    return { messages, isLast: changes.some(isLastChange) };
  }

  return {
    key: JSON.stringify(["workflow", workflowId]),
    follow: (sink) => feed.watch(workflowId, sink),
    encodeAhead: (message) => encodeAhead(WatchWorkflowResponseSchema, message),
    toMessages: messagesOf,
    async begin(early) {
      const workflow = await feed.read(workflowId);
      if (workflow === null) throw workflowNotFound(workflowId);
      const { messages, isLast } = messagesOf(changesSince(workflow, early()));
      const first = toMessage({ workflow: toBasicWorkflow(workflow, clock.now()) });
      const more = [...messages];
      return { messages: [first, ...more], isLast: isLast || (workflow.finishMs !== null && more.length === 0) };
    },
    stopped: feed.stopped,
    tooSlow: "Watch again.",
  };
}

function toMessage(message: MessageInitShape<typeof WatchWorkflowResponseSchema>): WatchWorkflowResponse {
  return create(WatchWorkflowResponseSchema, message);
}

function isLastChange(change: WorkflowChange): boolean {
  return change.kind === "workflow" && change.atRest;
}
