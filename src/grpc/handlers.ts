import type { DescMessage, DescMethod, DescService, MessageInitShape, MessageShape } from "@bufbuild/protobuf";
import type { Metadata } from "@grpc/grpc-js";

/** A client's certificate whose chain the handshake has verified. */
export interface PeerCertificate {
  /** The subject's other names (SAN) that are URIs, exactly as they stand there. */
  readonly uris: readonly string[];
  /** Those that are DNS names. */
  readonly dnsNames: readonly string[];
  /** The end of its validity, in milliseconds since 1970. The connection may outlive it. */
  readonly notAfterMs: number;
  /** The SHA-256 of the certificate, 64 hexadecimal digits. */
  readonly fingerprint: string;
}

/** The connection of a call: the same object for all calls that come over it. */
export interface CallConnection {
  /** Whether it is gone. */
  readonly destroyed: boolean;
  /** Calls `listener` when it is gone. */
  once(event: "close", listener: () => void): unknown;
  /** Takes no more calls, and closes it when those that are open have ended. */
  close(): void;
}

/** What a handler knows of its call beside the request. */
export interface CallContext {
  /** Aborted when the call is cancelled, its deadline passes or the client goes away before the handler is done. */
  readonly signal: AbortSignal;
  /** The other end's `address:port`; "unknown" once the connection is gone, unless it was read before. */
  readonly peer: string;
  /** What the caller sent with the call. */
  readonly metadata: Metadata;
  /**
   * The certificate of the other end; `null`: it has shown none, or the connection has no TLS. Read it before the handler waits for
   * anything: a connection that is gone has none.
   */
  peerCertificate(): PeerCertificate | null;
  /** What the call came over; `null`: it is gone, or there is none. */
  connection(): CallConnection | null;
}

/** The sending half of a stream: a bounded buffer in front of the connection. */
export interface Outbound<T> {
  /**
   * Takes a message into the buffer, full or not, unless the call is over. It throws if the message cannot be encoded.
   *
   * @returns whether there is room for more; false: send nothing before it has drained
   */
  send(message: T): boolean;
  /** Whether the call goes on and there is room. */
  readonly writable: boolean;
  /** Resolves when there is room, or the call is over: look at `writable`. */
  drained(): Promise<void>;
  /** Sets how many bytes may lie in the buffer before it is full, over the default. */
  bound(bytes: number): void;
  /** Calls `listener` every time there is room again after the buffer was full, until the call is over. */
  onDrain(listener: () => void): void;
}

/** Answers a request with a message, or with what `create` makes one of. */
export type UnaryHandler<I extends DescMessage, O extends DescMessage, C = CallContext> = (
  request: MessageShape<I>,
  context: C,
) => Promise<MessageInitShape<O>>;

/** Answers a request with a stream, which ends when the promise settles. */
export type ServerStreamingHandler<I extends DescMessage, O extends DescMessage, C = CallContext> = (
  request: MessageShape<I>,
  context: C,
  out: Outbound<MessageInitShape<O>>,
) => Promise<void>;

/**
 * Answers a stream with a stream, which ends when the promise settles. `requests` ends when the client has sent its last,
 * and throws when the call is cancelled or a message is malformed. Read it by one loop.
 */
export type BidiStreamingHandler<I extends DescMessage, O extends DescMessage, C = CallContext> = (
  requests: AsyncIterable<MessageShape<I>>,
  context: C,
  out: Outbound<MessageInitShape<O>>,
) => Promise<void>;

/** The handler of each kind of method. sitq has no client-streaming ones. */
export interface HandlersByKind<I extends DescMessage, O extends DescMessage, C = CallContext> {
  readonly unary: UnaryHandler<I, O, C>;
  readonly server_streaming: ServerStreamingHandler<I, O, C>;
  readonly bidi_streaming: BidiStreamingHandler<I, O, C>;
  readonly client_streaming: never;
}

/** The handler of one method. */
export type MethodHandler<M extends DescMethod, C = CallContext> = HandlersByKind<
  M["input"],
  M["output"],
  C
>[M["methodKind"]];

/** The handlers of a service by the local names of its methods. `C` is the context that each is called with. */
export type ServiceHandlers<S extends DescService, C = CallContext> = {
  readonly [K in keyof S["method"]]: MethodHandler<S["method"][K], C>;
};
