import { type Balancer, createBalancer } from "../domain/balancing/balancing.ts";
import type { Instance, InstanceKey } from "../domain/instance.ts";
import type { Random } from "../domain/random.ts";
import { instanceOf, type Member, RegisteredMember } from "./member.ts";

/** What happened to one instance, as it was and as it is; `null`: it is not there. */
export interface RosterChange {
  readonly before: Instance | null;
  readonly after: Instance | null;
}

/**
 * Who is there. One instance can be known twice, by its registration and as a worker of the same service and id: then the
 * registration counts, because it says where to call and is kept alive by the caller's own words, and the worker shows again when
 * the registration is gone.
 */
export interface Roster {
  /** Puts a member in the place of the one of the same key and source. */
  put(member: Member): void;
  /** Takes a member out, unless another has its place. */
  remove(member: Member): void;
  /** Looks whether what can be seen of a member has changed. */
  look(member: Member): void;
  /** The instance of this name; `undefined`: none. */
  find(key: InstanceKey): Member | undefined;
  /** The registration of this name, whether or not a worker has it too. */
  registered(key: InstanceKey): RegisteredMember | undefined;
  /** The services that have instances, by name. */
  services(): readonly string[];
  /** The instances of a service, by id. */
  members(serviceName: string): readonly Member[];
  /** Those of them that can be chosen: see `candidatesOf`. */
  candidates(serviceName: string): readonly Member[];
  /** What chooses among the instances of a service. */
  balancer(serviceName: string): Balancer;
}

/** Who hears what of a roster. */
export interface RosterEvents {
  /** What can be seen of an instance has changed: it came, it went, or its facts or its state did. */
  onChange(change: RosterChange): void;
  /** A member is not there any more. */
  onGone(member: Member): void;
}

interface Slot {
  registration: RegisteredMember | null;
  worker: Member | null;
  /** As it was last told. */
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

/** A roster with nobody on it. */
export function createRoster(random: Random, { onChange, onGone }: RosterEvents): Roster {
  const services = new Map<string, Service>();
  let names: readonly string[] | null = null;

  function serviceOf(name: string): Service {
    const known = services.get(name);
    if (known !== undefined) return known;
    const service: Service = { slots: new Map(), balancer: createBalancer(random), sorted: null, candidates: null };
    services.set(name, service);
    names = null;
    return service;
  }

  function slotOf({ serviceName, instanceId }: InstanceKey): Slot | undefined {
    return services.get(serviceName)?.slots.get(instanceId);
  }

  /** Tells what has changed, and forgets what is empty. */
  function settle(service: Service, slot: Slot, { serviceName, instanceId }: InstanceKey): void {
    service.sorted = null;
    service.candidates = null;
    const member = memberOf(slot);
    if (member === null) {
      service.slots.delete(instanceId);
      service.balancer.forget(instanceId);
      if (service.slots.size === 0) {
        services.delete(serviceName);
        names = null;
      }
    }
    const before = slot.shown;
    const after = member && instanceOf(member);
    slot.shown = after;
    if (looksDifferent(before, after)) onChange({ before, after });
  }

  function members(serviceName: string): readonly Member[] {
    const service = services.get(serviceName);
    if (service === undefined) return [];
    service.sorted ??= [...service.slots.values()].flatMap((slot) => memberOf(slot) ?? []).sort(byId);
    return service.sorted;
  }

  return {
    put(member) {
      const { serviceName, instanceId } = member.key;
      const service = serviceOf(serviceName);
      const slot: Slot = service.slots.get(instanceId) ?? { registration: null, worker: null, shown: null };
      service.slots.set(instanceId, slot);
      const old = isRegistered(member) ? slot.registration : slot.worker;
      if (isRegistered(member)) slot.registration = member;
      else slot.worker = member;
      if (old !== null) onGone(old);
      settle(service, slot, member.key);
    },

    remove(member) {
      const service = services.get(member.key.serviceName);
      const slot = slotOf(member.key);
      if (service === undefined || slot === undefined) return;
      if (slot.registration === member) slot.registration = null;
      else if (slot.worker === member) slot.worker = null;
      else return;
      onGone(member);
      settle(service, slot, member.key);
    },

    look(member) {
      const service = services.get(member.key.serviceName);
      const slot = slotOf(member.key);
      if (service !== undefined && slot !== undefined && memberOf(slot) === member) settle(service, slot, member.key);
    },

    find(key) {
      const slot = slotOf(key);
      return (slot && memberOf(slot)) ?? undefined;
    },

    registered: (key) => slotOf(key)?.registration ?? undefined,

    services() {
      names ??= [...services.keys()].sort();
      return names;
    },

    members,

    candidates(serviceName) {
      const service = services.get(serviceName);
      if (service === undefined) return [];
      service.candidates ??= candidatesOf(members(serviceName));
      return service.candidates;
    },

    balancer: (serviceName) => serviceOf(serviceName).balancer,
  };
}

/** The healthy ones; where some say where they can be called, of those alone. */
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

/** Whether a watcher is to hear of it: the load and the last sign of life change all the time. */
function looksDifferent(before: Instance | null, after: Instance | null): boolean {
  if (before === null || after === null) return before !== after;
  return (["address", "capacity", "weight", "metadata", "state", "source", "ttlMs", "registerMs"] as const).some(
    (name) => before[name] !== after[name],
  );
}
