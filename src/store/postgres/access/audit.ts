import type { StoredAuditEntry } from "../../../domain/access/audit-entry.ts";
import type { AuditQuery, AuditStore } from "../../audit-store.ts";
import type { Engine } from "../engine/engine.ts";

/** How many rows one page passes over at most. */
const scanRows = 5_000;
/** How many rows one sweep deletes. */
const sweptRows = 500;

interface AuditRow extends Omit<StoredAuditEntry, "timeMs"> {
  readonly time_ms: number;
  readonly matches: boolean;
}

type Position = readonly [timeMs: number, id: number];

const newest: Position = [Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER];
const columns = "time_ms, principal, credential, peer, method, resource, code, reason, count";

/** Creates the verbs of the audit log. */
export function createAudit({ db, upkeep }: Pick<Engine, "db" | "upkeep">): AuditStore {
  return {
    async appendAudit(entries) {
      await db.run(
        `INSERT INTO audit_entry (${columns})
         SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::bigint[])`,
        [
          entries.map(({ timeMs }) => timeMs),
          entries.map(({ principal }) => principal),
          entries.map(({ credential }) => credential),
          entries.map(({ peer }) => peer),
          entries.map(({ method }) => method),
          entries.map(({ resource }) => resource),
          entries.map(({ code }) => code),
          entries.map(({ reason }) => reason),
          entries.map(({ count }) => count),
        ],
      );
    },

    async listAudit({ createdAfterMs, cursor, limit, ...filter }) {
      const [timeMs, id] = positionOf(cursor);
      const since = createdAfterMs ?? Number.MIN_SAFE_INTEGER;
      // The rows that are looked at are bounded first; those that match are of them. One more tells whether there are any left.
      const rows = await db.all<AuditRow>(
        `SELECT id, ${columns}, (${matches}) AS matches FROM (
           SELECT * FROM audit_entry WHERE (time_ms, id) < ($1, $2) AND time_ms >= $3 ORDER BY time_ms DESC, id DESC LIMIT $4
         ) AS looked_at ORDER BY time_ms DESC, id DESC`,
        [timeMs, id, since, scanRows + 1, ...valuesOf(filter)],
      );
      const entries: StoredAuditEntry[] = [];
      let last = "";
      for (const [index, { matches: isMeant, time_ms, ...row }] of rows.entries()) {
        if (entries.length === limit || index === scanRows) return { entries, nextCursor: last };
        last = `${time_ms}.${row.id}`;
        if (isMeant) entries.push({ ...row, timeMs: time_ms });
      }
      return { entries, nextCursor: null };
    },

    async sweepAudit(_cursor, beforeMs) {
      const most = upkeep.portion("sweepAudit", sweptRows);
      const deleted = await db.run(
        "DELETE FROM audit_entry WHERE id IN (SELECT id FROM audit_entry WHERE time_ms < $1 ORDER BY time_ms, id LIMIT $2)",
        [beforeMs, most],
      );
      // What was there is gone: the next part begins at the front again.
      return { deleted, nextCursor: deleted === most ? "" : null };
    },
  };
}

/** A method is meant by its path or the end of it: `PurgeQueue` means `/sitq.v1.QueueService/PurgeQueue`. */
const matches = `($5::text IS NULL OR principal = $5)
  AND ($6::text IS NULL OR method = $6 OR right(method, length($6) + 1) IN ('/' || $6, '.' || $6))
  AND ($7::text IS NULL OR code = $7 OR reason = $7)
  AND NOT ($8 AND code = 'OK')`;

function valuesOf({
  principal,
  method,
  outcome,
  refusedOnly,
}: Omit<AuditQuery, "createdAfterMs" | "cursor" | "limit">) {
  return [principal, method, outcome, refusedOnly];
}

/** Where a cursor stands; one that is none stands behind everything. */
function positionOf(cursor: string | null): Position {
  if (cursor === null) return newest;
  const [, timeMs, id] = /^(\d{1,16})\.(\d{1,16})$/.exec(cursor) ?? [];
  return [Number(timeMs ?? 0), Number(id ?? 0)];
}
