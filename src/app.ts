import { AggregatedDiscoveryService } from "../gen/envoy/service/discovery/v3/discovery_pb.js";
import { PeerService } from "../gen/peers/v1/peer_service_pb.js";
import { AccessService } from "../gen/sitq/v1/access_service_pb.js";
import { AdminService } from "../gen/sitq/v1/admin_service_pb.js";
import { EventService } from "../gen/sitq/v1/event_service_pb.js";
import { MonitorService } from "../gen/sitq/v1/monitor_service_pb.js";
import { QueueService } from "../gen/sitq/v1/queue_service_pb.js";
import { RegistryService } from "../gen/sitq/v1/registry_service_pb.js";
import { WorkerService } from "../gen/sitq/v1/worker_service_pb.js";
import { WorkflowService } from "../gen/sitq/v1/workflow_service_pb.js";
import { makeFirstAdmin } from "./access/first-admin.ts";
import type { IssuerVerifier } from "./access/jwt.ts";
import { OpenCalls } from "./access/open-calls.ts";
import { advertisedAddress, createClusterOf, joinCluster, shownToServers } from "./cluster-of-store.ts";
import { type Config, clientAuthOf, servesReflection } from "./config/settings.ts";
import { readBundle } from "./console/bundle.ts";
import { consoleRoutes } from "./console/console-routes.ts";
import { type Clock, systemClock } from "./domain/clock.ts";
import type { Log } from "./domain/log.ts";
import type { Random } from "./domain/random.ts";
import { type Service, startAll, stopAll } from "./domain/service.ts";
import type { HttpRoute } from "./http/route.ts";
import { createEventLoopWatch } from "./maintenance/event-loop-watch.ts";
import { Metrics } from "./metrics/metrics.ts";
import { metricsRoute } from "./metrics/metrics-route.ts";
import { type OpenStore, openStore as openByConfig } from "./open-store.ts";
import { accessServiceHandlers } from "./rpc/access/access-service.ts";
import { callAuthenticator, jwtVerifierOf } from "./rpc/access/authenticate.ts";
import { sessionRoute } from "./rpc/access/session-route.ts";
import { adminServiceHandlers } from "./rpc/admin/admin-service.ts";
import { type Backups, createBackups } from "./rpc/admin/backups.ts";
import { routeAdmission } from "./rpc/calls/admit-route.ts";
import type { Authenticator } from "./rpc/calls/authorize.ts";
import { createWatchers } from "./rpc/calls/watchers.ts";
import { eventServiceHandlers } from "./rpc/events/event-service.ts";
import { monitorServiceHandlers } from "./rpc/monitor/monitor-service.ts";
import { SealedPageTokens } from "./rpc/paging/sealed-page-token.ts";
import { peerServiceHandlers } from "./rpc/peers/peer-service.ts";
import { queueServiceHandlers } from "./rpc/queue/queue-service.ts";
import { RefusalLog } from "./rpc/refusal-log.ts";
import { registryServiceHandlers } from "./rpc/registry/registry-service.ts";
import { contractRpc, createRpcServer, payloadRpc, peerRpc, type RpcServer } from "./rpc/server.ts";
import { createOversizedMessages } from "./rpc/worker/oversized-messages.ts";
import { workerServiceHandlers } from "./rpc/worker/worker-service.ts";
import { workflowServiceHandlers } from "./rpc/workflows/workflow-service.ts";
import { createXds } from "./rpc/xds/create-xds.ts";
import { createScopeLookups } from "./scope-lookups.ts";
import { createServerFacts } from "./server-facts.ts";
import type { FoundDamages, Store } from "./store/store.ts";
import { showStoreInHealth } from "./store-health.ts";
import { TlsReloader } from "./tls/tls-reloader.ts";
import type { Traces } from "./tracing/traces.ts";
import { createUseCases, type UseCases } from "./use-cases.ts";
import { version } from "./version.ts";

/** A running server. */
export interface App {
  /** Where it listens, with the port that it has taken. */
  readonly address: string;
  /** What an operator has to know at once, one sentence each. */
  readonly notices: readonly string[];
  /**
   * Drains and stops: health NOT_SERVING, `drain` to the workers, no more hand-outs, a grace for running tasks, then the
   * streams, the listener and the store, in this order. A later call with no grace at all hurries it.
   */
  close(graceMs?: number): Promise<void>;
  /** Reads the TLS files again, at once; nothing without TLS. Resolves when they are in use, or have been refused. */
  reloadTls(): Promise<void>;
  /** Where the store keeps its data, who shares it, whether there was nothing before, and as of when it is shown where it is not written. */
  readonly data: Pick<Store, "location" | "isNew" | "asOfMs" | "cluster">;
  /** Fulfilled with the cause if the storage fails for good: nothing is acknowledged any more, and the process has to go. */
  readonly failed: Promise<Error>;
}

