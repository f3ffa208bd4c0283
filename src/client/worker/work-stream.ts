import { create } from "@bufbuild/protobuf";
import { durationMs } from "@bufbuild/protobuf/wkt";
import { status as statusCode } from "@grpc/grpc-js";
import {
  type WorkRequest,
  WorkRequest_HeartbeatSchema,
  WorkRequestSchema,
  type WorkResponse,
  type WorkResponse_Drain,
  type WorkResponse_Welcome,
} from "../../../gen/sitq/v1/worker_service_pb.js";
import { deferred } from "../../async/deferred.ts";
import { CallError, callErrorFrom } from "../../grpc/client/call-error.ts";
import { forEachMessage } from "../../grpc/inbound-stream.ts";
import type { WorkerProtocol } from "./worker-protocol.ts";

/** What a stream speaks. */
export type SpokenProtocol = Pick<WorkerProtocol, "hello" | "next" | "hasMuch" | "onMessage">;

/** What of a Work call is needed; the adapter's BidiCall is one. */
export interface WorkCall {
  send(message: WorkRequest): boolean;
  drained(): Promise<void>;
  end(): void;
  cancel(): void;
  readonly responses: AsyncIterable<WorkResponse>;
}

/** One Work stream, from `hello` to its end. */
export interface WorkStream {
  /** Something is to be said: it is sent at the end of the turn, with all that comes until then, or at once if it is much. */
  poke(): void;
  /** Half-closes the stream; the server then ends it. */
  end(): void;
  /** Ends the stream at once, for a reason of this side. */
  cut(reason: CallError): void;
  /** Resolves when the stream is over: with the error that it ended with, `null` if it ended well. */
  readonly ended: Promise<CallError | null>;
}

/** What is called at the turns of a stream. */
export interface StreamEvents {
  onWelcome(welcome: WorkResponse_Welcome): void;
  onDrain(drain: WorkResponse_Drain): void;
}

/** How long the server has for its welcome, in milliseconds. */
const welcomeTimeoutMs = 10_000;
/** A stream is dead if nothing was heard for more than so many heartbeat intervals. It is looked at once in each. */
const silentIntervals = 2;

/** Speaks the protocol over a call that was just begun. */
export function openWorkStream(call: WorkCall, protocol: SpokenProtocol, events: StreamEvents): WorkStream {
  const ended = deferred<CallError | null>();
  let timer = setTimeout(() => cut(silence("The server did not welcome the worker.")), welcomeTimeoutMs);
  let heardMs = performance.now();
  let spokeMs = heardMs;
  let isWelcome = false;
  let isOver = false;
  let hasRoom = true;
  let isPoked = false;
  let cutReason: CallError | null = null;

  function say(message: WorkRequest): void {
    spokeMs = performance.now();
    if (call.send(message)) return;
    hasRoom = false;
    void call.drained().then(() => {
      hasRoom = true;
      flush();
    });
  }

  function flush(): void {
    isPoked = false;
    while (isWelcome && hasRoom && !isOver) {
      const message = protocol.next();
      if (message === null) return;
      say(message);
    }
  }

  function poke(): void {
    if (!isWelcome) return;
    if (protocol.hasMuch()) flush();
    if (isPoked) return;
    isPoked = true;
    setImmediate(flush);
  }

  function cut(reason: CallError): void {
    cutReason ??= reason;
    call.cancel();
  }

  function onWelcome(welcome: WorkResponse_Welcome): void {
    isWelcome = true;
    clearTimeout(timer);
    const intervalMs = Math.max(1, welcome.heartbeatInterval ? durationMs(welcome.heartbeatInterval) : 10_000);
    timer = setTimeout(beat, intervalMs, intervalMs);
    events.onWelcome(welcome);
  }

  /** Says something if nothing was said for an interval, and looks whether something was heard. */
  function beat(intervalMs: number): void {
    const silentMs = performance.now() - spokeMs;
    if (silentMs >= intervalMs && hasRoom) say(heartbeat);
    timer = setTimeout(beat, silentMs < intervalMs ? intervalMs - silentMs : intervalMs, intervalMs);
    const longestMs = silentIntervals * intervalMs;
    if (performance.now() - heardMs <= longestMs) return;
    // If this process stood still, what came meanwhile is read first: the next poll phase, and then it is judged.
    setImmediate(() =>
      setImmediate(() => {
        if (performance.now() - heardMs <= longestMs) return;
        cut(silence(`Nothing was heard of the server for ${Math.round(performance.now() - heardMs)} ms.`));
      }),
    );
  }

  function hear({ message }: WorkResponse): void {
    heardMs = performance.now();
    protocol.onMessage(message);
    if (message.case === "welcome") onWelcome(message.value);
    else if (message.case === "drain") events.onDrain(message.value);
    else if (message.case === "heartbeat" && hasRoom) say(heartbeat);
    // What was heard can be answered: lost leases free no slots, and a rejected outcome is replaced.
    poke();
  }

  function over(error: CallError | null): void {
    isOver = true;
    clearTimeout(timer);
    ended.resolve(cutReason ?? error);
  }

  say(protocol.hello());
  forEachMessage(call.responses, hear).then(
    () => over(null),
    (error) => over(callErrorFrom(error)),
  );
  return { poke, end: () => call.end(), cut, ended: ended.promise };
}

const heartbeat = create(WorkRequestSchema, {
  message: { case: "heartbeat", value: create(WorkRequest_HeartbeatSchema) },
});

function silence(text: string): CallError {
  return new CallError(text, { code: statusCode.DEADLINE_EXCEEDED, reason: "SERVER_SILENT" });
}
