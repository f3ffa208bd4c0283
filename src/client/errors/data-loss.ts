import { status as statusCode } from "@grpc/grpc-js";
import { CallError } from "../../grpc/client/call-error.ts";

/** Refuses to answer content that the server has left out because it is damaged on its disk. @throws CallError DATA_LOSS */
export function assertUndamaged(damagedFields: readonly string[], field: string, what: string): void {
  if (!damagedFields.includes(field)) return;
  throw new CallError(`${what} is damaged on the server's disk.`, { code: statusCode.DATA_LOSS, reason: "DATA_LOSS" });
}