/** What an app is made of. */
export interface AppOptions {
  readonly config: Config;
  readonly log: Log;
  readonly clock?: Clock;
  readonly random?: Random;
  /** Opens the store. Default: see open-store.ts. */
  readonly openStore?: OpenStore;
  /** Records what the server does. Default: nothing does. */
  readonly traces?: Traces | null;
  /** Says who calls. Default: by the settings. */
  readonly authenticator?: Authenticator;
}

/** What to do where every call would be refused. */
const noPrincipal = (isFile: boolean) =>
  `authentication is on, and there is no principal: make the first admin by --bootstrap-token-file, or by sitq token create ${isFile ? "--db while the server is down" : "--store"}`;

/** How long calls that are open may take to end once the streams are closed, in milliseconds. */
const shutdownMs = 2_000;

/**
 * Builds the parts, takes over what is on the disk, and begins to listen.
 *
 * @throws StoreRefused if the database cannot be used; TlsFilesRefused if the certificate cannot; FirstAdminRefused if its token
 *   cannot be left; IssuerKeysRefused if the file of the issuer's keys cannot be used; ListenError if the address cannot be taken
 */
export async function startApp(options: AppOptions): Promise<App> {
  const { config, log } = options;
  const tls = await openTls(options);
  let damages = 0;
  const store = await openStoreOf(options, (found) => {
    damages += found.setAside.length + found.leftOut.length;
  });
  const facts = { damages: () => damages, certificateExpireMs: () => tls?.expireMs ?? null };
  const cluster = createClusterOf(store, { ...options, tls: shownToServers(config, tls) });
  const parts = createUseCases({ ...options, ...facts, cluster }, store);
  const backups = createBackups();
  const jwt = config.auth === "on" ? jwtVerifierOf(config, { clock: parts.clock, log }) : null;
  const pages = config.console === "on" ? consoleRoutes(await readBundle()) : [];
  const rpc = createRpc(options, parts, { backups, tls, jwt, pages });
  const { directory, queueSystem, clockJumps, feeds } = parts;
  const files = [tls, jwt].filter((each) => each !== null);
  // It is the machine's loop that it watches, whatever clock the app has.
  const loopWatch = createEventLoopWatch(systemClock, log);
  const services: readonly Service[] = [backups, ...parts.services, ...feeds, ...files, loopWatch];
  /** They stop in reverse order: first what would hold up the others, last what all of them use. */
  const stoppable = [
    { stop: async () => options.traces?.stop() },
    { stop: () => store.close() },
    // What comes after its end is not committed any more.
    cluster,
    parts.auditLog,
    { stop: () => rpc.stop(shutdownMs) },
    ...services,
  ];
  try {
    await cluster.start();
    await directory.load();
    const { bootstrapTokenFilePath: path } = config;
    if (path !== null) await makeFirstAdmin({ path, directory, auditLog: parts.auditLog, log });
    const isLockedOut = config.auth === "on" && config.jwtIssuer === null && directory.listPrincipals().length === 0;
    if (isLockedOut) log.warn({}, noPrincipal(config.storeUrl === null));
    await startAll(services);
    await rpc.start();
    await joinCluster(cluster, config, rpc.address, tls);
  } catch (error) {
    await stopAll(stoppable);
    throw error;
  }
  rpc.health.setAll(true);
  showStoreInHealth(store, rpc, log);

  const hurry = Promise.withResolvers<void>();
  let closed: Promise<void> | null = null;
  async function drainAndStop(graceMs: number): Promise<void> {
    rpc.health.setAll("draining");
    await stopAll(feeds);
    await Promise.race([queueSystem.drain(graceMs), hurry.promise]);
    store.giveUp();
    await stopAll(stoppable);
  }
  return {
    get address() {
      return rpc.address;
    },
    reloadTls: async () => tls?.reload(),
    data: store,
    notices: clockJumps.notice === null ? [] : [clockJumps.notice],
    failed: store.failed,
    close(graceMs = config.drainGraceMs) {
      if (closed !== null && graceMs === 0) hurry.resolve();
      closed ??= drainAndStop(graceMs);
      return closed;
    },
  };
}

/** Reads the server's TLS files; `null` if it has none. */
async function openTls({ config, log, clock = systemClock }: AppOptions): Promise<TlsReloader | null> {
  const { tlsCertPath: certPath, tlsKeyPath: keyPath, tlsClientCaPath: clientCaPath } = config;
  if (certPath === null || keyPath === null) return null;
  return TlsReloader.open({ paths: { certPath, keyPath, clientCaPath }, clock, log });
}

