import type { Cluster } from "../cluster/cluster.ts";
import { type InstanceHeartbeat, nameOf } from "../cluster/registry-news.ts";
import type { Clock } from "../domain/clock.ts";
import type { RegisteredMember } from "./member.ts";

/** What registrations have to do with those at other servers. */
export interface Sharing {
  /** What is stored is read at the start by `catchUp`, and not by those who store it. */
  readonly readsAll: boolean;
  /**
   * Whether this server removes those that are silent for long: of servers that share a storage the leader does, and only while it hears all
   * others. One that reports to a server which the leader does not hear is not removed.
   */
  readonly mayRemove: boolean;
  /** Something was stored here. */
  stored(): void;
  /** An instance was heard of here. */
  heard(member: RegisteredMember, load: number | null): void;
  /**
   * Takes in what other servers have stored until now.
   *
   * @param isWhole reads everything again, whatever the numbers of the changes say: a database that took over may have some twice. Default false
   * @throws SitqError STORE_UNREACHABLE
   */
  catchUp(isWhole?: boolean): Promise<void>;
}

/** Of a server that has its storage for itself. */
export const nothingShared: Sharing = {
  readsAll: false,
  mayRemove: true,
  stored: () => undefined,
  heard: () => undefined,
  catchUp: async () => undefined,
};

/** How long heartbeats gather, in milliseconds: at most an eighth of a ttl. */
const gatherMs = 250;
const ttlParts = 8;

interface Heard {
  readonly member: RegisteredMember;
  readonly load: number | null;
}

/** Lets the other servers know which instances were heard of here: for each the last time, many at once. */
export class HeartbeatRelay {
  private readonly cluster: Cluster;
  private readonly clock: Clock;
  private readonly pending = new Map<string, Heard>();
  /** When what is pending is sent, by the monotonic clock. */
  private dueMs = Number.POSITIVE_INFINITY;
  private callOff: () => void = () => undefined;
  private stopped = false;

  constructor(cluster: Cluster, clock: Clock) {
    this.cluster = cluster;
    this.clock = clock;
  }

  /** See Sharing.heard. */
  heard(member: RegisteredMember, load: number | null): void {
    // One that begins to listen gets all.
    if (this.stopped || this.cluster.listeners.count === 0) return;
    const name = nameOf(member.key);
    const before = this.pending.get(name);
    this.pending.set(name, { member, load: load ?? (before?.member === member ? before.load : null) });
    const dueMs = this.clock.monotonic() + Math.min(gatherMs, member.ttlMs / ttlParts);
    if (dueMs >= this.dueMs) return;
    this.callOff();
    this.dueMs = dueMs;
    this.callOff = this.clock.after(dueMs - this.clock.monotonic(), () => this.send());
  }

  /** Ends it. */
  stop(): void {
    this.stopped = true;
    this.callOff();
    this.pending.clear();
  }

  private send(): void {
    this.dueMs = Number.POSITIVE_INFINITY;
    const heartbeats = Array.from(this.pending.values(), ({ member, load }) => heartbeatOf(member, load, this.clock));
    this.pending.clear();
    this.cluster.tell({ heartbeats: byName(heartbeats) });
  }
}

/** The last heartbeat of each instance that this server has heard of, by itself or from others. */
export function lastHeartbeats(members: Iterable<RegisteredMember>, clock: Clock): Map<string, InstanceHeartbeat> {
  const heard = [...members].filter(({ heardMs }) => heardMs !== null);
  return byName(heard.map((member) => heartbeatOf(member, member.loadMs === null ? null : member.statedLoad, clock)));
}

function heartbeatOf(member: RegisteredMember, load: number | null, clock: Clock): InstanceHeartbeat {
  const nowMs = clock.monotonic();
  return { ...member.key, registrationId: member.registrationId, load, ageMs: nowMs - (member.heardMs ?? nowMs) };
}

function byName(heartbeats: readonly InstanceHeartbeat[]): Map<string, InstanceHeartbeat> {
  return new Map(heartbeats.map((each) => [nameOf(each), each]));
}
