/** Refusals as Connect writes them: https://connectrpc.com/docs/protocol#error-end-stream */

import type { Message } from "@bufbuild/protobuf";
import { anyUnpack } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError } from "@connectrpc/connect";
import { codeToHttpStatus, errorToJsonBytes } from "@connectrpc/connect/protocol-connect";
import { status as statusCode } from "@grpc/grpc-js";
import { BadRequestSchema, ErrorInfoSchema, RetryInfoSchema } from "../../../gen/google/rpc/error_details_pb.js";
import type { Status } from "../../../gen/google/rpc/status_pb.js";
import { MalformedMessage } from "../../grpc/codec.ts";
import type { CallContext } from "../../grpc/handlers.ts";
import { type RefusedCall, traceOf } from "../../grpc/server/call-guard.ts";
import { readDetails } from "../../grpc/status-details.ts";
import type { HttpAnswer } from "./message.ts";
import { StatusError } from "./status-error.ts";

const detailTypes = [ErrorInfoSchema, BadRequestSchema, RetryInfoSchema];

/** Who makes statuses of errors, and who hears of refusals. */
export interface RefusalsOptions {
  /** Makes the status of what was thrown. `path` is that of the request, of a call its method: `/sitq.v1.QueueService/Enqueue`. */
  readonly onError: (error: unknown, path: string) => Status;
  /** Called with each request that is refused. Default: nothing is. */
  readonly onRefused?: ((call: RefusedCall) => void) | undefined;
}

/** Makes refusals of what requests end with, and reports them. */
export class Refusals {
  readonly #options: RefusalsOptions;

  constructor(options: RefusalsOptions) {
    this.#options = options;
  }

  /** The refusal of a request that ended with an error. */
  of(error: unknown, path: string, { peer, metadata }: Pick<CallContext, "peer" | "metadata">): ConnectError {
    const { onError, onRefused } = this.#options;
    const isKnown = error instanceof StatusError || error instanceof MalformedMessage;
    const status = isKnown ? error.status : onError(error, path);
    const code = statusCode[status.code] ?? String(status.code);
    onRefused?.({ method: path, peer, code, reason: readDetails(status).reason ?? code, ...traceOf(metadata) });
    return toConnectError(status);
  }
}

/** A status as an error of Connect's, with its details, and with headers that clients of HTTP know. */
export function toConnectError(status: Status): ConnectError {
  const details = status.details.flatMap((any) =>
    detailTypes.flatMap((desc) => {
      const value: Message | undefined = anyUnpack(any, desc);
      return value === undefined ? [] : [{ desc, value }];
    }),
  );
  const headers = new Headers();
  const { retryAfterMs } = readDetails(status);
  if (retryAfterMs !== undefined) headers.set("retry-after", String(Math.ceil(retryAfterMs / 1_000)));
  if (status.code === Code.Unauthenticated) headers.set("www-authenticate", "Bearer");
  return new ConnectError(status.message, status.code, headers, details);
}

/**
 * The answer that refuses a request.
 *
 * @param httpStatus default: what Connect makes of the code
 */
export function errorAnswer(error: ConnectError, httpStatus = codeToHttpStatus(error.code)): HttpAnswer {
  return {
    status: httpStatus,
    headers: { ...Object.fromEntries(error.metadata), "content-type": "application/json", "cache-control": "no-store" },
    body: errorToJsonBytes(error, undefined),
  };
}
