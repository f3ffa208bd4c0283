import type { Candidate } from "../domain/balancing/balancing.ts";
import {
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
export interface WorkerInstance {
  readonly serviceName: string;
  readonly workerId: string;
  readonly address: string;
  /** How many tasks it takes at a time now; 0: none, so that it drains. */
  readonly capacity: number;
  /** Its share of the calls; 0: it has never taken a task. */
  readonly weight: number;
  readonly metadata: Instance["metadata"];
  /** Its tasks in flight. */
  readonly load: number;
  readonly connectMs: number;
  readonly lastSeenMs: number;
}

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
  /** How many changes of `isDraining` are being stored. */
  storing = 0;
  lastSeenMs: number;
  /** When its last heartbeat arrived, by the monotonic clock. */
  heardMs: number;
  /** The load that it stated last. */
  statedLoad: number;
  /** It is being deleted: heartbeats come too late. */
  isDropped = false;
  /** Ends the timer of its silence. */
  endTimer: () => void = () => undefined;

  /** Creates the member of a registration that has just arrived. */
  constructor(registration: Registration, load: number, heardMs: number) {
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
    this.heardMs = heardMs;
    this.statedLoad = load;
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
