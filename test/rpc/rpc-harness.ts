import { type ClientHttp2Session, type ClientHttp2Stream, connect, type IncomingHttpHeaders } from "node:http2";
import { createConnection, type Socket } from "node:net";
import { type DescService, fromBinary } from "@bufbuild/protobuf";
import { type Client as GrpcClient, setLogger } from "@grpc/grpc-js";
import { onTestFinished } from "vitest";
import { StatusSchema } from "../../gen/google/rpc/status_pb.js";
import { QueueService } from "../../gen/sitq/v1/queue_service_pb.js";
import { WorkerService } from "../../gen/sitq/v1/worker_service_pb.js";
import type { HostPort } from "../../src/contract/host-port.ts";
import type { Clock } from "../../src/domain/clock.ts";
import { systemClock } from "../../src/domain/clock.ts";
import { type CallError, callErrorFromStatus } from "../../src/grpc/client/call-error.ts";
import { createChannel } from "../../src/grpc/client/channel.ts";
import { type Client, createClient } from "../../src/grpc/client/client.ts";
import type { ServiceHandlers } from "../../src/grpc/handlers.ts";
import type { HttpRoute } from "../../src/http/route.ts";
import type { ServerTls } from "../../src/rpc/handshakes.ts";
import {
  createRpcServer,
  type HttpOptions,
  type RpcServer,
  type RpcServerOptions,
  type RpcService,
  rpcService,
} from "../../src/rpc/server.ts";
import type { RpcServerSettings } from "../../src/rpc/server-settings.ts";
import { createCondition } from "../harness/condition.ts";

/** One line of the log. */
export interface LogEntry {
  readonly facts: Readonly<Record<string, unknown>>;
  readonly message: string;
}

/** What a test changes of its server. */
export interface RpcHarnessOptions {
  readonly queue?: Partial<ServiceHandlers<typeof QueueService>>;
  readonly worker?: Partial<ServiceHandlers<typeof WorkerService>>;
  readonly clock?: Clock;
  readonly settings?: Partial<RpcServerSettings>;
  readonly listen?: HostPort;
  readonly tls?: ServerTls;
  /** Default: on. */
  readonly reflection?: boolean;
  /** What it answers over HTTP beside health. */
  readonly routes?: readonly HttpRoute[];
  /** Lets the callers of routes in. Default: all of them. */
  readonly admit?: HttpOptions["admit"];
  readonly allowedOrigins?: readonly string[];
  /** Called with each refusal. */
  readonly onRefused?: RpcServerOptions["onRefused"];
}

/** A running server with a channel to it; both are closed at the end of the test. */
export interface RpcHarness {
  readonly server: RpcServer;
  readonly address: string;
  readonly channel: GrpcClient;
  readonly log: readonly LogEntry[];
  /** Resolves once so many lines have been logged. */
  logged(lines: number): Promise<void>;
  client<S extends DescService>(desc: S): Client<S>;
}

/** The settings of a server in a test. */
export const testSettings: RpcServerSettings = {
  maxReceiveBytes: 4_194_304,
  maxUnfinishedBytes: 67_108_864,
  maxConnections: 10_000,
  maxConnectionsPerAddress: 1_000,
  maxConcurrentStreams: 150,
  maxSessionMemoryBytes: 64_000_000,
  maxIdlePings: 600,
  maxWatchersPerPrincipal: 2_000,
  maxHeaderBytes: 16_384,
  maxHeaderFields: 128,
  firstMessageTimeoutMs: 10_000,
  connectionIdleTimeoutMs: 300_000,
  keepaliveTimeMs: 30_000,
  keepaliveTimeoutMs: 10_000,
};

/** Handlers of which a test needs only some; the others reject. */
export function handlersOf<S extends DescService>(desc: S, some: Partial<ServiceHandlers<S>>): ServiceHandlers<S> {
  const others = desc.methods.map((method) => [
    method.localName,
    () => Promise.reject(new Error(`${method.name} has no part in this test`)),
  ]);
  return { ...Object.fromEntries(others), ...some } as ServiceHandlers<S>;
}

