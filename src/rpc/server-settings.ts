import type { ServerOptions } from "@grpc/grpc-js";
import type { HeaderBounds } from "../grpc/server/header-bound.ts";
import type { PingBounds } from "./limits/ping-bound.ts";

/** The bounds that keep one client from harming the others; grpc-js by itself has none of them. */
export interface RpcServerSettings extends HeaderBounds, PingBounds {
  /** The largest message that is taken, decompressed. */
  readonly maxReceiveBytes: number;
  /** Bytes of large messages that a principal, or without authentication an address, may have unfinished; others wait. */
  readonly maxUnfinishedBytes: number;
  /** Connections at a time; further ones are closed at once. */
  readonly maxConnections: number;
  /** Connections of one client address at a time, of IPv6 of one network of 64 bits; further ones are closed at once. */
  readonly maxConnectionsPerAddress: number;
  /** Streams without credentials that one client address may have open at a time: watches of health, and reflection. */
  readonly maxWatchersPerPrincipal: number;
  /** Calls that one connection may have open at a time. */
  readonly maxConcurrentStreams: number;
  /** What one connection may hold in HTTP/2 buffers before new calls on it are refused; Node counts it in whole megabytes. */
  readonly maxSessionMemoryBytes: number;
  /** How long a call's first message may stand still. */
  readonly firstMessageTimeoutMs: number;
  /** How long a connection may be without calls before it is closed. */
  readonly connectionIdleTimeoutMs: number;
  /** How often a connection is asked whether it lives. */
  readonly keepaliveTimeMs: number;
  /** How long it has to answer. */
  readonly keepaliveTimeoutMs: number;
}

/** The largest message that is sent: what gRPC clients take by default. */
const maxSendBytes = 4_194_304;

/**
 * The same as options of grpc-js.
 *
 * `grpc.enable_channelz` stays as it is: without it grpc-js does not know its connections, and forceShutdown leaves them open.
 */
export function serverOptions(settings: RpcServerSettings): ServerOptions {
  return {
    "grpc.max_receive_message_length": settings.maxReceiveBytes,
    "grpc.max_send_message_length": maxSendBytes,
    "grpc.max_concurrent_streams": settings.maxConcurrentStreams,
    "grpc-node.max_session_memory": Math.ceil(settings.maxSessionMemoryBytes / 1_000_000),
    "grpc.max_connection_idle_ms": settings.connectionIdleTimeoutMs,
    "grpc.keepalive_time_ms": settings.keepaliveTimeMs,
    "grpc.keepalive_timeout_ms": settings.keepaliveTimeoutMs,
  };
}
