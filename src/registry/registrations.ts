import type { Clock } from "../domain/clock.ts";
import type { InstanceKey, MeantRegistration, Registration } from "../domain/instance.ts";
import { startLeaseTimer } from "../domain/lease-timer.ts";
import type { Log } from "../domain/log.ts";
import { instanceNotFound, instanceReplaced } from "../domain/refusals/registry.ts";
import type { Retries, Trouble } from "../domain/retries.ts";
import { createService, type Service } from "../domain/service.ts";
import type { RegistryStore } from "../store/registry-store.ts";
import type { InstanceTable } from "./instance-table.ts";
import { type Member, RegisteredMember } from "./member.ts";
import type { Reservations } from "./reservations.ts";

/** What an instance says when it registers. */
export type NewRegistration = Omit<Registration, "registerMs">;

/**
 * The instances that registered themselves.
 *
 * ```
 *   register ──▶ healthy ──ttl without a heartbeat──▶ unhealthy ──10 ttl without one──▶ forgotten
 *                   ▲                                    │
 *                   └──────────── heartbeat ─────────────┘
 * ```
 *
 * Silence is measured on the monotonic clock and judged only after what has arrived was read; while the server itself stood
 * still it counts for nobody, and after a start everyone has one whole ttl to be heard of.
 *
 * Two processes can register under one name. The later one replaces the earlier, with a warning in the log; a heartbeat or a
 * deregistration that names the registration that it means never touches the other's.
 */
export interface Registrations extends Service {
  /** Stores a registration, in the place of an older one; answers once it is on the disk. */
  register(
    registration: NewRegistration,
    load: number,
  ): Promise<{ readonly member: Member; readonly created: boolean }>;
  /**
   * Hears that an instance is alive, and what it does; `null`: it does not say.
   *
   * @returns its ttl in milliseconds
   * @throws SitqError INSTANCE_NOT_FOUND; INSTANCE_REPLACED: another registration has its name
   */
  heartbeat(meant: MeantRegistration, load: number | null): number;
  /**
   * Deletes a registration; answers whether there was one.
   *
   * @throws SitqError INSTANCE_REPLACED: another registration has its name, and stays
   */
  deregister(meant: MeantRegistration): Promise<boolean>;
}

/** An instance is forgotten after so many ttls of silence. */
const ttlsUntilDropped = 10;

/** What registrations need. */
export interface RegistrationsOptions {
  readonly store: RegistryStore;
  readonly clock: Clock;
  readonly retries: Retries;
  readonly log: Log;
  readonly table: InstanceTable;
  readonly reservations: Reservations;
}

