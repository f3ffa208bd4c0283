import { status as statusCode } from "@grpc/grpc-js";
import type { CallError } from "../../grpc/client/call-error.ts";
import { noRoom } from "../../grpc/client/unreached.ts";

/**
 * Refusals that end by themselves, soon. What docs/errors.md lists beside them as repeated after a wait lasts as long as its cause does, as a
 * full queue or disk: the caller decides.
 */
const passingReasons: readonly (string | null)[] = [
  "OVERLOADED",
  "TOO_MANY_CONNECTIONS",
  "TOO_MANY_FAILED_SIGN_INS",
  "TOO_MANY_IDLE_MESSAGES",
  "TOO_MANY_UNFINISHED_BYTES",
  "TOO_MANY_WATCHERS",
  "WATCH_TOO_SLOW",
];

/**
 * Whether a failure does not depend on the request: the server was not reached, is stopping, has too much to do, or its answer was
 * lost; or it refused a token that is replaced. A server whose certificate is not the one that is expected does not change in time.
 */
export function isRetryable(error: CallError): boolean {
  const handshake = error.unreached?.handshake;
  if (handshake === "untrusted" || handshake === "wrong_name") return false;
  return isAway(error) || passingReasons.includes(error.reason) || error.renewsToken;
}

/** Whether the server was not reached, is stopping, or did not answer in time. */
export function isAway({ code }: CallError): boolean {
  return code === statusCode.UNAVAILABLE || code === statusCode.DEADLINE_EXCEEDED;
}

/** Whether the server refuses the caller's credentials or rights: other calls of the same client meet that too, until an operator changes it. */
export function isDenied({ code, renewsToken }: CallError): boolean {
  return !renewsToken && (code === statusCode.UNAUTHENTICATED || code === statusCode.PERMISSION_DENIED);
}

/** How often in a row a connection may have no room for a call before its headers are what has no room. */
const mostWithoutRoom = 5;

/**
 * Finds out whether calls are refused for their headers: a server refuses headers that are far too large, as those of a token can be, in
 * the same words as a call beyond those that the connection may have, which has room after some milliseconds.
 *
 * @returns takes the error of each try; true: the tries are in vain
 */
export function headersJudge(): (error: CallError) => boolean {
  let inRow = 0;
  return ({ reason, unreached }) => {
    inRow = unreached?.why === noRoom ? inRow + 1 : 0;
    return reason === "HEADERS_TOO_LARGE" || inRow >= mostWithoutRoom;
  };
}
