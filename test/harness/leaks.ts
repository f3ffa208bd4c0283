import type { Clock } from "../../src/domain/clock.ts";

/** What one server has taken of the process. */
export interface TrackedResources {
  /** The clock that was handed in, counting. */
  readonly clock: Clock;
  /** Timers that were set over `clock` and have neither run nor been called off. */
  readonly timers: number;
  /** The server is about to be closed. */
  closing(): void;
  /** Whether the time ran out meanwhile after which the server cuts off what has not ended. */
  readonly wasCutOff: boolean;
  /** The server is gone. Answers what the process should be back to, or `null` while another server runs. */
  forget(): ReadonlyMap<string, number> | null;
}

/** What is left over when a server has been stopped. */
export interface LeftOvers {
  readonly files: readonly string[];
  /** What it logged as an error, which no test expects unless it says so. */
  readonly errors: readonly unknown[];
}

/** Sockets, listeners, and the ports of threads. */
const watchedKinds = ["TCPSocketWrap", "TCPServerWrap", "MessagePort", "Worker"];
/** The server cuts calls off that have not ended by then; nothing else in it takes just as long. */
const cutOffMs = 2_000;
/** Sockets close in the background, and nothing tells of it. */
const patienceMs = 30_000;

let running = 0;
let before: ReadonlyMap<string, number> = new Map();

/** Begins to watch one server. */
export function trackResources(inner: Clock): TrackedResources {
  if (running === 0) before = countResources();
  running++;
  const pending = new Set<object>();
  let forgotten = false;
  let isClosing = false;
  let wasCutOff = false;
  return {
    clock: {
      now: () => inner.now(),
      monotonic: () => inner.monotonic(),
      afterIo: (action) => inner.afterIo(action),
      after(delayMs, action) {
        const timer = {};
        pending.add(timer);
        const callOff = inner.after(delayMs, () => {
          pending.delete(timer);
          if (isClosing && delayMs === cutOffMs) wasCutOff = true;
          action();
        });
        return () => {
          pending.delete(timer);
          callOff();
        };
      },
    },
    get timers() {
      return pending.size;
    },
    closing() {
      isClosing = true;
    },
    get wasCutOff() {
      return wasCutOff;
    },
    forget() {
      if (!forgotten) running--;
      forgotten = true;
      return running === 0 ? before : null;
    },
  };
}

/** Throws if a stopped server left anything over. */
export async function expectNoLeaks(resources: TrackedResources, left: LeftOvers): Promise<void> {
  const { files, errors } = left;
  const found: string[] = [];
  if (resources.wasCutOff) found.push("calls that did not end and had to be cut off");
  if (resources.timers > 0) found.push(`${resources.timers} timers`);
  if (files.length > 0) found.push(`files: ${files.join(", ")}`);
  if (errors.length > 0) found.push(`errors in the log: ${errors.map(describe).join("; ")}`);
  const baseline = resources.forget();
  if (baseline !== null) found.push(...(await resourcesAbove(baseline)));
  if (found.length > 0) throw new Error(`The server left behind: ${found.join("; ")}`);
}

async function resourcesAbove(baseline: ReadonlyMap<string, number>): Promise<string[]> {
  const giveUpAt = performance.now() + patienceMs;
  for (;;) {
    const now = countResources();
    const above = watchedKinds.filter((kind) => (now.get(kind) ?? 0) > (baseline.get(kind) ?? 0));
    if (above.length === 0) return [];
    if (performance.now() > giveUpAt) return above.map((kind) => `${kind} ${now.get(kind)}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

function countResources(): Map<string, number> {
  const counts = new Map<string, number>();
  for (const kind of process.getActiveResourcesInfo()) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return counts;
}

function describe(entry: unknown): string {
  return JSON.stringify(entry, (_key, value) => (value instanceof Error ? value.stack : value));
}
