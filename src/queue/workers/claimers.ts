import type { Clock } from "../../domain/clock.ts";
import type { TypeSet } from "../dispatch/consumer.ts";
import type { LeaseTable } from "../leases/lease-table.ts";
import { unknownHello } from "./worker-channel.ts";
import type { WorkerView } from "./worker-view.ts";

/** How long a worker is listed after its last call, in milliseconds: as long as the ends of its attempts are counted. */
const listedMs = 300_000;
/** How many are remembered; the one that was quiet for longest is dropped for a new one. */
const mostKept = 4_096;

/** What a claim says of its worker. */
export interface Claim {
  readonly workerId: string;
  readonly queues: readonly string[];
  /** `null`: tasks of all types. */
  readonly types: TypeSet | null;
}

/** A worker without a stream. */
interface Claimer {
  readonly workerId: string;
  queues: readonly string[];
  types: readonly string[];
  /** Wall clock, milliseconds. */
  readonly firstMs: number;
  lastMs: number;
  /** By the monotonic clock. */
  heardMs: number;
  /** Claims that wait for their answer. */
  waiting: number;
}

/** The workers that claim without a stream, as far as they were heard of lately. They are in no dispatch: this is for operators. */
export class Claimers {
  private readonly clock: Clock;
  private readonly leases: Pick<LeaseTable, "countUnary">;
  /** By worker id, the one that was quiet for longest first. */
  private readonly claimers = new Map<string, Claimer>();

  /** None has claimed. */
  constructor(clock: Clock, leases: Pick<LeaseTable, "countUnary">) {
    this.clock = clock;
    this.leases = leases;
  }

  /** A claim begins. @returns a function that says that it has ended */
  claiming({ workerId, queues, types }: Claim): () => void {
    const claimer = this.claimers.get(workerId) ?? this.add(workerId);
    // One that asks for tasks by their ids need not name queues.
    if (queues.length > 0) claimer.queues = queues;
    claimer.types = types?.types ?? [];
    claimer.waiting++;
    this.heard(workerId);
    return () => {
      claimer.waiting--;
      this.heard(workerId);
    };
  }

  /** A worker has called about a lease. */
  heard(workerId: string): void {
    const claimer = this.claimers.get(workerId);
    if (claimer === undefined) return;
    claimer.lastMs = this.clock.now();
    claimer.heardMs = this.clock.monotonic();
    this.claimers.delete(workerId);
    this.claimers.set(workerId, claimer);
  }

  /** All that are there now. */
  list(): WorkerView[] {
    const sinceMs = this.clock.monotonic() - listedMs;
    return [...this.claimers.values()].flatMap(({ workerId, queues, types, firstMs, lastMs, heardMs, waiting }) => {
      const inFlight = this.leases.countUnary(workerId);
      // One that named no queue yet, only tasks, is of no scope.
      if (queues.length === 0 || (heardMs <= sinceMs && waiting === 0 && inFlight === 0)) return [];
      const hello = { ...unknownHello, workerId, queues, types };
      return { hello, state: "claiming" as const, capacity: 0, inFlight, connectMs: firstMs, lastSeenMs: lastMs };
    });
  }

  private add(workerId: string): Claimer {
    const nowMs = this.clock.now();
    const claimer = { workerId, queues: [], types: [], firstMs: nowMs, lastMs: nowMs, heardMs: 0, waiting: 0 };
    this.claimers.set(workerId, claimer);
    const [quietest] = this.claimers.keys();
    if (this.claimers.size > mostKept && quietest !== undefined) this.claimers.delete(quietest);
    return claimer;
  }
}
