import type { Server as NetServer } from "node:net";
import type { DescService } from "@bufbuild/protobuf";
import { Server, ServerCredentials, type ServiceDefinition, type UntypedServiceImplementation } from "@grpc/grpc-js";
import { file_google_rpc_error_details } from "../../gen/google/rpc/error_details_pb.js";
import { Health } from "../../gen/grpc/health/v1/health_pb.js";
import { ServerReflection as ReflectionV1 } from "../../gen/grpc/reflection/v1/reflection_pb.js";
import { ServerReflection as ReflectionV1Alpha } from "../../gen/grpc/reflection/v1alpha/reflection_pb.js";
import { formatHostPort, type HostPort, isLoopback } from "../contract/host-port.ts";
import { traceFacts, traceFields } from "../contract/trace-context.ts";
import type { Clock } from "../domain/clock.ts";
import type { Log } from "../domain/log.ts";
import type { Decoding } from "../grpc/codec.ts";
import { handleUnknownPaths, keepFromIdling, listenersOf, setHttp2Options } from "../grpc/grpc-internals.ts";
import type { ServiceHandlers } from "../grpc/handlers.ts";
import { callGuard, type RefusedCall } from "../grpc/server/call-guard.ts";
import { createDecompression } from "../grpc/server/decompression.ts";
import { boundHeaders, headerOptions } from "../grpc/server/header-bound.ts";
import { type CallObserver, implementation, type ServeOptions, serviceDefinition } from "../grpc/server/serve.ts";
import { trafficOn } from "../grpc/server/session-traffic.ts";
import { TlsServerCredentials } from "../grpc/server/tls-credentials.ts";
import { unknownMethod } from "../grpc/server/unknown-method.ts";
import type { HttpService } from "../http/connect/served-method.ts";
import { Refusals } from "../http/exchange/errors.ts";
import { HttpServer, type HttpServerOptions } from "../http/http-server.ts";
import { type Authority, authorizeCalls, type SignIn, signInsOf } from "./calls/authorize.ts";
import type { RpcContext } from "./calls/rpc-context.ts";
import { statusObjectOf, statusOf } from "./calls/status.ts";
import { type ServerTls, watchHandshakes } from "./handshakes.ts";
import { createLargeMessages } from "./large-messages.ts";
import { AddressWatchers } from "./limits/address-watchers.ts";
import { boundConnections } from "./limits/connection-bound.ts";
import { boundPings } from "./limits/ping-bound.ts";
import { bind } from "./listen.ts";
import { type RpcServerSettings, serverOptions } from "./server-settings.ts";
import { createDescriptorIndex } from "./standard/descriptor-index.ts";
import { healthHandlers } from "./standard/health.ts";
import { createHealthRegistry, type HealthRegistry } from "./standard/health-registry.ts";
import { healthRoutes } from "./standard/health-routes.ts";
import { reflectionAlphaHandlers, reflectionHandlers } from "./standard/reflection.ts";

/** A service with handlers that fit it; `rpcService` makes it. */
export interface RpcService {
  readonly desc: DescService;
  /** What grpc-js needs to know of it. */
  readonly definition: ServiceDefinition;
  /** How callers are found before their requests are there, by the paths of methods; none: the service asks for no credentials. */
  readonly signIns: ReadonlyMap<string, SignIn>;
  /** What serves it over HTTP; `null`: nothing does. */
  readonly http: HttpService | null;
  /** Whether clients are shown it, by health and reflection. */
  readonly isShown: boolean;
  /** Wraps the handlers for grpc-js. */
  implement(options: ServeOptions): UntypedServiceImplementation;
}

/**
 * Pairs a service with its handlers.
 *
 * @param decoding how requests are decoded
 */
export function rpcService<S extends DescService>(
  desc: S,
  handlers: ServiceHandlers<S>,
  decoding: Decoding = "whole",
): RpcService {
  return {
    desc,
    definition: serviceDefinition(desc, decoding),
    signIns: new Map(),
    http: { methods: desc.methods, handlers, decoding },
    isShown: true,
    implement: (options) => implementation(desc, handlers, options),
  };
}

/** As `rpcService`, of a service that servers call and no client: it is neither shown nor served over HTTP. */
export function peerRpc<S extends DescService>(desc: S, handlers: ServiceHandlers<S>): RpcService {
  return { ...rpcService(desc, handlers), http: null, isShown: false };
}

