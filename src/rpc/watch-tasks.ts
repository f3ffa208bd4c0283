import { create } from "@bufbuild/protobuf";
import {
  type WatchTasksRequest,
  type WatchTasksResponse,
  WatchTasksResponseSchema,
} from "../../gen/sitq/v1/queue_service_pb.js";
import { SitqError } from "../domain/errors.ts";
import { limits } from "../domain/limits.ts";
import type { TaskChange } from "../domain/task.ts";
import type { TaskFeed } from "../queue/task-feed.ts";
import type { CallContext, Outbound } from "./adapter/handlers.ts";
import { atMost, taskId } from "./convert/checks.ts";
import { fromFilter } from "./convert/filter.ts";
import { toTaskChange } from "./convert/task.ts";

/** Changes that wait for a watcher that does not read; one that falls further behind is sent away. */
const bufferedChanges = 10_000;
/** Changes in one message: each is below 1.5 KiB. */
const changesPerMessage = 1_000;

/** Streams changes to one watcher until it goes away. */
export async function watchTasks(
  feed: TaskFeed,
  request: WatchTasksRequest,
  { signal }: CallContext,
  out: Outbound<WatchTasksResponse>,
): Promise<void> {
  const filter = fromFilter(request.filter);
  atMost("task_ids", request.taskIds.length, limits.watchedTasks, "ids");
  const ids = request.taskIds.map((id, index) => taskId(`task_ids[${index}]`, id));

  let waiting: TaskChange[] = [];
  const ended = Promise.withResolvers<void>();
  function flush(): void {
    while (waiting.length > 0 && out.writable) {
      const changes = waiting.slice(0, changesPerMessage).map(toTaskChange);
      waiting = waiting.slice(changesPerMessage);
      out.send(create(WatchTasksResponseSchema, { changes }));
    }
  }
  const endWatch = feed.watch(filter, ids.length === 0 ? null : new Set(ids), (changes) => {
    waiting.push(...changes);
    flush();
    if (waiting.length > bufferedChanges) {
      ended.reject(
        new SitqError(
          "WATCH_TOO_SLOW",
          `The watcher fell ${waiting.length} changes behind. List the tasks and watch again.`,
          {
            retryAfterMs: 1_000,
          },
        ),
      );
    }
  });
  const end = () => ended.resolve();
  signal.addEventListener("abort", end);
  feed.stopped.addEventListener("abort", end);
  try {
    out.onDrain(flush);
    out.send(create(WatchTasksResponseSchema));
    if (!signal.aborted && !feed.stopped.aborted) await ended.promise;
  } finally {
    endWatch();
    signal.removeEventListener("abort", end);
    feed.stopped.removeEventListener("abort", end);
  }
  if (feed.stopped.aborted)
    throw new SitqError("DRAINING", "The server is stopping. Watch again.", { retryAfterMs: 1_000 });
}
