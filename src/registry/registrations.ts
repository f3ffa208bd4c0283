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

/** What an instance states when it registers. */
export type NewRegistration = Omit<Registration, "registerMs">;

/** What an instance says of itself in a heartbeat. */
export interface HeartbeatReport {
  /** What it does; `null`: it does not say. */
  readonly load: number | null;
  /** Whether it finishes what it has and takes nothing new; `null`: as before. */
  readonly isDraining: boolean | null;
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

/**
 * The instances that registered themselves.
 *
 * ```
 *   register ──▶ healthy ──ttl without a heartbeat──▶ unhealthy ──10 ttl without one──▶ forgotten
 *                 │ ▲ ▲                               ▲  │  │
 *         it says │ │ └──────────── heartbeat ────────┼──┘  │ heartbeat
 *    that it does ▼ │ that it does not                │     ▼ of one that drains
 *              draining ──ttl without a heartbeat─────┘  draining
 * ```
 *
 * That an instance drains is stored before it is answered: after a restart of the server no caller is sent to it either.
 *
 * Silence is measured on the monotonic clock and judged only after what has arrived was read; while the server itself stood
 * still it does not count, and after a start every instance has one whole ttl to be heard of.
 *
 * Two processes can register under one name. The later one replaces the earlier, with a warning in the log; a heartbeat or a
 * deregistration that names the registration that it means never touches the other's.
 */
export class Registrations implements Service {
  private readonly store: RegistryStore;
  private readonly clock: Clock;
  private readonly retries: Retries;
  private readonly log: Log;
  private readonly table: InstanceTable;
  private readonly reservations: Reservations;
  /** Every registration that has not been replaced or removed. */
  private readonly all = new Set<RegisteredMember>();
  /** How many registrations of one name are being stored now, by key. */
  private readonly storing = new Map<string, number>();
  private readonly service = createService({ start: () => this.recover(), stop: () => this.end() });
  private stopped = false;

  /** Creates the registrations of a table, kept in a store. */
  constructor({ store, clock, retries, log, table, reservations }: RegistrationsOptions) {
    this.store = store;
    this.clock = clock;
    this.retries = retries;
    this.log = log;
    this.table = table;
    this.reservations = reservations;
  }

  start(): Promise<void> {
    return this.service.start();
  }

  stop(): Promise<void> {
    return this.service.stop();
  }

  /** Stores a registration, in the place of an older one; answers once it is on the disk. */
  async register(
    registration: NewRegistration,
    load: number,
  ): Promise<{ readonly member: Member; readonly created: boolean }> {
    const stored: Registration = { ...registration, registerMs: this.clock.now() };
    const name = nameOf(stored);
    this.storing.set(name, (this.storing.get(name) ?? 0) + 1);
    try {
      const [answer] = await this.store.putInstances([stored]);
      const member = new RegisteredMember(stored, load, this.clock.monotonic());
      const old = this.table.registered(stored);
      this.add(member);
      const { address } = stored;
      if (answer === "replaced" && old?.state === "healthy") {
        const text = "an instance that is alive was replaced: a second process registered under its name";
        this.log.warn({ ...facts(stored), address, replaced_address: old.address }, text);
      } else this.log.info({ ...facts(stored), address }, "instance registered");
      return { member, created: answer === "created" };
    } finally {
      const left = (this.storing.get(name) ?? 1) - 1;
      if (left === 0) this.storing.delete(name);
      else this.storing.set(name, left);
    }
  }

  /**
   * Takes in that an instance is alive, and what it says of itself; resolves once what changes by it is on the disk.
   *
   * @returns its ttl in milliseconds
   * @throws SitqError INSTANCE_NOT_FOUND; INSTANCE_REPLACED: another registration has its name
   */
  async heartbeat(meant: MeantRegistration, { load, isDraining }: HeartbeatReport): Promise<number> {
    const member = this.table.registered(meant);
    if (member === undefined || member.isDropped) throw instanceNotFound(meant.serviceName, meant.instanceId);
    if (!isMeant(member, meant)) throw instanceReplaced(meant.serviceName, meant.instanceId, member.address);
    this.hear(member, load);
    // While another change is being stored, what is stored in the end is this one.
    const isNews = isDraining !== null && (isDraining !== member.isDraining || member.storing > 0);
    if (isNews) await this.setDraining(member, isDraining);
    return member.ttlMs;
  }

