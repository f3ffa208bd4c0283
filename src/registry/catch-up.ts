import { nameOf } from "../cluster/registry-news.ts";
import type { InstanceKey } from "../domain/instance.ts";
import type { Log } from "../domain/log.ts";
import { storeUnreachable } from "../domain/refusals/server.ts";
import type { ClusterStore } from "../store/cluster-store.ts";
import type { LocalWrites } from "./local-writes.ts";
import type { Registrations } from "./registrations.ts";
import { type Services, settingsKey } from "./services.ts";

/** What catching up needs. */
export interface CatchUpOptions {
  readonly store: Pick<ClusterStore, "registryChanges">;
  readonly writes: LocalWrites;
  readonly registrations: Registrations;
  readonly services: Services;
  readonly log: Pick<Log, "warn">;
}

/** How many changes are read again after a whole reading: a write that was under way is among them. */
const overlap = 1_000;

/** Brings what this server keeps of the registry in line with the storage, where other servers have changed it. One reading at a time. */
export class CatchUp {
  private readonly options: CatchUpOptions;
  /** The revision that is taken in; `null`: none. */
  private revision: number | null = null;
  private isForgotten = false;
  private running: Promise<void> = Promise.resolve();
  private next: Promise<void> | null = null;
  private failed = false;
  private stopped = false;

  constructor(options: CatchUpOptions) {
    this.options = options;
  }

  /** Whether the last reading failed: another one is needed. */
  get isBehind(): boolean {
    return this.failed;
  }

  /** The next reading reads everything. */
  forget(): void {
    this.isForgotten = true;
  }

  /** Takes in all that is committed at this moment. @throws SitqError STORE_UNREACHABLE */
  run(): Promise<void> {
    // One that runs may have read already.
    this.next ??= this.running.then(() => {
      this.next = null;
      const reading = this.read();
      this.running = reading.catch(() => undefined);
      return reading;
    });
    return this.next;
  }

  /** As `run`, for hints: a failure is tried again by the next one. */
  hint(): void {
    void this.run().catch(() => undefined);
  }

  /** Ends it. */
  stop(): void {
    this.stopped = true;
  }

  private async read(): Promise<void> {
    try {
      while (!this.stopped && !(await this.readOnce())) await this.options.writes.settled();
      this.failed = false;
    } catch (error) {
      if (!this.failed && !this.stopped)
        this.options.log.warn({ error }, "what other servers registered cannot be read");
      this.failed = true;
      throw storeUnreachable();
    }
  }

  /** @returns `false`: something that this server was storing meanwhile has to be read again */
  private async readOnce(): Promise<boolean> {
    const { store, writes, registrations, services } = this.options;
    const wasWritten = writes.note();
    if (this.isForgotten) this.revision = null;
    this.isForgotten = false;
    const { isWhole, revision, ...changes } = await store.registryChanges(this.revision);
    if (this.stopped) return true;
    const removed = isWhole ? missing(registrations, changes.registrations) : changes.removed;
    const isFree = (key: InstanceKey) => !wasWritten(key);
    const stored = changes.registrations.filter(isFree);
    const gone = removed.filter(isFree);
    const settings = changes.services.filter(({ name }) => isFree(settingsKey(name)));
    registrations.takeIn(stored, gone);
    services.takeIn(settings);
    const left = changes.registrations.length + removed.length + changes.services.length;
    const isComplete = stored.length + gone.length + settings.length === left;
    if (isComplete) this.revision = revision;
    else if (isWhole) this.revision = Math.max(0, revision - overlap);
    return isComplete;
  }
}

/** The registrations that are known and are not among these. */
function missing({ members }: Registrations, stored: readonly InstanceKey[]): InstanceKey[] {
  const names = new Set(stored.map(nameOf));
  return Array.from(members, ({ key }) => key).filter((key) => !names.has(nameOf(key)));
}
