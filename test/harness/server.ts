import { readdir } from "node:fs/promises";
import { type Client as GrpcClient, setLogger } from "@grpc/grpc-js";
import { Health } from "../../gen/grpc/health/v1/health_pb.js";
import { AccessService } from "../../gen/sitq/v1/access_service_pb.js";
import { AdminService } from "../../gen/sitq/v1/admin_service_pb.js";
import { EventService } from "../../gen/sitq/v1/event_service_pb.js";
import { MonitorService } from "../../gen/sitq/v1/monitor_service_pb.js";
import { QueueService } from "../../gen/sitq/v1/queue_service_pb.js";
import { RegistryService } from "../../gen/sitq/v1/registry_service_pb.js";
import { WorkerService } from "../../gen/sitq/v1/worker_service_pb.js";
import { WorkflowService } from "../../gen/sitq/v1/workflow_service_pb.js";
import { type App, startApp } from "../../src/app.ts";
import { readConfig } from "../../src/config/config.ts";
import type { Config } from "../../src/config/settings.ts";
import { type Clock, systemClock } from "../../src/domain/clock.ts";
import { type Log, type LogMethod, silentLog } from "../../src/domain/log.ts";
import type { Random } from "../../src/domain/random.ts";
import { createChannel } from "../../src/grpc/client/channel.ts";
import { type Client, createClient } from "../../src/grpc/client/client.ts";
import { type OpenStore, openStore } from "../../src/open-store.ts";
import type { Authenticator } from "../../src/rpc/calls/authorize.ts";
import type { Store } from "../../src/store/store.ts";
import { createCondition } from "./condition.ts";
import { dropStoreOfTests, storeOfTests } from "./databases/store-of-tests.ts";
import { createTimeOfTests } from "./databases/time-of-tests.ts";
import type { FakeClock } from "./fake-clock.ts";
import { expectNoLeaks, trackResources } from "./leaks.ts";
import { createTempDir } from "./temp-dir.ts";

/** What a test changes of its server. */
export interface ServerOverrides {
  /** Over the defaults; `listen` is 127.0.0.1 on a free port unless it is named here. */
  readonly config?: Partial<Config>;
  /** Default: the machine's. Timers without a delay run by themselves on a fake one too, whose time a database of PostgreSQL then has as well. */
  readonly clock?: Clock | FakeClock;
  /** Default: the machine's. */
  readonly random?: Random;
  /** Stands between the server and its store. Default: nothing does. */
  readonly wrapStore?: (store: Store) => Store;
  /** Says who calls. Default: the app's. */
  readonly authenticator?: Authenticator;
  /** An existing file, which its owner removes. Default: a new file in a directory of the server's own. */
  readonly dbPath?: string;
  /** Let the test end well though the server logged an error. Default false. */
  readonly mayLogErrors?: boolean;
}

/** One line of the log. */
export interface LogEntry {
  readonly level: keyof Log;
  readonly facts: Readonly<Record<string, unknown>>;
  readonly message: string;
}

/**
 * A server in this process, a channel to it, and a client of each service. `await using server = await startServer()` stops it
 * at the end of the block.
 */
export interface TestServer extends AsyncDisposable {
  /** `127.0.0.1:port`; the same after a restart. */
  readonly address: string;
  /** The app that runs now. A test may close it itself. */
  readonly app: App;
  readonly config: Config;
  readonly dbPath: string;
  /** One connection, closed by `stop()`. */
  readonly channel: GrpcClient;
  readonly queue: Client<typeof QueueService>;
  readonly worker: Client<typeof WorkerService>;
  readonly workflow: Client<typeof WorkflowService>;
  readonly registry: Client<typeof RegistryService>;
  readonly event: Client<typeof EventService>;
  readonly monitor: Client<typeof MonitorService>;
  readonly admin: Client<typeof AdminService>;
  readonly access: Client<typeof AccessService>;
  readonly health: Client<typeof Health>;
  /** All that was logged, of every level. */
  readonly log: readonly LogEntry[];
  /** Resolves once messages that begin like this have been logged so many times, by default once. */
  logged(beginning: string, times?: number): Promise<void>;
  /** Resolves once the server knows how a fake clock was set off: see TimeOfTests. */
  timeSeen(): Promise<void>;
  /** Stops the server without grace and starts it again, same file, same address; the clients work on once it is answered. */
  restart(): Promise<void>;
  /**
   * Stops it without grace, removes its files, and throws if anything is left over: calls that had to be cut off, timers,
   * sockets, threads, files; or if the server logged an error. Idempotent.
   */
  stop(): Promise<void>;
}

