import { effect, signal } from "@preact/signals";
import {
  type OverviewTotals,
  type Problem,
  QueueOrder,
  type QueueOverview,
  type WatchOverviewResponse,
} from "../../../gen/sitq/v1/monitor_service_pb.js";
import { rpc } from "../rpc/clients.ts";
import { followStream, type StreamState } from "./stream.ts";

/** What the server shows of itself, kept up to date by the one stream that the page holds. */
export interface Overview {
  readonly totals: OverviewTotals | null;
  /** Worst first. */
  readonly problems: readonly Problem[];
  /** Those of `shownQueues`. */
  readonly queues: ReadonlyMap<string, QueueOverview>;
  /** How many queues there are by its name, shown or not. */
  readonly matching: number;
}

/** Which queues the stream shows: the first ones, those with problems before the others. */
export interface ShownQueues {
  /** 1 to 1000. */
  readonly most: number;
  /** Only those with this in their name. Empty: all. */
  readonly nameContains: string;
}

/** Which queues may have changed: for certain those that are shown, of others as far as the totals tell. */
export interface QueueChanges {
  has(queue: string): boolean;
}

/** While nothing happens the stream says nothing, as one does that is dead. */
const longestSilenceMs = 20_000;

/** Which queues are shown at first. */
export const firstShown: ShownQueues = { most: 200, nameContains: "" };

function nothing(): Overview {
  return { totals: null, problems: [], queues: new Map(), matching: 0 };
}

/** How the server is. */
export const overview = signal<Overview>(nothing());
/** How the stream stands that tells it. */
export const overviewState = signal<StreamState>({ kind: "connecting" });
/** Which queues a view wants to be shown. */
const shownQueues = signal(firstShown);
/** Called with each update; a view that shows something of a queue reads it anew. */
const listeners = new Set<(changes: QueueChanges) => void>();

let stop: (() => void) | null = null;

/** Opens the stream, or opens it anew: after signing in. */
export function watchOverview(): void {
  stop?.();
  stop = effect(() => follow(shownQueues.value));
}

/** Has the stream show other queues. Until the first of them come, those from before stay. */
export function showQueues(shown: ShownQueues): void {
  const { most, nameContains } = shownQueues.peek();
  if (shown.most !== most || shown.nameContains !== nameContains) shownQueues.value = shown;
}

function follow({ most, nameContains }: ShownQueues): () => void {
  let { totals, problems, queues, matching } = overview.peek();
  let next = new Map<string, QueueOverview>();
  let changed = new Set<string>();
  let hasOther = false;
  return followStream<WatchOverviewResponse>({
    longestSilenceMs,
    open(signal) {
      const request = { maxQueues: most, order: QueueOrder.PROBLEMS_FIRST, nameContains };
      return rpc.monitor.watchOverview(request, { signal, timeoutMs: 0 });
    },
    onState(state) {
      overviewState.value = state;
    },
    onMessage(message) {
      if (message.snapshot) next = new Map();
      for (const name of message.removedQueues) next.delete(name);
      for (const queue of message.queues) {
        const history = queue.history ?? next.get(queue.name)?.history;
        if (history !== undefined) queue.history = history;
        next.set(queue.name, queue);
        changed.add(queue.name);
      }
      hasOther ||= message.totals !== undefined;
      totals = message.totals ?? totals;
      problems = message.problems?.problems ?? problems;
      matching = message.matchingQueues ?? matching;
      // A new map, so that what depends on it is drawn again.
      if (!message.more) queues = new Map(next);
      // What is wrong is in the first message, and is shown before the rest is there.
      if (message.snapshot || !message.more) overview.value = { totals, problems, queues, matching };
      if (message.more) return;
      const changes = changesOf(changed, hasOther);
      for (const listener of listeners) listener(changes);
      changed = new Set();
      hasOther = false;
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

function changesOf(changed: ReadonlySet<string>, hasOther: boolean): QueueChanges {
  const { queues } = overview.peek();
  return { has: (queue) => changed.has(queue) || (hasOther && !queues.has(queue)) };
}

/** Calls `listener` with each update until the answered function is called. */
export function onQueuesChanged(listener: (changes: QueueChanges) => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
