import type { Clock } from "../../domain/clock.ts";
import { startLeaseTimer } from "../../domain/lease-timer.ts";
import type { LeaseTable } from "../leases/lease-table.ts";
import type { PresentWorker } from "./worker-view.ts";

/** The processes whose streams are gone and whose leases still run. Processes that had one name after each other count apart. */
export interface DepartedWorkers {
  /** A stream is gone; the leases that are held over it end in `leaseLeftMs`. */
  depart(holder: string, view: PresentWorker, leaseLeftMs: number): void;
  /** The process has a stream again. */
  comeBack(holder: string): void;
  /** Whether the lease of a task is one of theirs, and runs. */
  watches(taskId: string): boolean;
  /** How many leases run of other processes of this name than `holder`. */
  inFlightBeside(holder: string, workerId: string): number;
  /** One of each name: the last that left. */
  list(): PresentWorker[];
  /** Ends the timers. */
  stop(): void;
}

/** Creates an empty list of departed workers. @param onLost is called with one whose leases are up */
export function createDepartedWorkers(
  clock: Clock,
  leases: Pick<LeaseTable, "countOverStream" | "streamOf">,
  onLost: (holder: string, view: PresentWorker) => void,
): DepartedWorkers {
  const departed = new Map<string, { readonly view: PresentWorker; readonly endTimer: () => void }>();

  function inFlightOf(holder: string): number {
    return leases.countOverStream(holder);
  }

  return {
    depart(holder, view, leaseLeftMs) {
      if (inFlightOf(holder) === 0) return;
      const endTimer = startLeaseTimer(clock, leaseLeftMs, () => {
        departed.delete(holder);
        onLost(holder, view);
      });
      departed.set(holder, { view, endTimer });
    },

    comeBack(holder) {
      departed.get(holder)?.endTimer();
      departed.delete(holder);
    },

    watches(taskId) {
      const holder = leases.streamOf(taskId);
      return holder !== null && departed.has(holder);
    },

    inFlightBeside(holder, workerId) {
      let inFlight = 0;
      for (const [other, { view }] of departed) {
        if (other !== holder && view.hello.workerId === workerId) inFlight += inFlightOf(other);
      }
      return inFlight;
    },

    list() {
      const last = new Map<string, PresentWorker>();
      for (const [holder, { view }] of departed) {
        last.set(view.hello.workerId, { ...view, inFlight: inFlightOf(holder) });
      }
      return [...last.values()];
    },

    stop() {
      for (const { endTimer } of departed.values()) endTimer();
      departed.clear();
    },
  };
}
