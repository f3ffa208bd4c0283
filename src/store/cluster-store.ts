import type { StoredService } from "../domain/balancing/service-settings.ts";
import type { InstanceKey, Registration } from "../domain/instance.ts";
import type { Lease } from "../domain/lease.ts";
import type { StoredLease } from "./task-store.ts";

/** A server of those that share the storage. */
export interface SharingServer {
  /** The number of its start: a server that starts again has another one. */
  readonly id: number;
  /** `HOST:PORT`, where the others reach it. */
  readonly address: string;
  /** The certificate that it shows there, as PEM; `null`: it has no TLS. */
  readonly certificate: string | null;
  /** The version of sitq that it runs. */
  readonly version: string;
  /** When it started, by the clock of the storage. */
  readonly startMs: number;
  /** Until when it counts as alive unless it renews its time before, by the clock of the storage. */
  readonly untilMs: number;
  readonly isLeader: boolean;
}

/** What servers keep in memory of what is stored: a count for each, which grows with every commit that changes it. */
export interface Revisions {
  /** Principals, their grants, certificates and tokens. */
  readonly access: number;
  /** Registrations of instances, and the settings of services. */
  readonly services: number;
  /** The settings of queues. */
  readonly settings: number;
  /** The times that are stored: each shift of them by a jump of the storage's clock. */
  readonly shifts: number;
}

/** What a renewal finds. */
export interface Renewal {
  /** The servers that have joined and have not ended, by their ids; this one is among them once it has joined. */
  readonly servers: readonly SharingServer[];
  /** The number of the leader's term, which grows with each change of the leader; `null`: no server is the leader now. */
  readonly term: number | null;
  /** Whether this server is the leader. It remains so for `ClusterStore.aliveMs` from now on, or until it leaves. */
  readonly isLeader: boolean;
  /** By the clock of the storage. */
  readonly nowMs: number;
  readonly revisions: Revisions;
}

/** What has changed of registrations and the settings of services, as it is now. */
export interface RegistryChanges {
  /** The revision that is taken in with these. */
  readonly revision: number;
  /** The whole of it: what is not here is not there. */
  readonly isWhole: boolean;
  readonly registrations: readonly Registration[];
  /** Registrations that are not there any more; empty where it is the whole. */
  readonly removed: readonly InstanceKey[];
  readonly services: readonly StoredService[];
}

/** What became of a lease that this server watched. */
export type LapsedLease<L extends Lease = Lease> = { readonly lease: L } & (
  | {
      /** Its task is not under this lease any more. */
      readonly isEnded: true;
      /** Why the task was cancelled; empty: it was not, or without words. */
      readonly reason: string;
    }
  /** Another server watches it. */
  | { readonly isEnded: false }
);

/** What the end of other servers left. */
export interface Adopted {
  /** The servers that were ended now. */
  readonly ended: readonly number[];
  /** What their workers hold: from now on this server watches it. A bounded number. */
  readonly leases: StoredLease[];
  /** There may be more to adopt now. */
  readonly isMore: boolean;
}

/**
 * What servers that share a storage know of each other. Each counts as alive for a while after each renewal. One of them is the leader, for
 * upkeep that need not be done twice, and that does no harm if it is. The leader ends those whose time is up: from then on nothing that they
 * write can be committed, and their stores fail.
 */
export interface ClusterStore {
  /** The number of this start of the server. */
  readonly serverId: number;
  /** How long a server counts as alive after a renewal, in milliseconds. */
  readonly aliveMs: number;
  /** How far the clock of this machine was ahead of the storage's when that was opened, in milliseconds; 0: no difference could be measured. */
  readonly clockGapMs: number;
  /** By which servers of one storage know each other: at least 128 random bits, the same for all of them as long as the storage is there. */
  secret(): Promise<string>;
  /** Lets the others know where this server is. */
  join(facts: Pick<SharingServer, "address" | "certificate" | "version">): Promise<void>;
  /**
   * Prolongs the time of this server, and its leadership; takes leadership where no server has it. It waits for nothing that this server
   * writes. To be called several times within `aliveMs`, one call at a time. Rejects where the storage cannot be reached, and where this server has
   * been ended: then the store has failed.
   */
  renew(): Promise<Renewal>;
  /**
   * Ends servers whose time is up, and takes over what was left by those that have ended: the leases of their workers, which have a whole lease to
   * come back, and their counts. Only for the leader, one call at a time. While its own renewals have not come without a break for `aliveMs` it ends
   * none: a storage that was away must not make servers end each other.
   */
  adopt(): Promise<Adopted>;
  /** The orderly end of this server: it ends itself, as leader too. Nothing can be written after it. Closing the store does it as well. Idempotent. */
  leave(): Promise<void>;
  /**
   * What has changed of the registry since a revision, in the order of the changes; the whole of it if that is too long ago. It waits for nothing
   * that this server writes. Rejects where the storage cannot be reached.
   *
   * @param since `null`: the whole of it
   */
  registryChanges(since: number | null): Promise<RegistryChanges>;
  /**
   * Those of the leases that this server does not have to watch any more, in any order: the news of it may have been lost. It waits for nothing
   * that this server writes. Rejects where the storage cannot be reached.
   */
  lapsed<L extends Lease>(leases: readonly L[]): Promise<LapsedLease<L>[]>;
  /** Changes of tasks and workflows up to this number are committed by another server. */
  changesUpTo(n: number): void;
  /**
   * Calls `listener` with the number of the last change of tasks and workflows that this server has committed, where some server watches
   * them, until the function that it returns is called.
   */
  onChangesUpTo(listener: (n: number) => void): () => void;
}