/** Creates the registrations of a table, kept in a store. */
export function createRegistrations(options: RegistrationsOptions): Registrations {
  const { store, clock, retries, log, table, reservations } = options;
  const all = new Set<RegisteredMember>();
  /** Registrations that are being stored, by key. */
  const underWay = new Map<string, number>();
  let stopped = false;

  function add(member: RegisteredMember): void {
    const old = table.registered(member.key);
    if (old !== undefined) forget(old);
    all.add(member);
    table.put(member);
    watch(member);
  }

  function forget(member: RegisteredMember): void {
    member.endTimer();
    all.delete(member);
  }

  /** One timer an instance, not one a heartbeat: it looks how long the silence was. */
  function watch(member: RegisteredMember): void {
    if (stopped) return;
    const ttls = member.state === "healthy" ? 1 : ttlsUntilDropped;
    const leftMs = member.heardMs + ttls * member.ttlMs - clock.monotonic();
    member.endTimer = startLeaseTimer(clock, leftMs, () => judge(member));
  }

  function judge(member: RegisteredMember, trouble = retries.trouble("forgetting instances")): void {
    const silentMs = clock.monotonic() - member.heardMs;
    if (member.state === "unhealthy" && silentMs >= ttlsUntilDropped * member.ttlMs) {
      void drop(member, trouble);
      return;
    }
    trouble.end();
    if (member.state === "healthy" && silentMs >= member.ttlMs) {
      member.state = "unhealthy";
      log.warn({ ...facts(member.key), silent_ms: Math.round(silentMs) }, "instance is unhealthy");
      table.refresh(member);
    }
    watch(member);
  }

  async function drop(member: RegisteredMember, trouble: Trouble): Promise<void> {
    if (underWay.has(nameOf(member.key))) {
      // It is coming back at this moment.
      trouble.end();
      if (!stopped) member.endTimer = clock.after(member.ttlMs, () => judge(member));
      return;
    }
    member.isDropped = true;
    try {
      await store.deleteInstances([{ ...member.key, registrationId: member.registrationId }]);
    } catch (error) {
      member.isDropped = false;
      // Replaced meanwhile: it is the other's name that would be deleted.
      if (!all.has(member)) return;
      trouble.failed(error, () => judge(member, trouble));
      member.endTimer = trouble.end;
      return;
    }
    trouble.succeeded();
    forget(member);
    table.remove(member);
    log.warn(facts(member.key), "instance removed");
  }

  const service = createService({
    async start() {
      for (const stored of await store.instances()) add(new RegisteredMember(stored, 0, clock.monotonic()));
      if (all.size > 0) log.info({ instances: all.size }, "recovered instances from the database");
    },
    stop() {
      stopped = true;
      for (const member of all) member.endTimer();
    },
  });

  return {
    ...service,

    async register(registration, load) {
      const stored: Registration = { ...registration, registerMs: clock.now() };
      const name = nameOf(stored);
      underWay.set(name, (underWay.get(name) ?? 0) + 1);
      try {
        const [answer] = await store.putInstances([stored]);
        const member = new RegisteredMember(stored, load, clock.monotonic());
        const old = table.registered(stored);
        add(member);
        const { address } = stored;
        if (answer === "replaced" && old?.state === "healthy") {
          const text = "an instance that is alive was replaced: a second process registered under its name";
          log.warn({ ...facts(stored), address, replaced_address: old.address }, text);
        } else log.info({ ...facts(stored), address }, "instance registered");
        return { member, created: answer === "created" };
      } finally {
        const left = (underWay.get(name) ?? 1) - 1;
        if (left === 0) underWay.delete(name);
        else underWay.set(name, left);
      }
    },

    heartbeat(meant, load) {
      const member = table.registered(meant);
      if (member === undefined || member.isDropped) throw instanceNotFound(meant.serviceName, meant.instanceId);
      if (!isMeant(member, meant)) throw instanceReplaced(meant.serviceName, meant.instanceId, member.address);
      member.heardMs = clock.monotonic();
      member.lastSeenMs = clock.now();
      if (load !== null) {
        member.statedLoad = load;
        reservations.forget(member);
      }
      if (member.state === "unhealthy") {
        member.state = "healthy";
        log.info(facts(meant), "instance is healthy again");
        member.endTimer();
        watch(member);
        table.refresh(member);
      }
      return member.ttlMs;
    },

    async deregister(meant) {
      const [answer] = await store.deleteInstances([meant]);
      const member = table.registered(meant);
      if (answer === "replaced") throw instanceReplaced(meant.serviceName, meant.instanceId, member?.address ?? "");
      if (member !== undefined && isMeant(member, meant)) {
        forget(member);
        table.remove(member);
        log.info(facts(meant), "instance deregistered");
      }
      return answer === "deleted";
    },
  };
}

function isMeant(member: RegisteredMember, { registrationId }: MeantRegistration): boolean {
  return registrationId === null || registrationId === member.registrationId;
}

/** One text for the key; neither part holds a `/`. */
function nameOf({ serviceName, instanceId }: InstanceKey): string {
  return `${serviceName}/${instanceId}`;
}

function facts({ serviceName, instanceId }: InstanceKey) {
  return { service: serviceName, instance_id: instanceId };
}
