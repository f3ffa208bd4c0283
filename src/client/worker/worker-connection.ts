/**
 * A worker's link to the server: one Work stream after the other, until the worker stops.
 *
 * ```
 *               start()
 *      idle ───────────────▶ connecting ──welcome──▶ connected ──drain──▶ draining
 *                              ▲    │                    │                   │
 *                              │    │ refused, cut,      │ ended, cut        │ ended, cut
 *                           delay   │ 10 s without       │ or silent         │ or silent
 *                           is over │ a welcome          │                   │
 *                              │    ▼                    │                   │
 *                            waiting ◀───────────────────┴───────────────────┘
 *
 *      close(): from every state ──▶ closed
 * ```
 *
 * - Every stream has a connection of its own, which is closed with it. A stream that went silent would otherwise be opened
 *   again over the connection that is dead.
 * - `connecting`: `hello` is sent, with everything that the worker holds. Whatever is lost is known with the welcome; outcomes
 *   that are not settled are then sent again.
 * - `connected`: the worker says something in every heartbeat interval, and so does the server. When the worker has heard
 *   nothing for two intervals, looked at once in each, it cuts the stream.
 * - `draining`: the server hands out nothing more. It stops, and ends the stream itself; or an operator has called
 *   DrainWorker, which lasts until the worker reconnects. So the worker never reconnects of its own accord: it stays, and
 *   its leases with it, until the stream ends.
 * - `waiting`: full jitter below 100 ms at first and 10 s at most, on top of what the server asked for. The delays begin
 *   anew when a stream has lasted 10 s.
 * - A first `hello` that the server refuses for good (it is not valid, or not allowed) closes the link; later, only
 *   `WORKER_REPLACED` does: another process has the worker's id, and two that take it from each other would never end.
 */

import { status as statusCode } from "@grpc/grpc-js";
import type { WorkResponse_Welcome } from "../../../gen/sitq/v1/worker_service_pb.js";
import { CallError } from "../../grpc/client/call-error.ts";
import { createBackoff } from "../connection/backoff.ts";
import type { DedicatedConnection } from "../connection/connection.ts";
import { deferred } from "../connection/deferred.ts";
import type { Tries } from "../connection/outages.ts";
import { atMost, sleep } from "../connection/sleep.ts";
import { openWorkStream, type WorkStream } from "./work-stream.ts";
import type { WorkerProtocol } from "./worker-protocol.ts";

/** Where a link stands. */
export type ConnectionState = "idle" | "connecting" | "connected" | "draining" | "waiting" | "closed";

/** A link that connects again for ever. */
export interface WorkerConnection {
  readonly state: ConnectionState;
  /** Begins to connect; resolves at the first welcome. @throws CallError if the server refuses for good, or `close` comes first */
  start(): Promise<void>;
  /** The desk has something to say. */
  poke(): void;
  /** Ends a delay: connects now. */
  hurry(): void;
  /** Ends the stream in order, or within a second by force. Idempotent. */
  close(): Promise<void>;
}

/** What a link needs. */
export interface WorkerConnectionOptions {
  readonly connect: () => DedicatedConnection;
  readonly desk: WorkerProtocol;
  /** Hears of each try to connect. */
  readonly tries: Tries;
  readonly onConnect: (welcome: WorkResponse_Welcome) => void;
  readonly onDrain: () => void;
  /** Told why a stream ended (`null`: well), and when the next one begins (`null`: none does, the link is closed). */
  readonly onDisconnect: (error: CallError | null, delayMs: number | null) => void;
  readonly random?: () => number;
}

/** How long a stream lasts before the delays begin anew, in milliseconds. */
const steadyMs = 10_000;
/** How long the server has to end a stream that the worker has ended, in milliseconds. */
const endTimeoutMs = 1_000;

const final: readonly number[] = [
  statusCode.INVALID_ARGUMENT,
  statusCode.UNIMPLEMENTED,
  statusCode.UNAUTHENTICATED,
  statusCode.PERMISSION_DENIED,
];

/** A link that has not begun. */
export function createWorkerConnection(options: WorkerConnectionOptions): WorkerConnection {
  const { connect, desk, tries, onDisconnect, random } = options;
  const backoff = createBackoff(random === undefined ? {} : { random });
  const first = deferred();
  // Nobody may be waiting for it.
  first.promise.catch(() => undefined);
  let state: ConnectionState = "idle";
  let stream: WorkStream | null = null;
  let delay = new AbortController();
  let isClosing = false;
  let wasWelcome = false;
  /** The stream that ended last had its welcome. */
  let wasReached = false;
  let running: Promise<void> | null = null;

  async function run(): Promise<void> {
    for (let error = await connectOnce(); !isClosing; error = await connectOnce()) {
      if (error !== null && isFinal(error)) {
        onDisconnect(error, null);
        first.reject(error);
        break;
      }
      state = "waiting";
      delay = new AbortController();
      const delayMs = backoff.next(error?.retryAfterMs);
      if (error !== null && !wasReached) tries.failed(error);
      onDisconnect(error, delayMs);
      await sleep(delayMs, delay.signal);
      if (isClosing) break;
    }
    state = "closed";
    first.reject(new CallError("The worker was stopped before it had connected.", { code: statusCode.CANCELLED }));
  }

  function isFinal({ code, reason }: CallError): boolean {
    return reason === "WORKER_REPLACED" || (!wasWelcome && final.includes(code));
  }

  /** One stream, from its beginning to its end. */
  async function connectOnce(): Promise<CallError | null> {
    state = "connecting";
    wasReached = false;
    const beginMs = performance.now();
    tries.begin();
    const connection = connect();
    stream = openWorkStream(connection.service.work(), desk, { onWelcome, onDrain });
    const error = await stream.ended;
    stream = null;
    connection.close();
    if (performance.now() - beginMs >= steadyMs) backoff.reset();
    if (isClosing) onDisconnect(null, null);
    return error;
  }

  function onWelcome(welcome: WorkResponse_Welcome): void {
    state = "connected";
    wasWelcome = true;
    wasReached = true;
    tries.reached();
    options.onConnect(welcome);
    first.resolve();
  }

  function onDrain(): void {
    state = "draining";
    options.onDrain();
  }

  return {
    get state() {
      return state;
    },
    start() {
      running ??= run();
      return first.promise;
    },
    poke: () => stream?.poke(),
    hurry: () => delay.abort(),

    async close() {
      isClosing = true;
      delay.abort();
      const open = stream;
      if (open !== null) {
        const closing = new CallError("The worker is stopping.", { code: statusCode.CANCELLED });
        if (state === "connecting") open.cut(closing);
        open.end();
        await atMost(endTimeoutMs, open.ended);
        open.cut(closing);
      }
      await running;
      state = "closed";
    },
  };
}
