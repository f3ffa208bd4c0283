import { create } from "@bufbuild/protobuf";
import {
  type WatchTasksRequest,
  type WatchTasksResponse,
  WatchTasksResponseSchema,
} from "../../../gen/sitq/v1/queue_service_pb.js";
import { limits } from "../../contract/limits.ts";
import { invalidField } from "../../domain/errors.ts";
import type { TaskChange } from "../../domain/tasks/task.ts";
import { encodeAhead } from "../../grpc/message-codec.ts";
import type { TaskFeed } from "../../queue/tasks/task-feed.ts";
import { inChunks } from "../calls/in-chunks.ts";
import type { RpcContext } from "../calls/rpc-context.ts";
import type { Watch } from "../calls/watch-group.ts";
import { checkCount, parseTaskId } from "../convert/checks.ts";
import { toTaskChange } from "../convert/task.ts";
import { fromFilter, mustReadContentOf } from "./task-filter.ts";

/** Changes in one message: each is below 1.5 KiB. */
const changesPerMessage = 1_000;

/** What a request to watch tasks asks for, within a scope. @throws SitqError with the field's path */
export function taskWatch(
  feed: TaskFeed,
  request: WatchTasksRequest,
  context: Pick<RpcContext, "scope" | "mustReadContent">,
): Watch<TaskChange, WatchTasksResponse> {
  if (request.filter?.minStateAge !== undefined) {
    throw invalidField("filter.min_state_age", "cannot be watched: a change of state is new. List the tasks instead");
  }
  const { scope } = context;
  const filter = fromFilter(request.filter, 0);
  mustReadContentOf(filter, context);
  checkCount("task_ids", request.taskIds.length, limits.watchedTasks, "ids");
  const ids = request.taskIds.map((id, index) => parseTaskId(`task_ids[${index}]`, id));
  return {
    key: JSON.stringify(["tasks", filter, ids, scope.key]),
    follow: (sink) => feed.watch(filter, ids.length === 0 ? null : new Set(ids), sink),
    encodeAhead: (message) => encodeAhead(WatchTasksResponseSchema, message),
    toMessages: (all) => {
      const changes = scope.isWhole ? all : all.filter(({ queue }) => scope.allows("queue", queue));
      return { messages: inChunks(changes, changesPerMessage, toMessage), isLast: false };
    },
    begin: () => ({ messages: [toMessage([])], isLast: false }),
    stopped: feed.stopped,
    tooSlow: "List the tasks and watch again.",
  };
}

function toMessage(changes: readonly TaskChange[]): WatchTasksResponse {
  return create(WatchTasksResponseSchema, { changes: changes.map(toTaskChange) });
}
