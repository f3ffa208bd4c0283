import type { Clock } from "../domain/clock.ts";
import { startLeaseTimer } from "../domain/lease-timer.ts";
import type { Log } from "../domain/log.ts";
import type { Retries, Trouble } from "../domain/retries.ts";
import type { RegistryStore } from "../store/registry-store.ts";
import type { InstanceTable } from "./instance-table.ts";
import type { LocalWrites } from "./local-writes.ts";
import type { RegisteredMember } from "./member.ts";
import type { Sharing } from "./sharing.ts";

/** An instance is removed after so many ttls of silence. */
const ttlsUntilRemoved = 10;

/** What judging the silence of instances needs. */
export interface SilenceOptions {
  readonly store: Pick<RegistryStore, "deleteInstances">;
  readonly clock: Clock;
  readonly retries: Retries;
  readonly log: Log;
  readonly table: InstanceTable;
  readonly writes: LocalWrites;
  readonly sharing: Sharing;
  /** Whether it has been neither replaced nor removed. */
  readonly isThere: (member: RegisteredMember) => boolean;
  /** It is deleted from the store. */
  readonly onRemoved: (member: RegisteredMember) => void;
}

/** Makes instances unhealthy that are silent for a ttl, and removes those that are so for ten. */
export class Silence {
  private readonly options: SilenceOptions;
  private stopped = false;

  constructor(options: SilenceOptions) {
    this.options = options;
  }

  /** Begins to judge the silence of one, anew. One timer for all its heartbeats: when it fires, it measures the silence. */
  watch(member: RegisteredMember): void {
    member.endTimer();
    if (this.stopped) return;
    const { clock } = this.options;
    const ttls = member.isSilent ? ttlsUntilRemoved : 1;
    const leftMs = member.sinceMs + ttls * member.ttlMs - clock.monotonic();
    member.endTimer = startLeaseTimer(clock, leftMs, () => this.judge(member));
  }

  /** Begins no timer any more. */
  stop(): void {
    this.stopped = true;
  }

  private judge(member: RegisteredMember, trouble = this.options.retries.trouble("forgetting instances")): void {
    const { clock, log, table, sharing } = this.options;
    const silentMs = clock.monotonic() - member.sinceMs;
    if (member.isSilent && silentMs >= ttlsUntilRemoved * member.ttlMs) {
      if (sharing.mayRemove) void this.remove(member, trouble);
      else this.judgeLater(member, trouble);
      return;
    }
    trouble.end();
    if (!member.isSilent && silentMs >= member.ttlMs) {
      member.isSilent = true;
      log.warn({ ...facts(member), silent_ms: Math.round(silentMs) }, "instance is unhealthy");
      table.refresh(member);
    }
    this.watch(member);
  }

  private judgeLater(member: RegisteredMember, trouble: Trouble): void {
    trouble.end();
    if (!this.stopped) member.endTimer = this.options.clock.after(member.ttlMs, () => this.judge(member));
  }

  private async remove(member: RegisteredMember, trouble: Trouble): Promise<void> {
    const { store, log, writes, sharing, isThere, onRemoved } = this.options;
    const { key, registrationId, registerMs } = member;
    try {
      // It may have registered again at another server a moment ago.
      await sharing.catchUp();
      if (this.stopped || !isThere(member) || !member.isSilent) return trouble.succeeded();
      // A new registration of its name is being stored, or whether it drains.
      if (writes.has(key)) return this.judgeLater(member, trouble);
      member.isDropped = true;
      const [answer] = await store.deleteInstances([{ ...key, registrationId, registerMs }]);
      if (answer === "replaced") {
        // It has registered again at another server since the look, and is heard of there.
        member.isDropped = false;
        await sharing.catchUp();
        if (isThere(member)) this.judgeLater(member, trouble);
        else trouble.succeeded();
        return;
      }
    } catch (error) {
      member.isDropped = false;
      // It was replaced meanwhile: another try would delete its successor's name.
      if (!isThere(member)) return;
      trouble.failed(error, () => this.judge(member, trouble));
      member.endTimer = trouble.end;
      return;
    }
    trouble.succeeded();
    if (!isThere(member)) return;
    onRemoved(member);
    log.warn(facts(member), "instance removed");
  }
}

function facts({ key: { serviceName, instanceId } }: RegisteredMember) {
  return { service: serviceName, instance_id: instanceId };
}
