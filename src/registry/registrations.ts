import type { InstanceHeartbeat } from "../cluster/registry-news.ts";
import type { Clock } from "../domain/clock.ts";
import type { InstanceKey, MeantRegistration, Registration } from "../domain/instance.ts";
import type { Log } from "../domain/log.ts";
import { instanceNotFound, instanceReplaced } from "../domain/refusals/registry.ts";
import type { Retries } from "../domain/retries.ts";
import { createService, type Service } from "../domain/service.ts";
import type { RegistryStore } from "../store/registry-store.ts";
import type { InstanceTable } from "./instance-table.ts";
import type { LocalWrites } from "./local-writes.ts";
import { isSameRegistration, type Member, RegisteredMember } from "./member.ts";
import type { Reservations } from "./reservations.ts";
import type { Sharing } from "./sharing.ts";
import { Silence } from "./silence.ts";

/** What an instance states when it registers. */
export type NewRegistration = Omit<Registration, "registerMs">;

/** What an instance says of itself in a heartbeat. */
export interface HeartbeatReport {
  /** What it does; `null`: it does not say. */
  readonly load: number | null;
  /** Whether it finishes what it has and takes nothing new; `null`: as before. */
  readonly isDraining: boolean | null;
}

/** What registrations need. */
export interface RegistrationsOptions {
  readonly store: RegistryStore;
  readonly clock: Clock;
  readonly retries: Retries;
  readonly log: Log;
  readonly table: InstanceTable;
  readonly reservations: Reservations;
  readonly writes: LocalWrites;
  readonly sharing: Sharing;
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
  private readonly log: Log;
  private readonly table: InstanceTable;
  private readonly reservations: Reservations;
  /** Every registration that has not been replaced or removed. */
  private readonly all = new Set<RegisteredMember>();
  private readonly writes: LocalWrites;
  private readonly sharing: Sharing;
  private readonly silence: Silence;
  private readonly service = createService({ start: () => this.recover(), stop: () => this.end() });

  /** Creates the registrations of a table, kept in a store. */
  constructor({ store, clock, retries, log, table, reservations, writes, sharing }: RegistrationsOptions) {
    this.store = store;
    this.clock = clock;
    this.log = log;
    this.table = table;
    this.reservations = reservations;
    this.writes = writes;
    this.sharing = sharing;
    const onRemoved = (member: RegisteredMember) => {
      this.remove(member);
      sharing.stored();
    };
    const isThere = (member: RegisteredMember) => this.all.has(member);
    this.silence = new Silence({ store, clock, retries, log, table, writes, sharing, isThere, onRemoved });
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
    return this.writes.run(stored, async () => {
      const [answer] = await this.store.putInstances([stored]);
      const member = new RegisteredMember(stored, this.clock.monotonic());
      member.heard(this.clock.monotonic(), load);
      const old = this.table.registered(stored);
      this.add(member);
      const { address } = stored;
      if (answer === "replaced" && old?.state === "healthy") {
        const text = "an instance that is alive was replaced: a second process registered under its name";
        this.log.warn({ ...facts(stored), address, replaced_address: old.address }, text);
      } else this.log.info({ ...facts(stored), address }, "instance registered");
      this.sharing.stored();
      this.sharing.heard(member, load);
      return { member, created: answer === "created" };
    });
  }

  /**
   * Takes in that an instance is alive, and what it says of itself; resolves once what changes by it is on the disk.
   *
   * @returns its ttl in milliseconds
   * @throws SitqError INSTANCE_NOT_FOUND; INSTANCE_REPLACED: another registration has its name
   */
  async heartbeat(meant: MeantRegistration, { load, isDraining }: HeartbeatReport): Promise<number> {
    // It may have registered at another server a moment ago.
    if (!isKnown(this.table.registered(meant), meant)) await this.sharing.catchUp();
    const member = this.table.registered(meant);
    if (member === undefined || member.isDropped) throw instanceNotFound(meant.serviceName, meant.instanceId);
    if (!isMeant(member, meant)) throw instanceReplaced(meant.serviceName, meant.instanceId, member.address);
    this.hear(member, load, this.clock.monotonic());
    this.sharing.heard(member, load);
    // While another change is being stored, what is stored in the end is this one.
    const isNews = isDraining !== null && (isDraining !== member.isDraining || this.writes.has(meant));
    if (isNews) await this.setDraining(member, isDraining);
    return member.ttlMs;
  }

