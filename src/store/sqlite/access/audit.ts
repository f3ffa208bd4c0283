import type { AuditEntry, StoredAuditEntry } from "../../../domain/access/audit-entry.ts";
import type { AuditQuery, AuditStore } from "../../audit-store.ts";
import type { Engine } from "../engine/engine.ts";
import type { SyncVerb } from "../engine/verb.ts";

/** How many rows one page passes over at most. */
const scanRows = 5_000;
/** How many rows one sweep deletes. */
const sweptRows = 500;

interface AuditRow extends Omit<StoredAuditEntry, "timeMs"> {
  readonly time_ms: number;
}

type AuditFilter = Omit<AuditQuery, "createdAfterMs" | "cursor" | "limit">;

type Position = readonly [timeMs: number, id: number];

const newest: Position = [Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER];

/** Creates the verbs of the audit log on an open database. */
export function createAudit({ db }: Pick<Engine, "db">): {
  readonly [Name in keyof AuditStore]: SyncVerb<AuditStore[Name]>;
} {
  const columns = "time_ms, principal, credential, peer, method, resource, code, reason, count";
  const insert = db.prepare<[Omit<AuditRow, "id">]>(
    `INSERT INTO audit_entry (${columns})
     VALUES (@time_ms, @principal, @credential, @peer, @method, @resource, @code, @reason, @count)`,
  );
  const selectBefore = db.prepare<[number, number, number], AuditRow>(
    `SELECT id, ${columns} FROM audit_entry WHERE (time_ms, id) < (?, ?) AND time_ms >= ? ORDER BY time_ms DESC, id DESC`,
  );
  const remove = db.prepare<[number, number]>(
    `DELETE FROM audit_entry WHERE id IN
       (SELECT id FROM audit_entry WHERE time_ms < ? ORDER BY time_ms, id LIMIT ?)`,
  );

  return {
    appendAudit(entries) {
      for (const { timeMs, ...rest } of entries) insert.run({ ...rest, time_ms: timeMs });
    },

    listAudit({ createdAfterMs, cursor, limit, ...filter }) {
      const [timeMs, id] = positionOf(cursor);
      const entries: StoredAuditEntry[] = [];
      let scanned = 0;
      let last = "";
      for (const row of selectBefore.iterate(timeMs, id, createdAfterMs ?? Number.MIN_SAFE_INTEGER)) {
        if (entries.length === limit || scanned === scanRows) return { entries, nextCursor: last };
        scanned++;
        last = `${row.time_ms}.${row.id}`;
        if (matches(row, filter)) entries.push(toEntry(row));
      }
      return { entries, nextCursor: null };
    },

    sweepAudit(_cursor, beforeMs) {
      const deleted = remove.run(beforeMs, sweptRows).changes;
      // What was there is gone: the next part begins at the front again.
      return { deleted, nextCursor: deleted === sweptRows ? "" : null };
    },
  };
}

function toEntry({ time_ms: timeMs, ...rest }: AuditRow): AuditEntry & { id: number } {
  return { ...rest, timeMs };
}

function matches({ principal, method, code, reason }: AuditRow, filter: AuditFilter): boolean {
  if (filter.principal !== null && principal !== filter.principal) return false;
  if (filter.method !== null && !isMethod(method, filter.method)) return false;
  if (filter.outcome !== null && code !== filter.outcome && reason !== filter.outcome) return false;
  return !(filter.refusedOnly && code === "OK");
}

/** Whether a path is meant by its end: `PurgeQueue` and `QueueService/PurgeQueue` mean `/sitq.v1.QueueService/PurgeQueue`. */
function isMethod(path: string, meant: string): boolean {
  return path === meant || path.endsWith(`/${meant}`) || path.endsWith(`.${meant}`);
}

/** Where a cursor stands; one that is none stands behind everything. */
function positionOf(cursor: string | null): Position {
  if (cursor === null) return newest;
  const [, timeMs, id] = /^(\d{1,16})\.(\d{1,16})$/.exec(cursor) ?? [];
  return [Number(timeMs ?? 0), Number(id ?? 0)];
}
