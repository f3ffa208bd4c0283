import type { Cluster } from "../cluster/cluster.ts";
import type { SharedMap } from "../cluster/shared-maps.ts";
import type { WorkerReport } from "./all-workers.ts";
import { typeSet } from "./dispatch/consumer.ts";
import type { StaffMember } from "./dispatch/staff.ts";

/** What the workers of other servers are known by. */
export interface WorkersElsewhereOptions {
  readonly cluster: Pick<Cluster, "onPeer">;
  /** The workers of each server, by id. */
  readonly reports: SharedMap<WorkerReport>;
  /** For how many tasks each of them has room, by id. */
  readonly room: SharedMap<number>;
}

/**
 * The workers of each queue at the other servers, as those said a moment ago. What a server says that is not heard now is old: its workers
 * count again once it is heard.
 */
export class WorkersElsewhere {
  private readonly reports: SharedMap<WorkerReport>;
  private readonly room: SharedMap<number>;
  private readonly unheard = new Set<number>();
  /** By queue, as long as nothing changes. */
  private readonly known = new Map<string, readonly StaffMember[]>();
  private readonly listeners: (() => void)[] = [];

  /** Knows what the maps hold. */
  constructor({ cluster, reports, room }: WorkersElsewhereOptions) {
    this.reports = reports;
    this.room = room;
    cluster.onPeer((serverId, event) => {
      if (event === "lost") this.unheard.add(serverId);
      else this.unheard.delete(serverId);
      this.changed();
    });
    for (const map of [reports, room]) map.onChange(() => this.changed());
  }

  /** Those of a queue that have a stream. */
  of(queue: string): readonly StaffMember[] {
    if (this.reports.others.size === 0) return [];
    const known = this.known.get(queue);
    if (known !== undefined) return known;
    const found = this.read(queue);
    this.known.set(queue, found);
    return found;
  }

  /** Calls `listener` when any of them may have changed. */
  onChange(listener: () => void): void {
    this.listeners.push(listener);
  }

  private changed(): void {
    this.known.clear();
    for (const listener of this.listeners) listener();
  }

  private read(queue: string): StaffMember[] {
    const found: StaffMember[] = [];
    for (const [serverId, reports] of this.reports.others) {
      if (this.unheard.has(serverId)) continue;
      const room = this.room.others.get(serverId);
      for (const { worker } of reports.values()) {
        const { hello, state, inFlight } = worker;
        if ((state !== "connected" && state !== "draining") || !hello.queues.includes(queue)) continue;
        const capacity = inFlight + (room?.get(hello.workerId) ?? 0);
        const types = typeSet(hello.types);
        found.push({ id: hello.workerId, types, draining: state === "draining", capacity, load: inFlight });
      }
    }
    return found;
  }
}
