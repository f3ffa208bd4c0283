import { type Balancer, createBalancer } from "../domain/balancing/balancing.ts";
import type { Instance, InstanceKey } from "../domain/instance.ts";
import type { Random } from "../domain/random.ts";
import { instanceOf, type Member, RegisteredMember } from "./member.ts";

/** What happened to one instance, as it was and as it is; `null`: it is not there. */
export interface TableChange {
  readonly before: Instance | null;
  readonly after: Instance | null;
}

/** What an instance table reports. */
export interface InstanceTableEvents {
  /** What can be seen of an instance has changed: it was added or removed, or its facts or its state did. */
  onChange(change: TableChange): void;
  /** A member was removed, or another took its place. */
  onRemoved(member: Member): void;
}

interface Slot {
  registration: RegisteredMember | null;
  worker: Member | null;
  /** As it was last reported. */
  shown: Instance | null;
}

interface Service {
  readonly slots: Map<string, Slot>;
  readonly balancer: Balancer;
  /** By id; `null`: something has changed since. */
  sorted: readonly Member[] | null;
  /** As `sorted`. A pick among 1,000 instances costs half without looking for them each time. */
  candidates: readonly Member[] | null;
}

/**
 * All instances, by service and id. One instance can be known twice, by its registration and as a worker of the same service and
 * id: then the registration counts, because it says where to call and is kept alive by the caller's own words, and the worker
 * shows again when the registration is gone.
 */
export class InstanceTable {
  private readonly random: Random;
  private readonly events: InstanceTableEvents;
  private readonly byName = new Map<string, Service>();
  /** The names of all services, sorted; `null`: one was added or removed since. */
  private names: readonly string[] | null = null;

  /** Creates an empty table. */
  constructor(random: Random, events: InstanceTableEvents) {
    this.random = random;
    this.events = events;
  }

  /** Puts a member in the place of the one of the same key and source. */
  put(member: Member): void {
    const { serviceName, instanceId } = member.key;
    const service = this.serviceOf(serviceName);
    const slot: Slot = service.slots.get(instanceId) ?? { registration: null, worker: null, shown: null };
    service.slots.set(instanceId, slot);
    const old = isRegistered(member) ? slot.registration : slot.worker;
    if (isRegistered(member)) slot.registration = member;
    else slot.worker = member;
    if (old !== null) this.events.onRemoved(old);
    this.update(service, slot, member.key);
  }

  /** Takes a member out, unless another has its place. */
  remove(member: Member): void {
    const service = this.byName.get(member.key.serviceName);
    const slot = this.slotOf(member.key);
    if (service === undefined || slot === undefined) return;
    if (slot.registration === member) slot.registration = null;
    else if (slot.worker === member) slot.worker = null;
    else return;
    this.events.onRemoved(member);
    this.update(service, slot, member.key);
  }

  /** Reports what can be seen of a member if it has changed. */
  refresh(member: Member): void {
    const service = this.byName.get(member.key.serviceName);
    const slot = this.slotOf(member.key);
    if (service !== undefined && slot !== undefined && memberOf(slot) === member) {
      this.update(service, slot, member.key);
    }
  }

  /** The instance of this name; `undefined`: none. */
  find(key: InstanceKey): Member | undefined {
    const slot = this.slotOf(key);
    return (slot && memberOf(slot)) ?? undefined;
  }

  /** The registration of this name, whether or not a worker has it too. */
  registered(key: InstanceKey): RegisteredMember | undefined {
    return this.slotOf(key)?.registration ?? undefined;
  }

  /** The worker of this name, whether or not a registration has it too. */
  worker(key: InstanceKey): Member | undefined {
    return this.slotOf(key)?.worker ?? undefined;
  }

  /** The services that have instances, by name. */
  services(): readonly string[] {
    this.names ??= [...this.byName.keys()].sort();
    return this.names;
  }

  /** The instances of a service, by id. */
  members(serviceName: string): readonly Member[] {
    const service = this.byName.get(serviceName);
    if (service === undefined) return [];
    service.sorted ??= [...service.slots.values()].flatMap((slot) => memberOf(slot) ?? []).sort(byId);
    return service.sorted;
  }

  /** Those of them that can be chosen: see `candidatesOf`. */
  candidates(serviceName: string): readonly Member[] {
    const service = this.byName.get(serviceName);
    if (service === undefined) return [];
    service.candidates ??= candidatesOf(this.members(serviceName));
    return service.candidates;
  }

  /** What chooses among the instances of a service. */
  balancer(serviceName: string): Balancer {
    return this.serviceOf(serviceName).balancer;
  }

  private serviceOf(name: string): Service {
    const known = this.byName.get(name);
    if (known !== undefined) return known;
    const balancer = createBalancer(this.random);
    const service: Service = { slots: new Map(), balancer, sorted: null, candidates: null };
    this.byName.set(name, service);
    this.names = null;
    return service;
  }

  private slotOf({ serviceName, instanceId }: InstanceKey): Slot | undefined {
    return this.byName.get(serviceName)?.slots.get(instanceId);
  }

  /** Reports what has changed, and forgets what is empty. */
  private update(service: Service, slot: Slot, { serviceName, instanceId }: InstanceKey): void {
    service.sorted = null;
    service.candidates = null;
    const member = memberOf(slot);
    if (member === null) {
      service.slots.delete(instanceId);
      service.balancer.forget(instanceId);
      if (service.slots.size === 0) {
        this.byName.delete(serviceName);
        this.names = null;
      }
    }
    const before = slot.shown;
    const after = member && instanceOf(member);
    slot.shown = after;
    if (looksDifferent(before, after)) this.events.onChange({ before, after });
  }
}

/** The healthy members; of those with an address alone if there are any with one, healthy or not. */
export function candidatesOf(members: readonly Member[]): Member[] {
  const mustBeCallable = members.some(isCallable);
  return members.filter((member) => member.state === "healthy" && (!mustBeCallable || isCallable(member)));
}

function isCallable(member: Member): boolean {
  return member.address !== "";
}

function memberOf({ registration, worker }: Slot): Member | null {
  return registration ?? worker;
}

function isRegistered(member: Member): member is RegisteredMember {
  return member instanceof RegisteredMember;
}

function byId(a: Member, b: Member): number {
  return a.id < b.id ? -1 : 1;
}

/** Whether a change is sent to watchers: the load and the time of the last heartbeat change all the time. */
function looksDifferent(before: Instance | null, after: Instance | null): boolean {
  if (before === null || after === null) return before !== after;
  return (["address", "capacity", "weight", "metadata", "state", "source", "ttlMs", "registerMs"] as const).some(
    (name) => before[name] !== after[name],
  );
}
