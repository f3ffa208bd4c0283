import {
  type Instance,
  InstanceChangeType,
  InstanceState,
  type WatchInstancesResponse,
} from "../../../../gen/sitq/v1/registry_service_pb.js";

/** The instances of a watch, as its messages tell of them. */
export class InstanceSet {
  #resumeToken = "";
  #instances = new Map<string, Instance>();
  /** What a snapshot has told so far, until it is whole; `null`: none has begun. */
  #snapshot: Map<string, Instance> | null = null;

  /** The watch is opened, or opened anew: answers the token by which it goes on after what is known; empty: from the beginning. */
  resume(): string {
    // What a broken stream has not told to the end is told again.
    this.#snapshot = null;
    return this.#resumeToken;
  }

  /** Takes a message in. Answers whether there is something new to show: in the midst of a snapshot there is not. */
  take({ snapshot, changes, resumeToken }: WatchInstancesResponse): boolean {
    if (snapshot) this.#snapshot = new Map();
    const instances = this.#snapshot ?? this.#instances;
    for (const { type, instance } of changes) {
      if (instance === undefined) continue;
      const key = `${instance.serviceName} ${instance.instanceId}`;
      if (type === InstanceChangeType.REMOVED) instances.delete(key);
      else instances.set(key, instance);
    }
    if (resumeToken === "") return false;
    this.#resumeToken = resumeToken;
    this.#instances = instances;
    this.#snapshot = null;
    return true;
  }

  /** All of them: unhealthy ones, then those that drain, then healthy ones; by id. */
  list(): Instance[] {
    return [...this.#instances.values()].sort(
      (a, b) => placeOf(a) - placeOf(b) || (a.instanceId < b.instanceId ? -1 : 1),
    );
  }
}

/** Whether an instance is picked. */
export function isHealthy({ state }: Instance): boolean {
  return state === InstanceState.HEALTHY;
}

/** Whether an instance finishes what it has and takes nothing new. */
export function isDraining({ state }: Instance): boolean {
  return state === InstanceState.DRAINING;
}

function placeOf(instance: Instance): number {
  if (isHealthy(instance)) return 2;
  return isDraining(instance) ? 1 : 0;
}
