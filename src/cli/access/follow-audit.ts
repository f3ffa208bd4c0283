import { setTimeout as sleep } from "node:timers/promises";
import { type Timestamp, timestampFromMs } from "@bufbuild/protobuf/wkt";
import { type AuditEntry, AuditEntrySchema, CallError } from "../../client/index.ts";
import { allItems } from "../command/pages.ts";
import { briefly } from "../command/session.ts";
import { messageJson } from "../terminal/json.ts";
import { msOf } from "../terminal/times.ts";
import type { AccessSession } from "./access-session.ts";
import { auditLine } from "./audit-table.ts";

/** How often the server is asked, in milliseconds. */
const intervalMs = 1_000;
/** How much older than the newest entry one can be that comes after it, in milliseconds: refusals are counted for a minute. */
const latestMs = 120_000;

/** What a server that restarts answers, or none at all. */
const away: readonly string[] = ["UNAVAILABLE", "DEADLINE_EXCEEDED"];

/** Which entries are followed. */
export type AuditFilter = Omit<Parameters<AccessSession["access"]["listAuditEntries"]>[0], "$typeName">;

/**
 * Prints entries as they come, in the order of their ids, until it is interrupted. It goes on through restarts of the server.
 *
 * @param since from when on; `undefined`: what comes from now on
 * @throws CallError if the server refuses, or does not answer at first
 */
export async function followAudit(
  { access, out }: AccessSession,
  filter: AuditFilter,
  since: Timestamp | undefined,
  interrupted: AbortSignal,
): Promise<void> {
  const list = (request: AuditFilter) =>
    allItems(async (page) => {
      const { auditEntries, nextPageToken } = await access.listAuditEntries({ ...request, ...page }, briefly);
      return { items: auditEntries, nextPageToken };
    });
  /** Of all entries, whatever is followed; `null`: there is none. */
  async function newest(): Promise<AuditEntry | null> {
    return (await access.listAuditEntries({ pageSize: 1 }, briefly)).auditEntries[0] ?? null;
  }
  const before = (entry: AuditEntry | null) =>
    entry === null ? {} : { createdAfter: timestampFromMs((msOf(entry.createTime) ?? 0) - latestMs) };

  async function print(entries: readonly AuditEntry[]): Promise<void> {
    for (const entry of entries) {
      await (out.asJson ? out.json(messageJson(AuditEntrySchema, entry)) : out.line(auditLine(entry, out.paint)));
    }
  }

  let last = await newest();
  let from: AuditFilter = before(last);
  // What was there already: later entries have greater ids.
  let lastId = (await list(from)).reduce((most, { auditEntryId }) => (auditEntryId > most ? auditEntryId : most), 0n);
  if (since !== undefined) {
    const known = (await list({ ...filter, createdAfter: since })).toSorted(byId);
    lastId = known.at(-1)?.auditEntryId ?? lastId;
    await print(known);
  }
  out.remark("Following; press Ctrl-C to stop.");
  while (!interrupted.aborted) {
    try {
      last = await newest();
      const found = await list({ ...filter, ...from });
      const fresh = found.filter(({ auditEntryId }) => auditEntryId > lastId).toSorted(byId);
      lastId = fresh.at(-1)?.auditEntryId ?? lastId;
      from = before(last);
      await print(fresh);
    } catch (error) {
      if (!(error instanceof CallError) || !away.includes(error.codeName)) throw error;
    }
    await sleep(intervalMs, undefined, { signal: interrupted }).catch(() => undefined);
  }
}

function byId(a: AuditEntry, b: AuditEntry): number {
  return a.auditEntryId < b.auditEntryId ? -1 : 1;
}