/** Starts a server. */
export async function startServer(overrides: ServerOverrides = {}): Promise<TestServer> {
  // What grpc-js says of hostile clients is expected in tests.
  setLogger({});
  const { random, wrapStore = (store) => store } = overrides;
  const resources = trackResources(lively(overrides.clock ?? systemClock));
  const dir = overrides.dbPath === undefined ? await createTempDir() : null;
  const dbPath = overrides.dbPath ?? dir?.file("sitq.db") ?? "";
  const entries: LogEntry[] = [];
  const log = createCondition();
  const time = createTimeOfTests(overrides.clock);
  const open: OpenStore = async (...settings) => wrapStore(time.wrap(await openStore(...settings)));
  const options = {
    clock: resources.clock,
    log: recorder(entries, log.changed),
    openStore: open,
    ...(random && { random }),
    ...(overrides.authenticator && { authenticator: overrides.authenticator }),
  };
  let config: Config = {
    ...readConfig({}, {}),
    logLevel: "silent",
    // Written at every start; a test that wants one names it.
    diskReserveBytes: 0,
    listen: { host: "127.0.0.1", port: 0 },
    ...storeOfTests(dbPath),
    ...overrides.config,
  };

  let app: App;
  try {
    app = await startApp({ ...options, config });
  } catch (error) {
    if (dir !== null) await dropStoreOfTests(dbPath);
    await dir?.remove();
    resources.forget();
    throw error;
  }
  const { address } = app;
  config = { ...config, listen: { ...config.listen, port: Number(address.slice(address.lastIndexOf(":") + 1)) } };
  const channel = createChannel(address);
  let stopped: Promise<void> | null = null;

  /** A first call begins to drain, a second one ends that: no clock has to be moved. */
  async function closeApp(): Promise<void> {
    const closing = app.close(0);
    await Promise.all([closing, app.close(0)]);
  }

  async function stop(): Promise<void> {
    channel.close();
    resources.closing();
    await closeApp();
    const files = dir === null ? [] : (await readdir(dir.path)).filter((name) => name !== "sitq.db");
    if (dir !== null) await dropStoreOfTests(dbPath);
    await dir?.remove();
    const errors = overrides.mayLogErrors ? [] : entries.filter(({ level }) => level === "error" || level === "fatal");
    await expectNoLeaks(resources, { files, errors });
  }

  return {
    address,
    get app() {
      return app;
    },
    config,
    dbPath,
    channel,
    queue: createClient(QueueService, channel),
    worker: createClient(WorkerService, channel),
    workflow: createClient(WorkflowService, channel),
    registry: createClient(RegistryService, channel),
    event: createClient(EventService, channel),
    monitor: createClient(MonitorService, channel),
    admin: createClient(AdminService, channel),
    access: createClient(AccessService, channel),
    health: createClient(Health, channel),
    log: entries,
    logged(beginning, times = 1) {
      const found = () => entries.filter(({ message }) => message.startsWith(beginning));
      return log.until(() => found().length >= times, `${beginning} was logged`);
    },

    timeSeen: () => time.seen(),

    async restart() {
      await closeApp();
      app = await startApp({ ...options, config });
      await new Promise<void>((resolve, reject) => {
        channel.waitForReady(Date.now() + 10_000, (error) => (error ? reject(error) : resolve()));
      });
    },

    stop() {
      stopped ??= stop();
      return stopped;
    },

    [Symbol.asyncDispose]() {
      stopped ??= stop();
      return stopped;
    },
  };
}

/**
 * What the server finds due when it comes to set its timer must not wait until the test moves the clock again: on a fake clock
 * a timer without a delay runs in the next turn, as on the machine's.
 */
function lively(clock: Clock | FakeClock): Clock {
  if (!("advance" in clock)) return clock;
  return {
    now: () => clock.now(),
    monotonic: () => clock.monotonic(),
    afterIo: (action) => clock.afterIo(action),
    after(delayMs, action) {
      if (delayMs <= 0) setImmediate(() => clock.advance(0));
      return clock.after(delayMs, action);
    },
  };
}

function recorder(entries: LogEntry[], changed: () => void): Log {
  const method =
    (level: keyof Log): LogMethod =>
    (facts, message) => {
      entries.push({ level, facts, message });
      changed();
    };
  const levels = Object.keys(silentLog) as (keyof Log)[];
  return Object.fromEntries(levels.map((level) => [level, method(level)])) as Record<keyof Log, LogMethod>;
}
