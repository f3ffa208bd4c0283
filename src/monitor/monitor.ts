import type { Clock } from "../domain/clock.ts";
import type { ServerFacts, SubscriptionFacts, WorkflowFacts } from "../domain/monitor/facts.ts";
import { createService, type Service } from "../domain/service.ts";
import type { QueueHistory, QueueRates } from "../queue/tasks/queue-rates.ts";
import type { ListedWorker, PresentWorker } from "../queue/workers/worker-view.ts";
import type { Registry } from "../registry/registry.ts";
import type { DiskState, Store } from "../store/store.ts";
import type { Overview } from "./overview.ts";
import { OverviewFeed } from "./overview-feed.ts";
import { QueueFailures } from "./queue-failures.ts";
import { QueueRows } from "./queue-rows.ts";

/** Where the facts come from. */
export interface MonitorSources {
  readonly store: Pick<Store, "changedQueues" | "troubledWorkflows" | "listSubscriptions" | "onFlow" | "onDisk">;
  readonly clock: Clock;
  readonly rates: QueueRates;
  readonly workers: { list(): readonly PresentWorker<ListedWorker>[] };
  readonly registry: Pick<Registry, "statistics">;
  readonly settings: {
    readonly maxQueueDepth: number;
    readonly leaseDurationMs: number;
    /** Whether workers can be there. */
    readonly knowsWorkers: boolean;
  };
  /** Calls that were refused for missing rights within the last hour. */
  refusals(): number;
  /** How much was found damaged since the start. */
  damages(): number;
  /** Until when the server's certificate is valid; `null`: it has none. */
  certificateExpireMs(): number | null;
}

/** What is read from the store beside the queues. */
interface StoredFacts {
  readonly subscriptions: readonly SubscriptionFacts[];
  readonly workflows: readonly WorkflowFacts[];
}

/** A workflow is stuck of which no step has ended for so long, in milliseconds. */
const stuckMs = 600_000;
const hourMs = 3_600_000;
/** How many subscriptions are looked at, and how many workflows of each trouble. */
const mostSubscriptions = 1_000;
const mostWorkflows = 200;

/**
 * Knows how everything is now, from counters and bounded reads. It does nothing unless it is asked, but for counting failures by the
 * minute.
 */
export class Monitor implements Service {
  readonly feed: OverviewFeed;
  readonly rows: QueueRows;
  readonly settings: MonitorSources["settings"];
  readonly #sources: MonitorSources;
  readonly #service: Service;
  readonly #endListening: () => void;
  #disk: DiskState | null = null;
  #stored: { readonly facts: StoredFacts; readonly readMs: number } | null = null;

  /** Begins to count failures. */
  constructor(sources: MonitorSources) {
    const { store, clock, rates, workers, settings } = sources;
    this.#sources = sources;
    this.settings = settings;
    const failures = new QueueFailures(clock);
    this.rows = new QueueRows({
      store,
      rates,
      workers,
      clock,
      maxQueueDepth: settings.maxQueueDepth,
      knowsWorkers: settings.knowsWorkers,
      failuresOf: (queue) => failures.of(queue),
    });
    this.feed = new OverviewFeed(this, rates, clock);
    this.#endListening = store.onFlow((flows) => {
      for (const { queue, failed } of flows) if (failed > 0) failures.add(queue, failed);
    });
    store.onDisk((disk) => {
      this.#disk = disk;
    });
    this.#service = createService({ stop: () => this.#endListening() });
  }

  start(): Promise<void> {
    return this.#service.start();
  }

  stop(): Promise<void> {
    return this.#service.stop();
  }

  /**
   * How everything is now; the queues are in `rows` then.
   *
   * @param storedForMs how old what is read of subscriptions and workflows may be. Default 0: it is read again
   */
  async read(storedForMs = 0): Promise<Overview> {
    const { workers, registry, clock } = this.#sources;
    const [stored] = await Promise.all([this.#readStored(storedForMs), this.rows.update()]);
    return {
      ...stored,
      workers: workers.list().map(({ hello: { workerId, queues }, state, capacity, inFlight, lastSeenMs }) => {
        return { workerId, queues, state, capacity, inFlight, lastSeenMs };
      }),
      services: registry.statistics({ serviceName: null }),
      server: this.#serverFacts(),
      nowMs: clock.now(),
    };
  }

  /** What the tasks of a queue did in the last five minutes. */
  historyOf(queue: string): QueueHistory {
    return this.#sources.rates.historyOf(queue);
  }

  async #readStored(forMs: number): Promise<StoredFacts> {
    const { store, clock } = this.#sources;
    const readMs = clock.monotonic();
    if (this.#stored !== null && readMs - this.#stored.readMs < forMs) return this.#stored.facts;
    const nowMs = clock.now();
    const query = { failedSinceMs: nowMs - hourMs, stuckSinceMs: nowMs - stuckMs, limit: mostWorkflows };
    const [subscriptions, workflows] = await Promise.all([
      store.listSubscriptions(null, mostSubscriptions),
      store.troubledWorkflows(query),
    ]);
    const facts = { subscriptions, workflows };
    this.#stored = { facts, readMs };
    return facts;
  }

  #serverFacts(): ServerFacts {
    const { refusals, damages, certificateExpireMs } = this.#sources;
    return {
      isDiskLow: this.#disk?.isLow ?? false,
      freeBytes: this.#disk?.freeBytes ?? 0,
      damages: damages(),
      // A drain ends the watches first.
      isDraining: this.feed.stopped.aborted,
      certificateExpireMs: certificateExpireMs(),
      refusals: refusals(),
    };
  }
}