/** As `rpcService`, of a service of the contract: only those call it who may. */
export function contractRpc<S extends DescService>(
  desc: S,
  handlers: ServiceHandlers<S, RpcContext>,
  authority: Authority,
  decoding: Decoding = "whole",
): RpcService {
  const service = rpcService(desc, authorizeCalls(desc, handlers, authority), decoding);
  return { ...service, signIns: signInsOf(desc, authority) };
}

/** As `contractRpc`, of a service whose requests carry payloads: its handlers get them undecoded, as `fromPayload` reads them. */
export function payloadRpc<S extends DescService>(
  desc: S,
  handlers: ServiceHandlers<S, RpcContext>,
  authority: Authority,
): RpcService {
  return contractRpc(desc, handlers, authority, "opaque");
}

/** What a server serves over HTTP. */
export interface HttpOptions extends Pick<HttpServerOptions, "routes" | "admit"> {
  /** Whose pages may call beside the server's own: `https://console.example`. */
  readonly allowedOrigins: readonly string[];
}

/** What a server is made of. */
export interface RpcServerOptions {
  /**
   * What it serves, beside health and, where it is on, reflection.
   *
   * @param stopping aborted when the server stops: ends the streams that nothing else has ended before
   */
  readonly services: (stopping: AbortSignal) => readonly RpcService[];
  /** Port 0 takes a free one. */
  readonly listen: HostPort;
  /** `null`: plaintext. */
  readonly tls: ServerTls | null;
  /** Whether it serves reflection; else its methods are not implemented, as any that the server does not have. */
  readonly reflection: boolean;
  /** What it serves over HTTP on the same port; `null`: nothing. */
  readonly http: HttpOptions | null;
  readonly clock: Clock;
  /** Called with each call that is refused. Default: nothing is. */
  readonly onRefused?: (call: RefusedCall) => void;
  /** Logs unexpected errors and refused connections. */
  readonly log: Pick<Log, "error" | "warn">;
  readonly settings: RpcServerSettings;
  /** Sees calls. Default: nothing does. */
  readonly observer?: CallObserver | null;
}

/** A gRPC server with health, and reflection where it is on. */
export interface RpcServer {
  /** Where it listens, with the port that it has taken; before `start`, where it is to listen. */
  readonly address: string;
  /** Its health for clients: NOT_SERVING until it is set. */
  readonly health: HealthRegistry;
  /** How many connections are open. */
  countConnections(): Promise<number>;
  /** Begins to listen. It throws a ListenError where it cannot, and after `stop`. */
  start(): Promise<void>;
  /**
   * Stops listening, ends the streams that follow `stopping`, waits for the calls that are open, and cuts off what still is after
   * `graceMs`. It can be called at any time and again, with a shorter grace too.
   */
  stop(graceMs: number): Promise<void>;
}

/** Makes a server. It takes connections after `start`. */
export function createRpcServer(options: RpcServerOptions): RpcServer {
  const { clock, log, settings, observer = null } = options;
  const stopping = new AbortController();
  const { health, services } = withStandardServices(options, stopping.signal);

  const signIns = new Map(services.flatMap((service) => [...service.signIns]));
  const largeMessages = createLargeMessages(settings, signIns, log);
  const decompress = createDecompression(settings.maxReceiveBytes);
  const onRefused = options.onRefused && ofKnownPaths(options.onRefused, pathsOf(services, options.http));
  const guard = callGuard({ ...settings, clock, largeMessages, decompress, ...(onRefused && { onRefused }) });
  const server = new Server({ ...serverOptions(settings), interceptors: [guard] });
  setHttp2Options(server, { ...headerOptions(settings), allowHTTP1: options.http !== null });
  handleUnknownPaths(server, unknownMethod);
  const onError: ServeOptions["onError"] = (error, method, { metadata }) =>
    statusObjectOf(error, log, method, traceFacts(String(metadata.get(traceFields.parent)[0])));
  for (const { definition, implement } of services) server.addService(definition, implement({ onError, observer }));

  const http =
    options.http &&
    createHttp({ ...options, ...(onRefused && { onRefused }) }, options.http, {
      server,
      health,
      services,
      largeMessages,
      decompress,
    });

  let address = formatHostPort(options.listen);
  let closed: Promise<void> | null = null;
  let listeners: readonly NetServer[] = [];
  return {
    health,
    get address() {
      return address;
    },

    async start() {
      address = await bind(server, options.listen, credentialsOf(options.tls, settings));
      listeners = listenersOf(server);
      boundHeaders(listeners, settings, clock.after);
      http?.attach(listeners);
      boundConnections(listeners, settings, { clock, log });
      boundPings(listeners, settings, (session) => trafficOn(session).sentMessages, { clock, log });
      if (options.tls !== null) watchHandshakes(listeners, { clock, log });
    },

    async countConnections() {
      const counts = await Promise.all(listeners.map((listener) => connectionsOf(listener)));
      return counts.reduce((sum, n) => sum + n, 0);
    },

    async stop(graceMs) {
      health.setAll("stopping");
      stopping.abort();
      http?.stop();
      closed ??= new Promise((resolve) => server.tryShutdown(() => resolve()));
      // Not the end of tryShutdown alone: a peer that leaves its half of the connection open can delay it indefinitely.
      const { promise: cutOff, resolve } = Promise.withResolvers<void>();
      const callOff = clock.after(graceMs, () => {
        server.forceShutdown();
        http?.cutOff();
        // The handlers of cut-off calls run first.
        clock.afterIo(resolve);
      });
      await Promise.race([closed, cutOff]);
      callOff();
    },
  };
}