  private hear(member: RegisteredMember, load: number | null): void {
    member.heardMs = this.clock.monotonic();
    member.lastSeenMs = this.clock.now();
    if (load !== null) {
      member.statedLoad = load;
      this.reservations.forget(member);
    }
    if (member.isSilent) {
      member.isSilent = false;
      this.log.info(facts(member.key), `instance is ${member.state} again`);
      member.endTimer();
      this.watch(member);
      this.table.refresh(member);
    }
  }

  private async setDraining(member: RegisteredMember, isDraining: boolean): Promise<void> {
    const { key, registrationId } = member;
    member.storing++;
    try {
      const [answer] = await this.store.setDraining([{ ...key, registrationId, isDraining }]);
      // It may have registered again meanwhile; which of the two was stored first is not known.
      const now = this.table.registered(key);
      if (answer === "not_found") throw instanceNotFound(key.serviceName, key.instanceId);
      if (answer === "replaced") throw instanceReplaced(key.serviceName, key.instanceId, now?.address ?? "");
      if (now === undefined || now.registrationId !== registrationId || now.isDraining === isDraining) return;
      now.isDraining = isDraining;
      this.log.info(facts(key), isDraining ? "instance drains" : "instance does not drain any more");
      this.table.refresh(now);
    } finally {
      member.storing--;
    }
  }

  /**
   * Deletes a registration; answers whether there was one.
   *
   * @throws SitqError INSTANCE_REPLACED: another registration has its name, and stays
   */
  async deregister(meant: MeantRegistration): Promise<boolean> {
    const [answer] = await this.store.deleteInstances([meant]);
    const member = this.table.registered(meant);
    if (answer === "replaced") throw instanceReplaced(meant.serviceName, meant.instanceId, member?.address ?? "");
    if (member !== undefined && isMeant(member, meant)) {
      this.forget(member);
      this.table.remove(member);
      this.log.info(facts(meant), "instance deregistered");
    }
    return answer === "deleted";
  }

  private async recover(): Promise<void> {
    const stored = await this.store.instances();
    for (const each of stored) this.add(new RegisteredMember(each, 0, this.clock.monotonic()));
    if (stored.length > 0) this.log.info({ instances: stored.length }, "recovered instances from the database");
  }

  private end(): void {
    this.stopped = true;
    for (const member of this.all) member.endTimer();
  }

  private add(member: RegisteredMember): void {
    const old = this.table.registered(member.key);
    if (old !== undefined) this.forget(old);
    this.all.add(member);
    this.table.put(member);
    this.watch(member);
  }

  private forget(member: RegisteredMember): void {
    member.endTimer();
    this.all.delete(member);
  }

  /** One timer for all heartbeats of an instance: when it fires, it measures the silence. */
  private watch(member: RegisteredMember): void {
    if (this.stopped) return;
    const ttls = member.isSilent ? ttlsUntilDropped : 1;
    const leftMs = member.heardMs + ttls * member.ttlMs - this.clock.monotonic();
    member.endTimer = startLeaseTimer(this.clock, leftMs, () => this.judge(member));
  }

  private judge(member: RegisteredMember, trouble = this.retries.trouble("forgetting instances")): void {
    const silentMs = this.clock.monotonic() - member.heardMs;
    if (member.isSilent && silentMs >= ttlsUntilDropped * member.ttlMs) {
      void this.drop(member, trouble);
      return;
    }
    trouble.end();
    if (!member.isSilent && silentMs >= member.ttlMs) {
      member.isSilent = true;
      this.log.warn({ ...facts(member.key), silent_ms: Math.round(silentMs) }, "instance is unhealthy");
      this.table.refresh(member);
    }
    this.watch(member);
  }

  private async drop(member: RegisteredMember, trouble: Trouble): Promise<void> {
    if (this.storing.has(nameOf(member.key))) {
      // A new registration of its name is being stored.
      trouble.end();
      if (!this.stopped) member.endTimer = this.clock.after(member.ttlMs, () => this.judge(member));
      return;
    }
    member.isDropped = true;
    try {
      await this.store.deleteInstances([{ ...member.key, registrationId: member.registrationId }]);
    } catch (error) {
      member.isDropped = false;
      // It was replaced meanwhile: another try would delete its successor's name.
      if (!this.all.has(member)) return;
      trouble.failed(error, () => this.judge(member, trouble));
      member.endTimer = trouble.end;
      return;
    }
    trouble.succeeded();
    this.forget(member);
    this.table.remove(member);
    this.log.warn(facts(member.key), "instance removed");
  }
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