/** Makes a server of QueueService and WorkerService; nobody has started it. */
export function makeServer(options: RpcHarnessOptions = {}): Pick<RpcHarness, "server" | "log" | "logged"> {
  // What grpc-js says of hostile clients is expected here.
  setLogger({});
  const log: LogEntry[] = [];
  const condition = createCondition();
  const record = (facts: LogEntry["facts"], message: string) => {
    log.push({ facts, message });
    condition.changed();
  };
  const services: RpcService[] = [
    rpcService(QueueService, handlersOf(QueueService, options.queue ?? {})),
    rpcService(WorkerService, handlersOf(WorkerService, options.worker ?? {})),
  ];
  const server = createRpcServer({
    services: () => services,
    listen: options.listen ?? { host: "127.0.0.1", port: 0 },
    tls: options.tls ?? null,
    reflection: options.reflection ?? true,
    http: {
      routes: options.routes ?? [],
      admit: options.admit ?? (() => undefined),
      allowedOrigins: options.allowedOrigins ?? [],
    },
    ...(options.onRefused && { onRefused: options.onRefused }),
    clock: options.clock ?? systemClock,
    log: { error: record, warn: record },
    settings: { ...testSettings, ...options.settings },
  });
  onTestFinished(() => server.stop(0));
  const logged = (lines: number) => condition.until(() => log.length >= lines, `${lines} lines were logged`);
  return { server, log, logged };
}

/** Starts a server and opens a channel to it. */
export async function startRpcHarness(options: RpcHarnessOptions = {}): Promise<RpcHarness> {
  const { server, log, logged } = makeServer(options);
  await server.start();
  const channel = openChannel(server.address);
  const client = <S extends DescService>(desc: S) => createClient(desc, channel);
  return { server, address: server.address, channel, log, logged, client };
}

/** A channel that is closed at the end of the test. */
export function openChannel(address: string, options?: Parameters<typeof createChannel>[1]): GrpcClient {
  const channel = createChannel(address, options);
  onTestFinished(() => channel.close());
  return channel;
}

/** A bare TCP connection. @param localAddress where it comes from: another one is another client */
export async function openSocket(address: string, localAddress = "127.0.0.1"): Promise<Socket> {
  const port = Number(address.slice(address.lastIndexOf(":") + 1));
  const socket = createConnection({ port, host: "127.0.0.1", localAddress });
  onTestFinished(() => void socket.destroy());
  // The server may well cut it off.
  socket.on("error", () => undefined);
  await new Promise((resolve) => socket.once("connect", resolve));
  return socket;
}

/** A bare HTTP/2 connection, for what no gRPC client would do. @param localAddress where it comes from */
export function openHttp2(address: string, localAddress = "127.0.0.1"): ClientHttp2Session {
  // `connect` hands them on to the socket, which its types do not say.
  // By default a client of Node's that has much to send has no memory for answers.
  const options: object = { localAddress, maxSessionMemory: 1_000 };
  const session = connect(`http://${address}`, options);
  session.on("error", () => undefined);
  onTestFinished(() => session.destroy());
  return session;
}

/** How a call over bare HTTP/2 ended. */
export interface RawCall {
  readonly stream: ClientHttp2Stream;
  /** The status as an error, whatever its code is. */
  readonly status: Promise<CallError>;
}

/** Begins a call: the headers and nothing else. */
export function rawCall(session: ClientHttp2Session, path: string, headers: Record<string, string> = {}): RawCall {
  const stream = session.request(
    { ":method": "POST", ":path": path, "content-type": "application/grpc", te: "trailers", ...headers },
    { endStream: false },
  );
  stream.on("error", () => undefined);
  stream.resume();
  const status = new Promise<CallError>((resolve, reject) => {
    const take = (received: IncomingHttpHeaders) => {
      if (received["grpc-status"] !== undefined) resolve(statusIn(received));
    };
    stream.on("response", take);
    stream.on("trailers", take);
    stream.on("close", () => reject(new Error("closed without a status")));
  });
  // A test that only wants the stream need not look at it.
  status.catch(() => undefined);
  return { stream, status };
}

function statusIn(headers: IncomingHttpHeaders): CallError {
  const details = Buffer.from(String(headers["grpc-status-details-bin"] ?? ""), "base64");
  const status = fromBinary(StatusSchema, details);
  status.code = Number(headers["grpc-status"]);
  status.message = decodeURI(String(headers["grpc-message"] ?? ""));
  return callErrorFromStatus(status);
}

/** A gRPC message's frame: a flag, the length, and the bytes. */
export function frame(bytes: Uint8Array, { flag = 0, length = bytes.length } = {}): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt8(flag, 0);
  head.writeUInt32BE(length, 1);
  return Buffer.concat([head, bytes]);
}

/** The error that a call fails with. */
export async function failureOf(call: Promise<unknown>): Promise<CallError> {
  const outcome = await call.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  if ("value" in outcome) throw new Error("the call succeeded");
  return outcome.error as CallError;
}

/** Everything that a stream brings. */
export async function collect<T>(messages: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const message of messages) all.push(message);
  return all;
}
