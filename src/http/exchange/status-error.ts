import type { StatusObject } from "@grpc/grpc-js";
import type { Status } from "../../../gen/google/rpc/status_pb.js";
import { fromStatusObject } from "../../grpc/status-details.ts";

/** The refusal of a request by a status that is made already. */
export class StatusError extends Error {
  override readonly name = "StatusError";
  readonly status: Status;

  constructor(status: Status) {
    super(status.message);
    this.status = status;
  }
}

/** The same of a status as grpc-js has it. */
export function refusedBy(status: StatusObject): StatusError {
  return new StatusError(fromStatusObject(status));
}