/** Opens the store, and logs what is wrong with its file. */
async function openStoreOf(
  { config, log, openStore = openByConfig }: AppOptions,
  onDamages: (found: FoundDamages) => void,
): Promise<Store> {
  const store = await openStore(config, (found) => {
    const { setAside, leftOut } = found;
    onDamages(found);
    if (setAside.length > 0) {
      const facts = { task_ids: setAside };
      log.error(facts, "damaged tasks in the database: they are FAILED with DATA_LOSS and not handed out");
    }
    if (leftOut.length > 0) {
      log.error({ damaged: leftOut }, "damaged content in the database: it is left out of answers");
    }
  });
  for (const { text, facts } of store.warnings) log.warn(facts, text);
  return store;
}

/** What the gRPC server needs beside the use cases. */
interface RpcParts {
  readonly backups: Backups;
  /** `null`: connections have no TLS. */
  readonly tls: TlsReloader | null;
  /** `null`: no JWTs are taken. */
  readonly jwt: IssuerVerifier | null;
  /** The console. */
  readonly pages: readonly HttpRoute[];
}

/** Creates the gRPC server of the use cases. */
function createRpc(
  { config, log, authenticator: injected, traces = null }: AppOptions,
  parts: UseCases,
  { backups, tls, jwt, pages }: RpcParts,
): RpcServer {
  const { clock, store, cluster, directory, queueSystem, workflows, registry, broker, fanOut } = parts;
  const { maxPayloadBytes, maxIdleMessages } = config;
  const oversized = createOversizedMessages(log, (session) => queueSystem.forfeit(session));
  const watchers = createWatchers(config, fanOut);
  const admin = adminServiceHandlers({
    queueSystem,
    cluster,
    workers: queueSystem.allWorkers,
    address: () => advertisedAddress(config, rpc.address),
    backups: backups.running,
    stopping: backups.stopping,
    log,
    version,
    startMs: clock.now(),
    storeEngine: store.engine,
    fileView: store.asOfMs === null ? null : { path: store.location, asOfMs: store.asOfMs },
    certificateExpireMs: () => tls?.expireMs ?? null,
  });
  const xds = createXds({ registry, fanOut, clock, log, watchers, maxIdleMessages });
  const lookups = createScopeLookups({ store, workers: queueSystem.allWorkers, registry });
  const pageTokens = new SealedPageTokens(store);
  const provers = { directory: config.auth === "on" ? directory : null, jwt, isShared: store.cluster !== null };
  const authenticator = injected ?? callAuthenticator(provers, config, { clock, log });
  const isOff = injected === undefined && provers.directory === null;
  const openCalls = isOff ? null : new OpenCalls(clock, authenticator.changes ?? null);
  const auditLog = isOff ? null : parts.auditLog;
  const authority = { authenticator, lookups, auditLog, openCalls, isReadOnly: store.asOfMs !== null };
  const facts = createServerFacts(parts, watchers, xds.tally, () => rpc.countConnections());
  const metrics = config.metrics === "on" ? new Metrics({ store, clock, version, readServer: facts }) : null;
  const refusals = new RefusalLog({ log, clock });
  const rpc: RpcServer = createRpcServer({
    services: (stopping) => [
      payloadRpc(
        QueueService,
        queueServiceHandlers({
          queueSystem,
          pageTokens,
          watchers,
          clock,
          log,
          maxPayloadBytes,
          maxIdleMessages,
          stopping,
        }),
        authority,
      ),
      payloadRpc(
        WorkerService,
        workerServiceHandlers({ queueSystem, clock, log, oversized, maxPayloadBytes, maxIdleMessages }),
        authority,
      ),
      payloadRpc(
        WorkflowService,
        workflowServiceHandlers({ workflows, lookups, pageTokens, watchers, clock, maxPayloadBytes }),
        authority,
      ),
      contractRpc(RegistryService, registryServiceHandlers(registry, watchers, xds.clients), authority),
      payloadRpc(EventService, eventServiceHandlers({ broker, pageTokens, watchers, log, maxPayloadBytes }), authority),
      contractRpc(AggregatedDiscoveryService, xds.handlers, authority),
      contractRpc(MonitorService, monitorServiceHandlers(parts.monitor, watchers), authority),
      contractRpc(AdminService, admin, authority),
      contractRpc(
        AccessService,
        accessServiceHandlers(store.asOfMs === null ? provers.directory : directory, parts.auditLog),
        authority,
      ),
      ...(cluster.serverId === null
        ? []
        : [peerRpc(PeerService, peerServiceHandlers(cluster, queueSystem.workers, stopping))]),
    ],
    listen: config.listen,
    tls: tls && { clientAuth: clientAuthOf(config), certificates: tls },
    reflection: servesReflection(config),
    http:
      config.http === "off"
        ? null
        : {
            routes: [sessionRoute(authority), ...(metrics === null ? [] : [metricsRoute(metrics)]), ...pages],
            admit: routeAdmission(authority),
            allowedOrigins: config.httpAllowedOrigins,
          },
    onRefused(call) {
      refusals.refused(call);
      metrics?.refused(call.reason);
    },
    clock,
    log,
    settings: config,
    observer: traces,
  });
  return rpc;
}
