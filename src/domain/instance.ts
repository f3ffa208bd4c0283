/** What an instance registered of itself. */
export interface Registration {
  readonly serviceName: string;
  /** Its name within the service. */
  readonly instanceId: string;
  /** Tells this registration from another one of the same service and id. */
  readonly registrationId: string;
  /** `host:port`. */
  readonly address: string;
  /** How many calls it takes at a time, above 0. */
  readonly capacity: number;
  /** Its share under `weighted`; 0: its capacity. */
  readonly weight: number;
  readonly metadata: Readonly<Record<string, string>>;
  /** How long it counts as alive after its last heartbeat, in milliseconds. */
  readonly ttlMs: number;
  /** Whether it has said that it finishes what it has and takes nothing new. */
  readonly isDraining: boolean;
  /** When it was registered, by the wall clock in milliseconds. */
  readonly registerMs: number;
}

/** Which instance is meant. */
export interface InstanceKey {
  readonly serviceName: string;
  readonly instanceId: string;
}

/** Which registration is meant. */
export interface MeantRegistration extends InstanceKey {
  /** `null`: the one that there is. */
  readonly registrationId: string | null;
  /** When it was registered: one that has registered again under the same id is another. Default: whenever it was. */
  readonly registerMs?: number;
}

/**
 * Whether an instance is alive and takes new calls. Only a healthy one is handed to callers. A draining one finishes what it has and
 * takes nothing new.
 */
export type InstanceState = "healthy" | "draining" | "unhealthy";

/** The state of an instance. One that is silent is unhealthy even if it drained: nothing is known to finish what it has. */
export function instanceStateOf(facts: { readonly isSilent: boolean; readonly isDraining: boolean }): InstanceState {
  if (facts.isSilent) return "unhealthy";
  return facts.isDraining ? "draining" : "healthy";
}

/** What keeps an instance alive. */
export type InstanceSource = "registration" | "worker";

/** An instance as it is at one moment. Times are wall clock, in milliseconds. */
export interface Instance extends InstanceKey {
  /** Empty: it did not say. */
  readonly address: string;
  /** 0: it takes nothing for now. */
  readonly capacity: number;
  readonly weight: number;
  readonly metadata: Readonly<Record<string, string>>;
  readonly state: InstanceState;
  readonly source: InstanceSource;
  /** What it does now, with the places that are reserved. */
  readonly load: number;
  /** `null`: it is a worker. */
  readonly ttlMs: number | null;
  readonly registerMs: number;
  readonly lastSeenMs: number;
}

/** Which services are meant. */
export interface ServiceFilter {
  /** `null`: every service. */
  readonly serviceName: string | null;
  /** Of every service: only those for which it answers `true`. Not there: all. */
  readonly allowsService?: (serviceName: string) => boolean;
}

/** Which instances are meant. */
export interface InstanceFilter extends ServiceFilter {
  /** These metadata, all of them. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** Whether an instance has all of these metadata. */
export function hasMetadata(instance: Pick<Instance, "metadata">, wanted: InstanceFilter["metadata"]): boolean {
  for (const key in wanted) if (instance.metadata[key] !== wanted[key]) return false;
  return true;
}

/** Whether a filter lets an instance through. */
export function matchesFilter(instance: Instance, filter: InstanceFilter): boolean {
  return isServiceMeant(instance.serviceName, filter) && hasMetadata(instance, filter.metadata);
}

/** Whether a filter means a service. */
export function isServiceMeant(name: string, { serviceName, allowsService }: ServiceFilter): boolean {
  return serviceName === null ? (allowsService?.(name) ?? true) : serviceName === name;
}

/** Whether an instance comes after another in the order by service and id. */
export function isBehind(key: InstanceKey, other: InstanceKey): boolean {
  if (key.serviceName !== other.serviceName) return key.serviceName > other.serviceName;
  return key.instanceId > other.instanceId;
}
