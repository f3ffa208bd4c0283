import type { Clock } from "../../domain/clock.ts";
import { startLeaseTimer } from "../../domain/lease-timer.ts";
import type { LeaseTable } from "../leases/lease-table.ts";
import type { WorkerView } from "./worker-view.ts";

/** The processes whose streams are gone and whose leases still run. Processes that had one name after each other count apart. */
export interface DepartedWorkers {
  /** A stream is gone; the leases that are held over it end in `leaseLeftMs`. */
  depart(holder: string, view: WorkerView, leaseLeftMs: number): void;
  /** The process has a stream again. */
  comeBack(holder: string): void;
  /** Whether the lease of a task is one of theirs, and runs. */
  watches(taskId: string): boolean;
  /** How many leases run of other processes of this name than `holder`. */
  inFlightBeside(holder: string, workerId: string): number;
  /** One of each name: the last that left. */
  list(): WorkerView[];
  /** Ends the timers. */
  stop(): void;
}

/** Creates an empty list of departed workers. What they hold is expired in `leases`. */
export function createDepartedWorkers(
  clock: Clock,
  leases: Pick<LeaseTable, "countOverStream" | "heldOverStream" | "streamOf" | "expire">,
): DepartedWorkers {
  const departed = new Map<string, { readonly view: WorkerView; readonly endTimer: () => void }>();

  function inFlightOf(holder: string): number {
    return leases.countOverStream(holder);
  }

  return {
    depart(holder, view, leaseLeftMs) {
      if (inFlightOf(holder) === 0) return;
      const endTimer = startLeaseTimer(clock, leaseLeftMs, () => {
        departed.delete(holder);
        leases.expire(leases.heldOverStream(holder));
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
      const last = new Map<string, WorkerView>();
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
