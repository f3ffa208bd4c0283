/** Refusals as Connect writes them: https://connectrpc.com/docs/protocol#error-end-stream */

import type { Message } from "@bufbuild/protobuf";
import { anyUnpack } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError } from "@connectrpc/connect";
import { codeToHttpStatus, errorToJsonBytes } from "@connectrpc/connect/protocol-connect";
import { BadRequestSchema, ErrorInfoSchema, RetryInfoSchema } from "../../../gen/google/rpc/error_details_pb.js";
import type { Status } from "../../../gen/google/rpc/status_pb.js";
import { MalformedMessage } from "../../grpc/codec.ts";
import { readDetails } from "../../grpc/status-details.ts";
import type { HttpAnswer } from "./message.ts";
import { StatusError } from "./status-error.ts";

const detailTypes = [ErrorInfoSchema, BadRequestSchema, RetryInfoSchema];

/**
 * The status of what a request ended with.
 *
 * @param onError makes that of what is not known here
 */
export function statusOf(error: unknown, path: string, onError: (error: unknown, path: string) => Status): Status {
  return error instanceof StatusError || error instanceof MalformedMessage ? error.status : onError(error, path);
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
