import { ServerInterceptingCall, type ServerInterceptor, status as statusCode } from "@grpc/grpc-js";
import { makeStatus, toStatusObject } from "./status-details.ts";

/** How long a client may take, and by which clock. */
export interface FirstMessageOptions {
  /** From a call's headers to its first message, or where there is only one, to the end of the request; in milliseconds. */
  readonly timeoutMs: number;
  /** Runs `action` once, `delayMs` later; answers a function that calls it off. */
  readonly after: (delayMs: number, action: () => void) => () => void;
}

/**
 * Ends calls that were begun and never say anything, with DEADLINE_EXCEEDED and `FIRST_MESSAGE_TIMEOUT`.
 *
 * An interceptor and not a part of the handlers' wrapper, for grpc-js calls a handler that takes one message only once it is
 * there: nothing else sees a call that stays without.
 */
export function firstMessageDeadline(options: FirstMessageOptions): ServerInterceptor {
  const { timeoutMs, after } = options;
  return (method, call) => {
    const callOff = after(timeoutMs, () => {
      const text = `The call brought no message within ${timeoutMs} ms.`;
      call.sendStatus(
        toStatusObject(makeStatus(statusCode.DEADLINE_EXCEEDED, text, { reason: "FIRST_MESSAGE_TIMEOUT" })),
      );
    });
    return new ServerInterceptingCall(call, {
      start: (next) =>
        next({
          onReceiveMessage(message, pass) {
            if (method.requestStream) callOff();
            pass(message);
          },
          onReceiveHalfClose(pass) {
            callOff();
            pass();
          },
          // Called at the end of every call.
          onCancel: callOff,
        }),
    });
  };
}
