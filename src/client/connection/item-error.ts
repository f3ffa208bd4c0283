import type { Status } from "../../../gen/google/rpc/status_pb.js";
import { CallError, callErrorFromStatus } from "../../grpc/client/call-error.ts";

/**
 * The refusal of one item of a batch, as a call for it alone would give it: the field is `task.queue` and not
 * `requests[2].task.queue`, since the place in a shared batch says nothing to its caller.
 */
export function itemError(status: Status): CallError {
  const error = callErrorFromStatus(status);
  const place = /^requests\[\d+\](?:\.|$)/.exec(error.field ?? "")?.[0];
  if (place === undefined) return error;
  const { message, code, reason, metadata, retryAfterMs } = error;
  const field = error.field?.slice(place.length) || null;
  const others = error.others.map((each) => ({ ...each, field: each.field.replace(place, "") }));
  return new CallError(message, { code, reason, field, others, metadata, retryAfterMs });
}
