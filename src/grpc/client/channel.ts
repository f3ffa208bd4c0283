import { type ChannelOptions, Client as GrpcClient } from "@grpc/grpc-js";
import { type ConnectionSecurity, channelCredentials } from "./connection-security.ts";

/** The options of a channel. */
export interface ChannelSettings {
  /** How connections are secured, and what calls carry. Default: plaintext, and nothing. */
  readonly security?: ConnectionSecurity;
  /** Options of grpc-js, over the ones set here. */
  readonly options?: ChannelOptions;
}

/** The largest message either side takes: what every gRPC client accepts by default. */
const maxMessageBytes = 4_194_304;

const defaultOptions: ChannelOptions = {
  // A repeated call is the caller's decision.
  "grpc.enable_retries": 0,
  // Nothing is repeated, so nothing need be kept. By default grpc-js says of the first MiB of every call that it is sent when
  // it is not, so a stream that is full looks empty; and it copies the list of what waits with each message.
  "grpc.per_rpc_retry_buffer_size": 0,
  "grpc.keepalive_time_ms": 30_000,
  "grpc.keepalive_timeout_ms": 10_000,
  "grpc.max_receive_message_length": maxMessageBytes,
  "grpc.max_send_message_length": maxMessageBytes,
  // The default goes up to two minutes, long after the server is back and the leases of a worker are over.
  "grpc.initial_reconnect_backoff_ms": 100,
  "grpc.max_reconnect_backoff_ms": 3_000,
  // Of its own, so that closing the channel closes its connection.
  "grpc.use_local_subchannel_pool": 1,
};

/**
 * Opens a channel that any number of clients share. It connects at the first call and again as often as it must, until its
 * `close()`.
 *
 * @param target `host:port`, or any name that gRPC resolves
 */
export function createChannel(target: string, settings: ChannelSettings = {}): GrpcClient {
  const { security = {}, options } = settings;
  return new GrpcClient(target, channelCredentials(security), { ...defaultOptions, ...options });
}
