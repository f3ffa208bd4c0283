import { type Cluster, noCluster } from "../cluster/cluster.ts";
import type { Clock } from "../domain/clock.ts";
import type { Retries } from "../domain/retries.ts";
import { createService, type Service } from "../domain/service.ts";
import type { Store } from "../store/store.ts";

/**
 * Moves waiting tasks by time: those that are due become ready, those that are too late fail. Of servers that share a database the
 * leader does it for all.
 */
export interface Scheduler extends Service {
  /** Something is due at this time, by the wall clock. */
  due(ms: number): void;
  /** Does what is due now, all of it, and sets the timer for what comes next. Rejects only once it is stopped. */
  runOnce(): Promise<void>;
  /** The stored times and the clock were set: looks anew. */
  restart(): void;
}

/** The timer runs on the monotonic clock: this often it looks whether the wall clock jumped past something. */
const longestSleepMs = 30_000;

/** Creates the scheduler of a store. */
export function createScheduler(
  store: Pick<Store, "advance">,
  clock: Clock,
  retries: Retries,
  cluster: Cluster = noCluster,
): Scheduler {
  let nextMs: number | null = null;
  let endTimer: () => void = () => undefined;
  let running: Promise<void> | null = null;
  let stopped = false;

  function schedule(ms: number): void {
    if (stopped || !cluster.isLeader || (nextMs !== null && nextMs <= ms)) return;
    nextMs = ms;
    endTimer();
    endTimer = clock.after(Math.min(Math.max(ms - clock.now(), 0), longestSleepMs), () => {
      nextMs = null;
      runAside();
    });
  }

  async function run(): Promise<void> {
    for (;;) {
      const { nextMs: after } = await retries.untilDone("moving due tasks", () => store.advance(clock.now()));
      if (after === null) return;
      if (after > clock.now() || stopped) return schedule(after);
    }
  }

  function runOnce(): Promise<void> {
    // What comes due while it runs is found by its last step.
    running ??= run().finally(() => {
      running = null;
    });
    return running;
  }

  function runAside(): void {
    if (stopped || !cluster.isLeader) return;
    // Only the end of the server ends it.
    runOnce().catch(() => undefined);
  }

  const service = createService({
    start: runAside,
    async stop() {
      stopped = true;
      endTimer();
      await running?.catch(() => undefined);
    },
  });

  function restart(): void {
    endTimer();
    nextMs = null;
    runAside();
  }

  cluster.onLeading(restart);
  cluster.onMissed(restart);
  cluster.onNews(({ dueMs }) => {
    if (dueMs !== null) schedule(dueMs);
  });

  return {
    ...service,
    due(ms) {
      if (cluster.isLeader) schedule(ms);
      else cluster.tell({ dueMs: ms });
    },
    runOnce,
    restart,
  };
}