  private hear(member: RegisteredMember, load: number | null, heardMs: number): void {
    member.lastSeenMs = Math.max(member.lastSeenMs, this.clock.now() - (this.clock.monotonic() - heardMs));
    if (member.heard(heardMs, load)) this.reservations.forget(member);
    if (member.isSilent && this.clock.monotonic() - heardMs < member.ttlMs) {
      member.isSilent = false;
      this.log.info(facts(member.key), `instance is ${member.state} again`);
      this.silence.watch(member);
      this.table.refresh(member);
    }
  }

  private setDraining(member: RegisteredMember, isDraining: boolean): Promise<void> {
    const { key, registrationId } = member;
    return this.writes.run(key, async () => {
      const [answer] = await this.store.setDraining([{ ...key, registrationId, isDraining }]);
      // It may have registered again meanwhile; which of the two was stored first is not known.
      const now = this.table.registered(key);
      if (answer === "not_found") throw instanceNotFound(key.serviceName, key.instanceId);
      if (answer === "replaced") throw instanceReplaced(key.serviceName, key.instanceId, now?.address ?? "");
      if (now === undefined || now.registrationId !== registrationId || now.isDraining === isDraining) return;
      this.showDraining(now, isDraining);
      this.sharing.stored();
    });
  }

  private showDraining(member: RegisteredMember, isDraining: boolean): void {
    member.isDraining = isDraining;
    this.log.info(facts(member.key), isDraining ? "instance drains" : "instance does not drain any more");
    this.table.refresh(member);
  }

  /**
   * Deletes a registration; answers whether there was one.
   *
   * @throws SitqError INSTANCE_REPLACED: another registration has its name, and stays
   */
  async deregister(meant: MeantRegistration): Promise<boolean> {
    return this.writes.run(meant, async () => {
      const [answer] = await this.store.deleteInstances([meant]);
      const member = this.table.registered(meant);
      if (answer === "replaced") throw instanceReplaced(meant.serviceName, meant.instanceId, member?.address ?? "");
      if (member !== undefined && isMeant(member, meant)) {
        this.remove(member);
        this.log.info(facts(meant), "instance deregistered");
      }
      if (answer === "deleted") this.sharing.stored();
      return answer === "deleted";
    });
  }

  /** All of them. */
  get members(): Iterable<RegisteredMember> {
    return this.all;
  }

  /** Takes in what other servers have stored and deleted. */
  takeIn(stored: readonly Registration[], removed: readonly InstanceKey[]): void {
    for (const registration of stored) {
      const member = this.table.registered(registration);
      if (member === undefined || !isSameRegistration(member, registration)) {
        this.add(new RegisteredMember(registration, this.clock.monotonic()));
      } else if (member.isDraining !== registration.isDraining) this.showDraining(member, registration.isDraining);
    }
    for (const key of removed) {
      const member = this.table.registered(key);
      if (member !== undefined) this.remove(member);
    }
  }

  /** Takes in heartbeats that another server heard; answers those of registrations that are not known here. */
  hearFrom(heartbeats: readonly InstanceHeartbeat[]): InstanceHeartbeat[] {
    return heartbeats.filter((heartbeat) => {
      const member = this.table.registered(heartbeat);
      if (!isKnown(member, heartbeat)) return true;
      this.hear(member, heartbeat.load, this.clock.monotonic() - heartbeat.ageMs);
      return false;
    });
  }

  /** Lets the silence of each begin anew: what others have heard did not come. */
  forgive(): void {
    for (const member of this.all) member.sinceMs = this.clock.monotonic();
  }

  private async recover(): Promise<void> {
    if (this.sharing.readsAll) return;
    const stored = await this.store.instances();
    for (const each of stored) this.add(new RegisteredMember(each, this.clock.monotonic()));
    if (stored.length > 0) this.log.info({ instances: stored.length }, "recovered instances from the database");
  }

  private end(): void {
    this.silence.stop();
    for (const member of this.all) member.endTimer();
  }

  private add(member: RegisteredMember): void {
    const old = this.table.registered(member.key);
    if (old !== undefined) this.forget(old);
    this.all.add(member);
    this.table.put(member);
    this.silence.watch(member);
  }

  private remove(member: RegisteredMember): void {
    this.forget(member);
    this.table.remove(member);
  }

  private forget(member: RegisteredMember): void {
    member.endTimer();
    this.all.delete(member);
  }
}

/** Whether a registration that is meant is known, and not being removed. */
function isKnown(member: RegisteredMember | undefined, meant: MeantRegistration): member is RegisteredMember {
  return member !== undefined && !member.isDropped && isMeant(member, meant);
}

function isMeant(member: RegisteredMember, { registrationId }: MeantRegistration): boolean {
  return registrationId === null || registrationId === member.registrationId;
}

function facts({ serviceName, instanceId }: InstanceKey) {
  return { service: serviceName, instance_id: instanceId };
}