/** The paths of all methods and routes. */
function pathsOf(services: readonly RpcService[], http: HttpOptions | null): ReadonlySet<string> {
  const methods = services.flatMap(({ definition }) => Object.values(definition).map(({ path }) => path));
  return new Set([...methods, ...(http?.routes ?? []).map(({ path }) => path)]);
}

/** Leaves out paths that there are none of: a client chose them, and could have a secret written into the log by mistake. */
function ofKnownPaths(report: (call: RefusedCall) => void, paths: ReadonlySet<string>): (call: RefusedCall) => void {
  return (call) => report(paths.has(call.method) ? call : { ...call, method: "unknown" });
}

function connectionsOf(listener: NetServer): Promise<number> {
  // Of a listener that is closed it says what is left.
  return new Promise((resolve) => listener.getConnections((_, count) => resolve(count ?? 0)));
}

/** What HTTP shares with gRPC. */
interface HttpParts extends Pick<HttpServerOptions, "largeMessages" | "decompress"> {
  readonly server: Server;
  readonly health: HealthRegistry;
  readonly services: readonly RpcService[];
}

/** Creates what serves HTTP beside gRPC. */
function createHttp(
  { listen, log, clock, settings, onRefused, observer = null }: RpcServerOptions,
  { routes, admit, allowedOrigins }: HttpOptions,
  { server, health, services, largeMessages, decompress }: HttpParts,
): HttpServer {
  return new HttpServer({
    routes: [...healthRoutes(health), ...routes],
    admit,
    origins: { allowed: allowedOrigins, isLocal: isLoopback(listen) },
    refusals: new Refusals({ onError: (error, path) => statusOf(error, log, path), onRefused }),
    observer,
    onHttp2Call: (stream) => keepFromIdling(server, stream),
    services: services.flatMap((service) => service.http ?? []),
    largeMessages,
    decompress,
    clock,
    settings,
  });
}

function credentialsOf(tls: ServerTls | null, { firstMessageTimeoutMs }: RpcServerSettings): ServerCredentials {
  if (tls === null) return ServerCredentials.createInsecure();
  const { clientAuth, certificates } = tls;
  const options = { clientAuth, timeoutMs: firstMessageTimeoutMs };
  const credentials = new TlsServerCredentials(certificates.context, options);
  certificates.onChange((fresh) => credentials.replace(fresh));
  return credentials;
}

/** Adds health and reflection, which cover all services, themselves included. */
function withStandardServices(options: RpcServerOptions, stopping: AbortSignal) {
  const services = options.services(stopping);
  const reflection = options.reflection ? [ReflectionV1, ReflectionV1Alpha] : [];
  const served = [...services.flatMap(({ desc, isShown }) => (isShown ? desc : [])), Health, ...reflection];
  const health = createHealthRegistry(served.map(({ typeName }) => typeName));
  const watchers = new AddressWatchers(options.settings.maxWatchersPerPrincipal);
  const all = [...services, rpcService(Health, healthHandlers(health, watchers, stopping))];
  if (!options.reflection) return { health, services: all };
  // The details of refusals are packed in google.rpc.Status, which says nothing of their types.
  const index = createDescriptorIndex(served, [file_google_rpc_error_details]);
  const shared = { index, watchers, stopping };
  all.push(
    rpcService(ReflectionV1, reflectionHandlers(shared)),
    rpcService(ReflectionV1Alpha, reflectionAlphaHandlers(shared)),
  );
  return { health, services: all };
}
