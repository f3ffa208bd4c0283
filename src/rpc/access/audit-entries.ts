import { create, type DescService } from "@bufbuild/protobuf";
import { status as statusCode } from "@grpc/grpc-js";
import {
  AccessService,
  type AuditEntry,
  AuditEntrySchema,
  type ListAuditEntriesRequest,
  type ListAuditEntriesResponse,
  ListAuditEntriesResponseSchema,
} from "../../../gen/sitq/v1/access_service_pb.js";
import { AdminService } from "../../../gen/sitq/v1/admin_service_pb.js";
import { EventService } from "../../../gen/sitq/v1/event_service_pb.js";
import { MonitorService } from "../../../gen/sitq/v1/monitor_service_pb.js";
import { QueueService } from "../../../gen/sitq/v1/queue_service_pb.js";
import { RegistryService } from "../../../gen/sitq/v1/registry_service_pb.js";
import { WorkerService } from "../../../gen/sitq/v1/worker_service_pb.js";
import { WorkflowService } from "../../../gen/sitq/v1/workflow_service_pb.js";
import type { AuditLog } from "../../access/audit-log.ts";
import type { StoredAuditEntry } from "../../domain/access/audit-entry.ts";
import { errorReasons, invalidField } from "../../domain/errors.ts";
import { parsePageSize } from "../convert/checks.ts";
import { fromTimestamp, toTimestamp } from "../convert/times.ts";
import { fromPageToken, toPageToken } from "../paging/page-token.ts";

/** Answers ListAuditEntries. */
export async function listAuditEntries(
  auditLog: Pick<AuditLog, "list">,
  request: ListAuditEntriesRequest,
): Promise<ListAuditEntriesResponse> {
  const filter = {
    createdAfterMs: fromTimestamp("created_after", request.createdAfter),
    principal: textOrNull(request.principal),
    method: knownOrNull("method", request.method, isMethod, "is no method of the contract"),
    outcome: knownOrNull("outcome", request.outcome, isOutcome, "is neither a code nor a reason"),
    refusedOnly: request.refusedOnly,
  };
  const query = { list: "audit entries", ...filter };
  const cursor = fromPageToken(query, request.pageToken);
  const found = await auditLog.list({ ...filter, cursor, limit: parsePageSize(request.pageSize) });
  return create(ListAuditEntriesResponseSchema, {
    auditEntries: found.entries.map(toAuditEntry),
    nextPageToken: toPageToken(query, found.nextCursor),
  });
}

/** A name of what does not exist would find nothing, as if nothing had happened. @throws SitqError INVALID_FIELD */
function knownOrNull(field: string, text: string, isKnown: (text: string) => boolean, mistake: string): string | null {
  if (text !== "" && !isKnown(text)) throw invalidField(field, mistake, text);
  return textOrNull(text);
}

const services: readonly DescService[] = [
  QueueService,
  WorkerService,
  EventService,
  WorkflowService,
  RegistryService,
  MonitorService,
  AdminService,
  AccessService,
];
const paths = services.flatMap(({ typeName, methods }) => methods.map(({ name }) => `/${typeName}/${name}`));

function isMethod(text: string): boolean {
  return paths.some((path) => path === text || path.endsWith(`/${text}`) || path.endsWith(`.${text}`));
}

function isOutcome(text: string): boolean {
  return text in statusCode || errorReasons.includes(text);
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
