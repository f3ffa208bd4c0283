import { useEffect, useState } from "preact/hooks";
import {
  QueueOrder,
  type QueueOverview,
  type WatchOverviewResponse,
} from "../../../../gen/sitq/v1/monitor_service_pb.js";
import { type FollowedStream, useStream } from "../../live/use-stream.ts";
import { rpc } from "../../rpc/clients.ts";

/** The contract selects queues by a part of the name: among so many of them the one is expected. */
const mostQueues = 200;

/** The rates and the history of one queue, live. */
export interface WatchedQueue {
  /** `null`: not known yet. */
  readonly now: QueueOverview | null;
  readonly stream: FollowedStream;
}

/** Watches the rates and the history of one queue, which the page's own stream may not show. */
export function useQueueOverview(name: string): WatchedQueue {
  const [shown, setShown] = useState<QueueOverview | null>(null);
  useEffect(() => setShown(null), [name]);
  const stream = useStream<WatchOverviewResponse>(name, {
    open(signal) {
      const request = { nameContains: name, maxQueues: mostQueues, order: QueueOrder.BY_NAME };
      return rpc.monitor.watchOverview(request, { signal, timeoutMs: 0 });
    },
    onMessage({ queues }) {
      const queue = queues.find((each) => each.name === name);
      if (queue === undefined) return;
      setShown((before) => {
        const history = queue.history ?? before?.history;
        return history === undefined ? queue : { ...queue, history };
      });
    },
  });
  return { now: shown, stream };
}
