import { type Metadata, ServerInterceptingCall, type ServerInterceptor, status as statusCode } from "@grpc/grpc-js";
import { http2StreamOf, replaceDecompression } from "../grpc-internals.ts";
import { makeStatus, toStatusObject } from "../status-details.ts";
import { createDecompression, isTooLarge } from "./decompression.ts";
import { resetAfterTrailers } from "./end-stream.ts";
import { completeStatus } from "./own-status.ts";
import { trafficOn } from "./session-traffic.ts";

/** How long a client may take, how much it may send, and by which clock. */
export interface CallGuardOptions {
  /** How long a call's first message, or where there is only one the whole request, may stand still; in milliseconds. */
  readonly firstMessageTimeoutMs: number;
  /** The largest message that is taken, decompressed. */
  readonly maxReceiveBytes: number;
  readonly clock: {
    /** Runs `action` once, `delayMs` later; answers a function that calls it off. */
    after(delayMs: number, action: () => void): () => void;
    /** Runs `action` once what has already arrived from the network has been read. */
    afterIo(action: () => void): void;
  };
}

/** A connection on which first messages arrive slower than this stands still: 10 KB/s. */
const leastBytesPerMs = 10;
/** What all messages may become that are decompressed at a time, however many connections they come over. */
const decompressionBytes = 16_777_216;

/** What was received with calls that ended because a message was too large. */
const endedByTooLarge = new WeakSet<Metadata>();

/** Whether a call ended because its client sent a message that is too large: its handler sees no more than the end. */
export function wasEndedByTooLarge({ metadata }: { readonly metadata: Metadata }): boolean {
  return endedByTooLarge.has(metadata);
}

/**
 * Looks after what comes before and below the handlers, for every call of a server:
 *
 * - Calls that were begun and never say anything end with DEADLINE_EXCEEDED and `FIRST_MESSAGE_TIMEOUT`. Only an interceptor
 *   sees them: grpc-js calls a handler that takes one message when it is there. What counts is silence: while first messages
 *   arrive on its connection, a call waits, since they share one line and each other's window; and what lies in a socket
 *   because this process was busy is read first.
 * - A stream that breaks does not look like one that has ended. When a connection goes, and when a client of Node's cancels
 *   a call, the end of the requests is reported first and the cancellation a moment later.
 * - Compressed messages share a bounded memory.
 * - Statuses of grpc-js's own get the details that every refusal has, and a stream that the server ends is reset behind them.
 */
export function callGuard({ firstMessageTimeoutMs, maxReceiveBytes, clock }: CallGuardOptions): ServerInterceptor {
  const decompress = createDecompression(maxReceiveBytes, decompressionBytes);
  const leastBytes = firstMessageTimeoutMs * leastBytesPerMs;

  return (method, call) => {
    const stream = http2StreamOf(call);
    // A call whose connection is gone has its own.
    const traffic = trafficOn(stream?.session ?? call);
    let isComplete = false;
    let hasHalfClosed = false;
    let received: Metadata | null = null;

    replaceDecompression(call, decompress);
    const sendStatus = call.sendStatus.bind(call);
    call.sendStatus = (status) => {
      traffic.sentMessages++;
      if (!hasHalfClosed && stream !== null && !stream.readableEnded) resetAfterTrailers(stream, clock.after);
      const complete = completeStatus(status, maxReceiveBytes);
      if (received !== null && isTooLarge(complete)) endedByTooLarge.add(received);
      sendStatus(complete);
    };

    const sendMessage = call.sendMessage.bind(call);
    call.sendMessage = (message, done) => {
      traffic.sentMessages++;
      sendMessage(message, done);
    };

    const count = (chunk: Buffer) => {
      traffic.arrivedBytes += chunk.length;
    };
    stream?.on("data", count);

    function watch(): () => void {
      const before = traffic.arrivedBytes;
      return clock.after(firstMessageTimeoutMs, () =>
        clock.afterIo(() => {
          if (isComplete) return;
          if (traffic.arrivedBytes - before >= leastBytes) {
            callOff = watch();
            return;
          }
          const text = `The call's first message did not arrive: for ${firstMessageTimeoutMs} ms its connection was silent, or slower than 10 KB/s.`;
          const status = makeStatus(statusCode.DEADLINE_EXCEEDED, text, { reason: "FIRST_MESSAGE_TIMEOUT" });
          call.sendStatus(toStatusObject(status));
        }),
      );
    }
    let callOff = watch();
    const complete = () => {
      isComplete = true;
      callOff();
    };

    return new ServerInterceptingCall(call, {
      start: (next) =>
        next({
          onReceiveMetadata(metadata, pass) {
            received = metadata;
            pass(metadata);
          },
          onReceiveMessage(message, pass) {
            if (method.requestStream && !isComplete) {
              complete();
              stream?.off("data", count);
            }
            pass(message);
          },
          onReceiveHalfClose(pass) {
            hasHalfClosed = true;
            complete();
            // Messages passed on after a cancellation are dropped. A single request needs no waiting.
            if (method.requestStream) clock.afterIo(pass);
            else pass();
          },
          // Called at the end of every call.
          onCancel: complete,
        }),
    });
  };
}
