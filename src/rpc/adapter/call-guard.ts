import { ServerInterceptingCall, type ServerInterceptor, status as statusCode } from "@grpc/grpc-js";
import { makeStatus, toStatusObject } from "./status-details.ts";

/** How long a client may take, and by which clock. */
export interface CallGuardOptions {
  /** From a call's headers to its first message, or where there is only one, to the end of the request; in milliseconds. */
  readonly firstMessageTimeoutMs: number;
  readonly clock: {
    /** Runs `action` once, `delayMs` later; answers a function that calls it off. */
    after(delayMs: number, action: () => void): () => void;
    /** Runs `action` once what has already arrived from the network has been read. */
    afterIo(action: () => void): void;
  };
}

/**
 * Looks after what comes before and below the handlers, for every call of a server:
 *
 * - Calls that were begun and never say anything end with DEADLINE_EXCEEDED and `FIRST_MESSAGE_TIMEOUT`. Only an interceptor
 *   sees them: grpc-js calls a handler that takes one message when it is there.
 * - A stream that breaks does not look like one that has ended. When a connection goes, and when a client of Node's cancels
 *   a call, the end of the requests is reported first and the cancellation a moment later.
 */
export function callGuard({ firstMessageTimeoutMs, clock }: CallGuardOptions): ServerInterceptor {
  return (method, call) => {
    const callOff = clock.after(firstMessageTimeoutMs, () => {
      const text = `The call brought no message within ${firstMessageTimeoutMs} ms.`;
      const status = makeStatus(statusCode.DEADLINE_EXCEEDED, text, { reason: "FIRST_MESSAGE_TIMEOUT" });
      call.sendStatus(toStatusObject(status));
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
            // What is passed on after a cancellation is dropped. A single request is there or not: nobody needs to wait.
            if (method.requestStream) clock.afterIo(pass);
            else pass();
          },
          // Called at the end of every call.
          onCancel: callOff,
        }),
    });
  };
}
