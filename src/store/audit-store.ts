import type { AuditEntry, StoredAuditEntry } from "../domain/access/audit-entry.ts";

/** Which entries a list holds. */
export interface AuditQuery {
  /** Only those from then on; `null`: all. */
  readonly createdAfterMs: number | null;
  /** Only those of this principal; `null`: of all. */
  readonly principal: string | null;
  /** Only calls of this method, by its path or the end of it, from a name on; `null`: of all. */
  readonly method: string | null;
  /** Only those with this code or reason; `null`: all. */
  readonly outcome: string | null;
  /** Only those whose code is not OK. */
  readonly refusedOnly: boolean;
  /** Where the page before ended; `null`: begins with the newest. */
  readonly cursor: string | null;
  /** The most entries. */
  readonly limit: number;
}

/** A page of the audit log. */
export interface AuditPage {
  /** The newest first. A page of a query that few entries match may hold fewer than its limit, or none, and still not be the last. */
  readonly entries: readonly StoredAuditEntry[];
  /** `null`: there are no more. */
  readonly nextCursor: string | null;
}

/** The part of the store that keeps the audit log, under the same promises as the rest of it. Entries are never changed. */
export interface AuditStore {
  /** Stores entries. */
  appendAudit(entries: readonly AuditEntry[]): Promise<void>;
  /** Lists entries, the newest first. It reads a bounded number of rows. */
  listAudit(query: AuditQuery): Promise<AuditPage>;
  /**
   * Deletes a bounded number of entries from before `beforeMs`, the oldest first.
   *
   * @param cursor `null` at first, then the `nextCursor` before, until that is `null`
   */
  sweepAudit(cursor: string | null, beforeMs: number): Promise<{ deleted: number; nextCursor: string | null }>;
}
