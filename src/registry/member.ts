import type { WorkerFacts } from "../cluster/registry-news.ts";
import type { Candidate } from "../domain/balancing/balancing.ts";
import {
  hasMetadata,
  type Instance,
  type InstanceKey,
  type InstanceSource,
  type InstanceState,
  instanceStateOf,
  type Registration,
} from "../domain/instance.ts";

/** An instance as the registry holds it: its facts, and what changes with every call. */
export interface Member extends Candidate {
  readonly key: InstanceKey;
  readonly address: string;
  readonly metadata: Instance["metadata"];
  readonly source: InstanceSource;
  readonly state: InstanceState;
  readonly ttlMs: number | null;
  readonly registerMs: number;
  readonly lastSeenMs: number;
  /** The ids of the places that are reserved on it; they count as load. */
  readonly places: Set<string>;
}

/** A worker whose stream is open, as it is whenever it is looked at. */
export type WorkerInstance = WorkerFacts;

/**
 * One that registered itself, and keeps itself alive by heartbeats.
 *
 * A class, as `WorkerMember`: object literals with getters each have a hidden class of their own, which made a pick among 1,000 of
 * them three times as slow.
 */
export class RegisteredMember implements Member {
  readonly source = "registration";
  readonly key: InstanceKey;
  readonly id: string;
  readonly registrationId: string;
  readonly address: string;
  readonly capacity: number;
  readonly weight: number;
  readonly metadata: Instance["metadata"];
  readonly ttlMs: number;
  readonly registerMs: number;
  readonly places: Set<string> = new Set();
  /** Whether it has missed its heartbeat. */
  isSilent = false;
  /** Whether it drains, as it is stored. */
  isDraining: boolean;
  lastSeenMs: number;
  /** When its last heartbeat arrived at any server, by the monotonic clock; `null`: not since this one began. */
  heardMs: number | null = null;
  /** Since when it is silent, by the monotonic clock: as `heardMs`, unless it could not be heard. */
  sinceMs: number;
  /** When it stated its load last, by the monotonic clock; `null`: not since this server began. */
  loadMs: number | null = null;
  /** The load that it stated last. */
  statedLoad = 0;
  /** It is being deleted: heartbeats come too late. */
  isDropped = false;
  /** Ends the timer of its silence. */
  endTimer: () => void = () => undefined;

  /** Creates the member of a registration, which has a whole ttl from `sinceMs` on to be heard of. */
  constructor(registration: Registration, sinceMs: number) {
    const { serviceName, instanceId, registrationId, ...facts } = registration;
    const { address, capacity, weight, metadata, ttlMs, isDraining, registerMs } = facts;
    this.key = { serviceName, instanceId };
    this.id = instanceId;
    this.registrationId = registrationId;
    this.address = address;
    this.capacity = capacity;
    this.weight = weight;
    this.metadata = metadata;
    this.ttlMs = ttlMs;
    this.isDraining = isDraining;
    this.registerMs = registerMs;
    this.lastSeenMs = registerMs;
    this.sinceMs = sinceMs;
  }

  /** Notes that it was heard of, perhaps earlier than the last time. Answers whether it stated its load, and that counts. */
  heard(heardMs: number, load: number | null): boolean {
    this.heardMs = Math.max(this.heardMs ?? heardMs, heardMs);
    this.sinceMs = Math.max(this.sinceMs, heardMs);
    if (load === null || heardMs < (this.loadMs ?? heardMs)) return false;
    this.loadMs = heardMs;
    this.statedLoad = load;
    return true;
  }

  get state(): InstanceState {
    return instanceStateOf(this);
  }

  get load(): number {
    return this.statedLoad + this.places.size;
  }
}

/**
 * A worker. As long as there is a stream there is a sign of life: without one the hub ends it. One that takes no tasks drains: an operator
 * drains it, it shuts down, or it wants none for now.
 */
export class WorkerMember implements Member {
  readonly source = "worker";
  readonly ttlMs = null;
  readonly key: InstanceKey;
  readonly id: string;
  readonly address: string;
  readonly metadata: Instance["metadata"];
  readonly registerMs: number;
  readonly places: Set<string> = new Set();
  readonly #worker: WorkerInstance;

  constructor(worker: WorkerInstance) {
    this.#worker = worker;
    this.key = { serviceName: worker.serviceName, instanceId: worker.workerId };
    this.id = worker.workerId;
    this.address = worker.address;
    this.metadata = worker.metadata;
    this.registerMs = worker.connectMs;
  }

  get state(): InstanceState {
    return instanceStateOf({ isSilent: false, isDraining: this.#worker.capacity === 0 });
  }

  get capacity(): number {
    return this.#worker.capacity;
  }

  get weight(): number {
    return this.#worker.weight;
  }

  get load(): number {
    return this.#worker.load + this.places.size;
  }

  get lastSeenMs(): number {
    return this.#worker.lastSeenMs;
  }
}

/** A member's current state, as a copy. */
export function instanceOf(member: Member): Instance {
  const { key, address, capacity, weight, metadata, state, source, load, ttlMs, registerMs, lastSeenMs } = member;
  const facts = { address, capacity, weight: weight || capacity, metadata, state, source };
  return { ...key, ...facts, load, ttlMs, registerMs, lastSeenMs };
}

/** Whether a member is of this very registration, whether or not it drains. */
export function isSameRegistration(member: RegisteredMember, registration: Registration): boolean {
  return (
    (["registrationId", "registerMs", "address", "capacity", "weight", "ttlMs"] as const).every(
      (name) => member[name] === registration[name],
    ) &&
    Object.keys(member.metadata).length === Object.keys(registration.metadata).length &&
    hasMetadata(member, registration.metadata)
  );
}
