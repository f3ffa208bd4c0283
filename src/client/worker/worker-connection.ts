/**
 * A worker's connection to the server: one Work stream after the other, until the worker stops.
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
 * - `connected`: the worker sends a message in every heartbeat interval, and so does the server. When the worker has received
 *   nothing for two intervals, looked at once in each, it cuts the stream.
 * - `draining`: the server sends no more tasks. It is stopping: if there is another server, the worker goes there at once, with what
 *   it holds; if there is none, or that one was left a moment ago, it stays until the server ends the stream. Or an operator has called
 *   DrainWorker, which lasts until the worker reconnects: it stays, and its leases with it, until the stream ends.
 * - `waiting`: not at all where the next stream goes to another server, which was not left a moment ago. Else full jitter below
 *   100 ms at first and 3 s at most, on top of what the server asked for. After a stream that
 *   lasted 10 s the delays start again at the shortest (`reconnecting.ts`). They go up to a minute while the server refuses the
 *   worker's credentials or rights, which it may get back.
 * - A first `hello` that the server refuses for good (it is not valid, or not allowed) closes it; later, only
 *   `WORKER_REPLACED` does: another process has the worker's id, and two that take it from each other would never end.
 */

import { status as statusCode } from "@grpc/grpc-js";
import {
  DrainReason,
  type WorkResponse_Drain,
  type WorkResponse_Welcome,
} from "../../../gen/sitq/v1/worker_service_pb.js";
import { deferred } from "../../async/deferred.ts";
import { CallError, callErrorFrom } from "../../grpc/client/call-error.ts";
import type { DedicatedConnection } from "../connection/connection.ts";
import type { Tries } from "../connection/outages.ts";
import { reconnecting } from "../connection/reconnecting.ts";
import { atMost, sleep } from "../connection/sleep.ts";
import { openWorkStream, type SpokenProtocol, type WorkStream } from "./work-stream.ts";

/** Where a connection stands. */
export type ConnectionState = "idle" | "connecting" | "connected" | "draining" | "waiting" | "closed";

/** What a connection needs. */
export interface WorkerConnectionOptions {
  /** Opens a connection for one stream. */
  readonly connect: () => DedicatedConnection;
  readonly protocol: SpokenProtocol;
  /** Reports each try to connect. */
  readonly tries: Tries;
  readonly onConnect: (welcome: WorkResponse_Welcome) => void;
  readonly onDrain: (drain: WorkResponse_Drain) => void;
  /** Called with why a stream ended (`null`: well), and when the next one begins (`null`: none does, it is closed). */
  readonly onDisconnect: (error: CallError | null, delayMs: number | null) => void;
  readonly random?: () => number;
}

/** How long the server has to end a stream that the worker has ended, in milliseconds. */
const endTimeoutMs = 1_000;
/** The bound of the delays, in milliseconds: well below a lease, which outlasts several of them. */
const longestDelayMs = 3_000;

const final: readonly number[] = [
  statusCode.INVALID_ARGUMENT,
  statusCode.UNIMPLEMENTED,
  statusCode.UNAUTHENTICATED,
  statusCode.PERMISSION_DENIED,
];

/** Why the next stream begins when the server has ended one without an error. */
const endedWell = new CallError("The server ended the stream.", {
  code: statusCode.UNAVAILABLE,
  unreached: { why: "the server ended the stream", maybeSent: true },
});
/** Why a stream is cut whose server stops, where there is another one. */
const moved = new CallError("The server is stopping.", { code: statusCode.UNAVAILABLE, reason: "DRAINING" });

/** A connection that reconnects until it is closed. */
export class WorkerConnection {
  readonly #options: WorkerConnectionOptions;
  readonly #closing = new AbortController();
  /** Settles with the first welcome, or when there will be none. */
  readonly #first = deferred();
  #state: ConnectionState = "idle";
  #stream: WorkStream | null = null;
  /** Ends the delay before the next stream. */
  #delay = new AbortController();
  /** Whether the server has ever accepted the worker. */
  #wasWelcome = false;
  #running: Promise<void> | null = null;

  constructor(options: WorkerConnectionOptions) {
    this.#options = options;
    // There may be no waiter.
    this.#first.promise.catch(() => undefined);
  }

  get state(): ConnectionState {
    return this.#state;
  }

  /** Begins to connect; resolves at the first welcome. @throws CallError if the server refuses for good, or `close` comes first */
  start(): Promise<void> {
    this.#running ??= this.#run();
    return this.#first.promise;
  }

  /** Sends what the protocol has to say, soon. */
  poke(): void {
    this.#stream?.poke();
  }

  /** Ends a delay: connects now. */
  hurry(): void {
    this.#delay.abort();
  }

  /** Ends the stream in order, or within a second by force. Idempotent. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.#delay.abort();
    const open = this.#stream;
    if (open !== null) {
      const closing = new CallError("The worker is stopping.", { code: statusCode.CANCELLED });
      if (this.#state === "connecting") open.cut(closing);
      open.end();
      await atMost(endTimeoutMs, open.ended);
      open.cut(closing);
    }
    await this.#running;
    this.#state = "closed";
  }

  async #run(): Promise<void> {
    const { tries, onDisconnect, random } = this.#options;
    const welcomes = reconnecting(this.#closing.signal, () => this.#open(), {
      tries,
      isFinal: (error) => this.#isFinal(error),
      backoff: { capMs: longestDelayMs, ...(random && { random }) },
      onDown: (error, delayMs) => {
        this.#state = "waiting";
        this.#delay = new AbortController();
        onDisconnect(error === endedWell ? null : error, delayMs);
      },
      wait: (delayMs) => sleep(delayMs, this.#delay.signal),
    });
    try {
      for await (const _ of welcomes);
    } catch (thrown) {
      const error = callErrorFrom(thrown);
      onDisconnect(error, null);
      this.#first.reject(error);
    }
    this.#state = "closed";
    this.#first.reject(
      new CallError("The worker was stopped before it had connected.", { code: statusCode.CANCELLED }),
    );
  }

  #isFinal({ code, reason, renewsToken }: CallError): boolean {
    return reason === "WORKER_REPLACED" || (!this.#wasWelcome && !renewsToken && final.includes(code));
  }

  /** One stream, from its beginning to its end; yields when the server welcomes the worker. */
  async *#open(): AsyncGenerator<void> {
    const { connect, protocol, onDisconnect } = this.#options;
    this.#state = "connecting";
    const welcome = deferred<"welcome">();
    const connection = connect();
    const stream = openWorkStream(connection.service.work(), protocol, {
      onWelcome: (message) => {
        this.#onWelcome(message);
        welcome.resolve("welcome");
      },
      onDrain: (drain) => {
        this.#onDrain(drain);
        if (drain.reason === DrainReason.SERVER_STOPPING && connection.hasFreshOther()) stream.cut(moved);
      },
    });
    this.#stream = stream;
    if ((await Promise.race([welcome.promise, stream.ended])) === "welcome") yield;
    const error = await stream.ended;
    this.#stream = null;
    if (this.#closing.signal.aborted) onDisconnect(null, null);
    else connection.failed(error ?? endedWell);
    connection.close();
    throw error ?? endedWell;
  }

  #onWelcome(welcome: WorkResponse_Welcome): void {
    this.#state = "connected";
    this.#wasWelcome = true;
    this.#options.onConnect(welcome);
    this.#first.resolve();
  }

  #onDrain(drain: WorkResponse_Drain): void {
    this.#state = "draining";
    this.#options.onDrain(drain);
  }
}
