import { signal } from "@preact/signals";
import type {
  OverviewTotals,
  Problem,
  QueueOverview,
  WatchOverviewResponse,
} from "../../../gen/sitq/v1/monitor_service_pb.js";
import { rpc } from "../rpc/clients.ts";
import { followStream, type StreamState } from "./stream.ts";

/** What the server shows of itself, kept up to date by the one stream that the page holds. */
export interface Overview {
  readonly totals: OverviewTotals | null;
  /** Worst first. */
  readonly problems: readonly Problem[];
  readonly queues: ReadonlyMap<string, QueueOverview>;
}

function nothing(): Overview {
  return { totals: null, problems: [], queues: new Map() };
}

/** How the server is. */
export const overview = signal<Overview>(nothing());
/** How the stream stands that tells it. */
export const overviewState = signal<StreamState>({ kind: "connecting" });
/** Called with the queues of each update; a view that shows one of them reads it anew. */
const listeners = new Set<(queues: ReadonlySet<string>) => void>();

let stop: (() => void) | null = null;

/** Opens the stream, or opens it anew: after signing in. */
export function watchOverview(): void {
  stop?.();
  let queues = new Map<string, QueueOverview>();
  let changed = new Set<string>();
  let { totals, problems } = overview.peek();
  let isFirst = true;
  stop = followStream<WatchOverviewResponse>({
    open: (signal) => rpc.monitor.watchOverview({}, { signal, timeoutMs: 0 }),
    onState(state) {
      overviewState.value = state;
    },
    onMessage(message) {
      if (message.snapshot) {
        queues = new Map();
        isFirst = true;
      }
      for (const queue of message.queues) {
        const history = queue.history ?? queues.get(queue.name)?.history;
        if (history !== undefined) queue.history = history;
        queues.set(queue.name, queue);
        changed.add(queue.name);
      }
      totals = message.totals ?? totals;
      problems = message.problems?.problems ?? problems;
      // What is wrong is in the first message, and is shown before the rest is there. A new map, so that what depends on it is drawn again.
      if (isFirst || !message.more) overview.value = { totals, problems, queues: new Map(queues) };
      isFirst = false;
      if (message.more) return;
      for (const listener of listeners) listener(changed);
      changed = new Set();
    },
  });
}

/** Ends the stream, and forgets what it told. */
export function stopOverview(): void {
  stop?.();
  stop = null;
  overview.value = nothing();
  overviewState.value = { kind: "connecting" };
}

/** Calls `listener` with the names of the queues of each update until the answered function is called. */
export function onQueuesChanged(listener: (queues: ReadonlySet<string>) => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
