import type { Clock } from "../../domain/clock.ts";
import type { WorkerFigures } from "./worker-statistics.ts";
import type { WorkerView } from "./worker-view.ts";

/** How long a lost worker is remembered, in milliseconds. */
const keptMs = 3_600_000;
/** How many are; the one that was lost first is dropped for a new one. */
const mostKept = 300;

/** A worker as it was when it was lost. */
export interface LostWorker {
  readonly view: WorkerView;
  /** Wall clock, milliseconds. */
  readonly lostMs: number;
  /** Those of the minutes before; what it held then counts as lost. */
  readonly figures: WorkerFigures;
}

/** The workers that were lost within the last hour, one of each name. */
export class LostWorkers {
  private readonly clock: Clock;
  /** By worker id, the first that was lost first. `atMs` by the monotonic clock. */
  private readonly workers = new Map<string, { readonly atMs: number; readonly worker: LostWorker }>();

  /** None was lost. */
  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** A worker is lost now. @param held how many leases are lost with it */
  add(view: WorkerView, held: number, figures: WorkerFigures): void {
    const { clock, workers } = this;
    const { workerId } = view.hello;
    workers.delete(workerId);
    workers.set(workerId, {
      atMs: clock.monotonic(),
      worker: {
        view: { ...view, state: "lost", inFlight: 0 },
        lostMs: clock.now(),
        figures: { ...figures, lost: figures.lost + held },
      },
    });
    const [first] = workers.keys();
    if (workers.size > mostKept && first !== undefined) workers.delete(first);
  }

  /** The last one of this name. */
  of(workerId: string): LostWorker | undefined {
    this.forgetOld();
    return this.workers.get(workerId)?.worker;
  }

  /** All of them. */
  list(): LostWorker[] {
    this.forgetOld();
    return Array.from(this.workers.values(), ({ worker }) => worker);
  }

  private forgetOld(): void {
    const untilMs = this.clock.monotonic() - keptMs;
    for (const [workerId, { atMs }] of this.workers) {
      if (atMs > untilMs) return;
      this.workers.delete(workerId);
    }
  }
}
