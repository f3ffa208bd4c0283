import type { Candidate } from "../domain/balancing.ts";
import type { Instance, InstanceKey, InstanceSource, InstanceState, Registration } from "../domain/instance.ts";

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

/** One that registered itself, and keeps itself alive by heartbeats. */
export interface RegisteredMember extends Member {
  readonly source: "registration";
  readonly ttlMs: number;
  state: InstanceState;
  lastSeenMs: number;
  /** When it was last heard of, by the monotonic clock. */
  heardMs: number;
  /** What it said last that it does. */
  statedLoad: number;
  /** It is being forgotten: heartbeats come too late. */
  isDropped: boolean;
  /** Calls off the look at its silence. */
  endTimer(): void;
}

/** A worker whose stream is open, as it is whenever it is looked at. */
export interface WorkerInstance {
  readonly serviceName: string;
  readonly workerId: string;
  readonly address: string;
  /** How many tasks it takes at a time now; 0 while it drains. */
  readonly capacity: number;
  /** 0: its capacity. */
  readonly weight: number;
  readonly metadata: Instance["metadata"];
  /** Its tasks in flight. */
  readonly load: number;
  readonly connectMs: number;
  readonly lastSeenMs: number;
}

/** The member of a registration that was heard of now. */
export function registeredMember(registration: Registration, load: number, heardMs: number): RegisteredMember {
  const { serviceName, instanceId, ...facts } = registration;
  const places = new Set<string>();
  return {
    key: { serviceName, instanceId },
    id: instanceId,
    ...facts,
    source: "registration",
    state: "healthy",
    lastSeenMs: facts.registerMs,
    heardMs,
    statedLoad: load,
    isDropped: false,
    places,
    get load() {
      return this.statedLoad + places.size;
    },
    endTimer: () => undefined,
  };
}

/** The member of a worker. */
export function workerMember(worker: WorkerInstance): Member {
  const places = new Set<string>();
  return {
    key: { serviceName: worker.serviceName, instanceId: worker.workerId },
    id: worker.workerId,
    address: worker.address,
    weight: worker.weight,
    metadata: worker.metadata,
    source: "worker",
    // As long as there is a stream there is a sign of life: without one the hub ends it.
    state: "healthy",
    ttlMs: null,
    registerMs: worker.connectMs,
    places,
    get capacity() {
      return worker.capacity;
    },
    get load() {
      return worker.load + places.size;
    },
    get lastSeenMs() {
      return worker.lastSeenMs;
    },
  };
}

/** A member as it is now, for whoever asked. */
export function instanceOf(member: Member): Instance {
  const { key, address, capacity, weight, metadata, state, source, load, ttlMs, registerMs, lastSeenMs } = member;
  const facts = { address, capacity, weight: weight || capacity, metadata, state, source };
  return { ...key, ...facts, load, ttlMs, registerMs, lastSeenMs };
}
