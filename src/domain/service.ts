/**
 * A part of the server that runs.
 *
 * ```
 *   created ──start──▶ running ──stop──▶ stopped
 *      └───────────────stop─────────────────▲
 * ```
 *
 * Both calls are legal in any order, at any time, and again: a repeat answers as the first call did. A stop is final: a start
 * after it does nothing, and a stop during a start takes effect when the start has ended.
 */
export interface Service {
  /** Begins to run. Resolves when it does. */
  start(): Promise<void>;
  /** Ends all of its work, timers and listeners. Resolves when nothing of it runs any more. */
  stop(): Promise<void>;
}

/** What a service does at its start and its stop, each at most once. */
export interface ServiceSteps {
  /** Default: nothing. */
  start?(): Promise<void> | void;
  /** Default: nothing. Runs at once unless a start is under way, and also where there was no start, or where it failed. */
  stop?(): Promise<void> | void;
}

/** Creates a service of its two steps. */
export function createService(steps: ServiceSteps): Service {
  let started: Promise<void> | null = null;
  let isStarting = false;
  let stopped: Promise<void> | null = null;

  async function start(): Promise<void> {
    const starting = steps.start?.();
    if (starting === undefined) return;
    isStarting = true;
    try {
      await starting;
    } finally {
      isStarting = false;
    }
  }

  async function stop(): Promise<void> {
    // The caller of the start gets its failure.
    if (isStarting) await started?.catch(() => undefined);
    await steps.stop?.();
  }

  return {
    start() {
      if (stopped !== null) return started ?? Promise.resolve();
      started ??= start();
      return started;
    },

    stop() {
      stopped ??= stop();
      return stopped;
    },
  };
}

/** A source of changes that watchers follow until it stops. It runs nothing itself. */
export interface Feed extends Service {
  /** Aborted by the stop. */
  readonly stopped: AbortSignal;
}

/** Creates the start and the stop of a feed. */
export function createFeed(): Feed {
  const stopping = new AbortController();
  return { ...createService({ stop: () => stopping.abort() }), stopped: stopping.signal };
}

/** Starts services one after the other. Rejects at the first that cannot start; those after it are left. */
export async function startAll(services: readonly Service[]): Promise<void> {
  for (const service of services) await service.start();
}

/**
 * Stops services one after the other, the last first.
 *
 * @throws the first failure, after all of them have stopped
 */
export async function stopAll(services: readonly Pick<Service, "stop">[]): Promise<void> {
  const failures: unknown[] = [];
  for (const service of services.toReversed()) await service.stop().catch((error: unknown) => failures.push(error));
  if (failures.length > 0) throw failures[0];
}
