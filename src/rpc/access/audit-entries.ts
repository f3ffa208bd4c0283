import { create } from "@bufbuild/protobuf";
import {
  type AuditEntry,
  AuditEntrySchema,
  type ListAuditEntriesRequest,
  type ListAuditEntriesResponse,
  ListAuditEntriesResponseSchema,
} from "../../../gen/sitq/v1/access_service_pb.js";
import type { StoredAuditEntry } from "../../domain/access/audit-entry.ts";
import type { AuditStore } from "../../store/audit-store.ts";
import { parsePageSize } from "../convert/checks.ts";
import { fromTimestamp, toTimestamp } from "../convert/times.ts";
import { fromPageToken, toPageToken } from "../paging/page-token.ts";

/** Answers ListAuditEntries. */
export async function listAuditEntries(
  store: Pick<AuditStore, "listAudit">,
  request: ListAuditEntriesRequest,
): Promise<ListAuditEntriesResponse> {
  const filter = {
    createdAfterMs: fromTimestamp("created_after", request.createdAfter),
    principal: textOrNull(request.principal),
    method: textOrNull(request.method),
    outcome: textOrNull(request.outcome),
    refusedOnly: request.refusedOnly,
  };
  const query = { list: "audit entries", ...filter };
  const cursor = fromPageToken(query, request.pageToken);
  const found = await store.listAudit({ ...filter, cursor, limit: parsePageSize(request.pageSize) });
  return create(ListAuditEntriesResponseSchema, {
    auditEntries: found.entries.map(toAuditEntry),
    nextPageToken: toPageToken(query, found.nextCursor),
  });
}

function textOrNull(text: string): string | null {
  return text === "" ? null : text;
}

function toAuditEntry({ id, timeMs, count, ...rest }: StoredAuditEntry): AuditEntry {
  return create(AuditEntrySchema, {
    ...rest,
    auditEntryId: BigInt(id),
    createTime: toTimestamp(timeMs),
    count: BigInt(count),
  });
}
