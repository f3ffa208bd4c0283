import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { CallConnection } from "../grpc/handlers.ts";

/** How long clients may take, and how much of a header is taken into memory. */
export interface Http1Settings {
  readonly maxHeaderBytes: number;
  /** Requests of one connection that are open or wait, which it can have by pipelining. */
  readonly maxConcurrentStreams: number;
  /** How long the headers of a request may take. */
  readonly firstMessageTimeoutMs: number;
  /** How long a whole request may take. */
  readonly longestRequestMs: number;
  readonly connectionIdleTimeoutMs: number;
  /** How long a connection is silent before the system asks whether its other end lives. */
  readonly keepaliveTimeMs: number;
  /** How long an answer may lie there without a byte of it being taken, beyond `keepaliveTimeMs`. */
  readonly keepaliveTimeoutMs: number;
}

/** How far beyond the bound Node takes headers, so that most requests that exceed it get an answer with a reason. */
const margin = 2;
/** How often Node looks for requests that take too long, in milliseconds, at most. */
const lookMs = 5_000;

/** A connection of HTTP/1.1, for all the calls that come over it. */
class Http1Connection implements CallConnection {
  readonly #socket: Socket;
  readonly #most: number;
  /** Those that have not ended, in the order of their requests. */
  readonly #responses = new Set<ServerResponse>();
  #isClosing = false;

  /** @param most how many requests it may have open */
  constructor(socket: Socket, most: number) {
    this.#socket = socket;
    this.#most = most;
  }

  get destroyed(): boolean {
    return this.#socket.destroyed;
  }

  once(event: "close", listener: () => void): void {
    this.#socket.once(event, listener);
  }

  close(): void {
    this.#isClosing = true;
    const last = [...this.#responses].at(-1);
    // Node reads it when it writes the headers; of a stream they are gone.
    if (last === undefined) this.#socket.destroySoon();
    else last.shouldKeepAlive = false;
  }

  /**
   * Takes in a request, and calls `start` when those before it are answered: all that are worked on at a time would be in memory.
   *
   * @returns whether it may wait too
   */
  begin(response: ServerResponse, start: () => void): boolean {
    if (this.#responses.size >= this.#most) return false;
    const before = [...this.#responses].at(-1);
    this.#responses.add(response);
    if (this.#isClosing) response.shouldKeepAlive = false;
    response.once("close", () => {
      this.#responses.delete(response);
      if (this.#isClosing && this.#responses.size === 0) this.#socket.destroySoon();
    });
    if (before === undefined) start();
    else before.once("close", () => this.destroyed || start());
    return true;
  }

  /** Whether a request is open whose answer does not wait for its reader. */
  get isWorking(): boolean {
    return this.#responses.size > 0 && this.#socket.writableLength === 0;
  }

  destroy(): void {
    this.#socket.destroy();
  }
}

/** HTTP/1.1 for connections that another server has accepted. */
export class Http1Server {
  readonly #server: Server;
  readonly #settings: Http1Settings;
  readonly #connections = new Map<Socket, Http1Connection>();
  readonly #onRequest: (request: IncomingMessage, response: ServerResponse) => void;
  #isStopping = false;

  /** @param onRequest answers a request; it never throws */
  constructor(settings: Http1Settings, onRequest: (request: IncomingMessage, response: ServerResponse) => void) {
    this.#settings = settings;
    this.#onRequest = onRequest;
    this.#server = createServer(
      {
        maxHeaderSize: margin * settings.maxHeaderBytes,
        headersTimeout: settings.firstMessageTimeoutMs,
        requestTimeout: Math.ceil(settings.longestRequestMs),
        keepAliveTimeout: settings.connectionIdleTimeoutMs,
        connectionsCheckingInterval: Math.min(lookMs, settings.firstMessageTimeoutMs),
      },
      (request, response) => this.#take(request, response),
    );
    this.#server.setTimeout(settings.keepaliveTimeMs + settings.keepaliveTimeoutMs, (socket) =>
      this.#onSilence(socket),
    );
    // It drops what is beyond; the bound is ours to judge.
    this.#server.maxHeadersCount = 0;
    // It never listens, and looks for slow requests only once it does.
    this.#server.emit("listening");
  }

  /** Takes over a connection, from its first byte. */
  accept(socket: Socket): void {
    if (this.#isStopping) {
      socket.destroy();
      return;
    }
    this.#connections.set(socket, new Http1Connection(socket, this.#settings.maxConcurrentStreams));
    socket.once("close", () => this.#connections.delete(socket));
    socket.setKeepAlive(true, this.#settings.keepaliveTimeMs);
    this.#server.emit("connection", socket);
  }

  /** The connection that a request came over; `null`: it is gone. */
  connectionOf({ socket }: IncomingMessage): CallConnection | null {
    return this.#connections.get(socket) ?? null;
  }

  /** Closes the connections without a request now, the others after their response. */
  stop(): void {
    this.#isStopping = true;
    this.#server.close();
    for (const connection of this.#connections.values()) connection.close();
  }

  /** Ends all connections that are left. */
  cutOff(): void {
    for (const connection of this.#connections.values()) connection.destroy();
  }

  /** Ends a connection that is idle, or whose client does not read. A call or a stream may be silent. */
  #onSilence(socket: Socket): void {
    const { keepaliveTimeMs, keepaliveTimeoutMs } = this.#settings;
    if (this.#connections.get(socket)?.isWorking === true) socket.setTimeout(keepaliveTimeMs + keepaliveTimeoutMs);
    else socket.destroy();
  }

  #take(request: IncomingMessage, response: ServerResponse): void {
    const start = () => this.#onRequest(request, response);
    if (this.#connections.get(request.socket)?.begin(response, start) !== true) request.socket.destroy();
  }
}
