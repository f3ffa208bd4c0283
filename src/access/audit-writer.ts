import type { AuditEntry } from "../domain/access/audit-entry.ts";
import type { Log } from "../domain/log.ts";
import type { Retries, Trouble } from "../domain/retries.ts";
import type { AuditStore } from "../store/audit-store.ts";

/** What a writer needs. */
export interface AuditWriterOptions {
  readonly store: Pick<AuditStore, "appendAudit">;
  readonly retries: Pick<Retries, "trouble">;
  readonly log: Pick<Log, "error">;
}

/** How many entries may wait while they cannot be stored. */
const mostWaiting = 1_000;

/**
 * Stores audit entries in batches: what comes while one is stored goes with the next.
 *
 * Where the store fails, as on a full disk, entries wait and are tried again. Those that have no room to wait, and those that cannot be
 * stored any more, are written to the log instead: none is lost silently.
 */
export class AuditWriter {
  readonly #options: AuditWriterOptions;
  readonly #trouble: Trouble;
  /** The oldest first; those that are being stored are in front. */
  #waiting: AuditEntry[] = [];
  /** The batch that is being stored; `null`: none is. */
  #writing: Promise<void> | null = null;
  /** The newest try has failed. */
  #isFailing = false;
  /** Nothing is tried any more: it was stopped, or the store has failed for good. */
  #isStopped = false;

  constructor(options: AuditWriterOptions) {
    this.#options = options;
    this.#trouble = options.retries.trouble("writing audit entries");
  }

  /** Resolves when the entry is stored; while the store fails, at once or with the next failure. It never rejects. */
  async write(entry: AuditEntry): Promise<void> {
    const hasRoom = !this.#isFailing || this.#waiting.length < mostWaiting;
    if (this.#isStopped || !hasRoom) return this.#leaveToLog([entry]);
    this.#waiting.push(entry);
    // The batch under way has begun without it.
    if (this.#writing !== null) await this.#writing;
    if (!this.#isFailing) await (this.#writing ?? this.#writeAll());
  }

  /** Resolves when what was given to it before is stored; while the store fails, at once. It never rejects. */
  async settled(): Promise<void> {
    while (this.#waiting.length > 0 && !this.#isFailing && !this.#isStopped) await (this.#writing ?? this.#writeAll());
  }

  /** Stores what waits, or leaves it to the log. Nothing waits any more afterwards. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#trouble.end();
    while (this.#writing !== null) await this.#writing;
    if (this.#waiting.length > 0) await this.#writeAll();
    this.#leaveToLog(this.#waiting.splice(0));
  }

  #writeAll(): Promise<void> {
    if (this.#waiting.length === 0) return Promise.resolve();
    this.#writing = this.#writeBatch().finally(() => {
      this.#writing = null;
    });
    return this.#writing;
  }

  async #writeBatch(): Promise<void> {
    const batch = this.#waiting.slice();
    try {
      await this.#options.store.appendAudit(batch);
    } catch (error) {
      this.#isFailing = true;
      if (this.#isStopped || this.#trouble.failed(error, () => void this.#writeAll())) return;
      this.#isStopped = true;
      this.#leaveToLog(this.#waiting.splice(0));
      return;
    }
    this.#isFailing = false;
    this.#trouble.succeeded();
    this.#waiting = this.#waiting.slice(batch.length);
  }

  #leaveToLog(entries: readonly AuditEntry[]): void {
    for (const { credential, ...facts } of entries) {
      this.#options.log.error(
        { ...facts, by: credential },
        "an audit entry could not be stored; this line is all there is",
      );
    }
  }
}
