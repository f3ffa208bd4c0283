import { fromBinary } from "@bufbuild/protobuf";
import { anyUnpack, durationMs } from "@bufbuild/protobuf/wkt";
import { Metadata, status as statusCode } from "@grpc/grpc-js";
import { BadRequestSchema, ErrorInfoSchema, RetryInfoSchema } from "../../gen/google/rpc/error_details_pb.js";
import { type Status, StatusSchema } from "../../gen/google/rpc/status_pb.js";

/** A refusal as any client of gRPC sees it, read from the wire's own status. */
export interface Refusal {
  /** `INVALID_ARGUMENT`. */
  readonly code: string;
  readonly message: string;
  /** ErrorInfo. */
  readonly reason: string;
  readonly domain: string;
  readonly metadata: Readonly<Record<string, string>>;
  /** BadRequest; `null`: none. */
  readonly field: string | null;
  /** RetryInfo; `null`: none. */
  readonly retryAfterMs: number | null;
}

/** The refusal of a call; it throws if the call succeeds, or fails without a status of the server's. */
export async function refusalOf(call: Promise<unknown>): Promise<Refusal> {
  const outcome = await call.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  if ("value" in outcome) throw new Error(`The call succeeded: ${String(outcome.value)}`);
  return refusalIn(outcome.error);
}

/** The refusal that an error of a call holds. */
export function refusalIn(error: unknown): Refusal {
  const cause = error instanceof Error ? error.cause : undefined;
  const metadata = cause instanceof Error && "metadata" in cause ? cause.metadata : undefined;
  const encoded = metadata instanceof Metadata ? metadata.get("grpc-status-details-bin")[0] : undefined;
  if (!Buffer.isBuffer(encoded)) throw new Error("There is no status of the server's", { cause: error });
  return refusalInStatus(fromBinary(StatusSchema, encoded));
}

/** The refusal of one item. It throws if there is no ErrorInfo. */
export function refusalInStatus(status: Status | undefined): Refusal {
  const find = <T>(read: (any: Status["details"][number]) => T | undefined) =>
    status?.details.flatMap((any) => read(any) ?? [])[0];
  const info = find((any) => anyUnpack(any, ErrorInfoSchema));
  if (status === undefined || info === undefined) throw new Error("There is no ErrorInfo");
  const delay = find((any) => anyUnpack(any, RetryInfoSchema))?.retryDelay;
  return {
    code: statusCode[status.code] ?? "UNKNOWN",
    message: status.message,
    reason: info.reason,
    domain: info.domain,
    metadata: info.metadata,
    field: find((any) => anyUnpack(any, BadRequestSchema))?.fieldViolations[0]?.field ?? null,
    retryAfterMs: delay === undefined ? null : durationMs(delay),
  };
}
