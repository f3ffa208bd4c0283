import type { InstanceState } from "../domain/instance.ts";
import { otherName } from "../store/measures.ts";
import { metrics } from "./names.ts";
import type { Samples } from "./samples.ts";

/** A worker, as far as it is counted. */
export interface CountedWorker {
  readonly state: "connected" | "draining" | "disconnected";
  readonly queues: readonly string[];
  readonly capacity: number;
  readonly inFlight: number;
  /** Whether its stream is, or was, at this server: another one that shares the store may have it. */
  readonly isHere: boolean;
}

/** What is counted of a server beside its store. */
export interface ServerFacts {
  /** How many servers share the store, by whether this one hears them; itself is heard. */
  readonly servers: { readonly heard: number; readonly unheard: number };
  /** Whether it leads them. */
  readonly isLeading: boolean;
  /** Those of all servers that share the store. */
  readonly workers: readonly CountedWorker[];
  readonly instances: Readonly<Record<InstanceState, number>>;
  readonly watches: number;
  /** Of xDS: open streams, responses and those refused by type. */
  readonly xds: {
    readonly streams: number;
    readonly responses: Readonly<Record<string, number>>;
    readonly refusals: Readonly<Record<string, number>>;
  };
  readonly connections: number;
  /** Calls that wait for the store or are in it. */
  readonly waitingCalls: number;
  readonly waitingBytes: number;
  readonly isDiskLow: boolean;
  /** How long its event loop has worked, in seconds. */
  readonly busySeconds: number;
}

/**
 * Adds what is counted of a server.
 *
 * @param queues those that are counted apart; a worker of any other counts for all others together
 */
export function addServerSamples(samples: Samples, facts: ServerFacts, queues: readonly string[]): void {
  samples.addEach(metrics.servers, "state", facts.servers);
  samples.add(metrics.serverLeading, facts.isLeading ? 1 : 0);
  const here = facts.workers.filter(({ isHere }) => isHere);
  const open = here.filter(({ state }) => state !== "disconnected");
  const states = { connected: 0, draining: 0, disconnected: 0 };
  for (const { state } of here) states[state]++;
  samples.addEach(metrics.workers, "state", states);
  samples.add(metrics.workStreams, open.length);
  samples.add(metrics.workerCapacity, sumOf(open, "capacity"));
  samples.add(metrics.workerInFlight, sumOf(open, "inFlight"));
  for (const [queue, workers] of workersByQueue(facts.workers, queues)) {
    samples.add(metrics.queueWorkers, workers.length, { queue });
    samples.add(metrics.queueCapacity, sumOf(workers, "capacity"), { queue });
  }
  samples.addEach(metrics.instances, "health", facts.instances);
  samples.add(metrics.connections, facts.connections);
  samples.add(metrics.watches, facts.watches);
  samples.add(metrics.xdsStreams, facts.xds.streams);
  samples.addEach(metrics.xdsResponses, "type", facts.xds.responses);
  samples.addEach(metrics.xdsRefusals, "type", facts.xds.refusals);
  samples.add(metrics.callsWaiting, facts.waitingCalls);
  samples.add(metrics.callsWaitingBytes, facts.waitingBytes);
  samples.add(metrics.diskLow, facts.isDiskLow ? 1 : 0);
  samples.add(metrics.eventLoopBusy, facts.busySeconds);
}

/** The workers of each queue, also of one that has none: such a queue is what one looks for. */
function workersByQueue(
  workers: readonly CountedWorker[],
  queues: readonly string[],
): ReadonlyMap<string, readonly CountedWorker[]> {
  const byQueue = new Map<string, CountedWorker[]>(queues.map((queue) => [queue, []]));
  for (const worker of workers) {
    // Drained ones take no more.
    if (worker.state !== "connected") continue;
    for (const queue of new Set(worker.queues.map((name) => (byQueue.has(name) ? name : otherName)))) {
      byQueue.get(queue)?.push(worker);
    }
  }
  return byQueue;
}

function sumOf(workers: readonly CountedWorker[], what: "capacity" | "inFlight"): number {
  return workers.reduce((sum, worker) => sum + worker[what], 0);
}
