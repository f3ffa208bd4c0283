import { create, type MessageInitShape } from "@bufbuild/protobuf";
import {
  CancelCode,
  DrainReason,
  type SettledOutcomeSchema,
  SettleStatus,
  WorkResponse_CancelledTaskSchema,
} from "../../../gen/sitq/v1/worker_service_pb.js";
import { protoEnum } from "../../contract/enums.ts";
import { SitqError } from "../../domain/errors.ts";
import type { LeaseRef } from "../../domain/lease.ts";
import type { Log } from "../../domain/log.ts";
import type { Cancellation } from "../../domain/tasks/cancellation.ts";
import type { SettledStatus } from "../../queue/workers/reported-outcomes.ts";
import type { DrainReason as DomainDrainReason } from "../../queue/workers/worker-channel.ts";
import { statusOf } from "../calls/status.ts";

const { values: cancelCodes } = protoEnum<Cancellation["why"], CancelCode>()({
  cancelled: CancelCode.CANCELLED,
  attempt_timeout: CancelCode.ATTEMPT_TIMEOUT,
  lease_lost: CancelCode.LEASE_LOST,
});

const { values: drainReasons } = protoEnum<DomainDrainReason, DrainReason>()({
  server_stopping: DrainReason.SERVER_STOPPING,
  operator: DrainReason.OPERATOR,
});

/** What became of an outcome that is valid. */
export const { values: settleStatuses } = protoEnum<
  Exclude<SettledStatus, SitqError>,
  Exclude<SettleStatus, SettleStatus.REJECTED>
>()({
  settled: SettleStatus.SETTLED,
  already_settled: SettleStatus.ALREADY_SETTLED,
  stale: SettleStatus.STALE,
  not_found: SettleStatus.NOT_FOUND,
});

/** An attempt that a worker is to stop. */
export function toCancelledTask({ taskId, attempt, cancellation }: LeaseRef & { readonly cancellation: Cancellation }) {
  const { why, words } = cancellation;
  const reason = words || why.toUpperCase();
  return create(WorkResponse_CancelledTaskSchema, {
    taskId,
    attempt,
    reason,
    code: cancelCodes[why],
    message: words,
  });
}

/** Why a worker is draining. */
export function toDrainReason(reason: DomainDrainReason): DrainReason {
  return drainReasons[reason];
}

/** What became of an outcome. */
export function toSettled(
  { taskId, attempt }: LeaseRef,
  status: SettledStatus,
  log: Log,
): MessageInitShape<typeof SettledOutcomeSchema> {
  if (!(status instanceof SitqError)) return { taskId, attempt, status: settleStatuses[status] };
  return { taskId, attempt, status: SettleStatus.REJECTED, error: statusOf(status, log) };
}
