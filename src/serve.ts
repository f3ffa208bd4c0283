import { FirstAdminRefused } from "./access/first-admin.ts";
import { IssuerKeysRefused } from "./access/issuer-keys.ts";
import { type App, startApp } from "./app.ts";
import { ConfigError, type Flags, readConfig } from "./config/config.ts";
import type { Config } from "./config/settings.ts";
import { systemClock } from "./domain/clock.ts";
import type { Log } from "./domain/log.ts";
import { greeting } from "./greeting.ts";
import { createLog } from "./log.ts";
import { sendGrpcLogTo } from "./rpc/grpc-log.ts";
import { ListenError } from "./rpc/listen.ts";
import { StoreRefused } from "./store/store-refused.ts";
import { TlsFilesRefused } from "./tls/tls-files.ts";
import { openTraces } from "./tracing/open-traces.ts";
import { version } from "./version.ts";

/** How the server's process ends. */
const exitCodes = { stopped: 0, failed: 1, misconfigured: 2 } as const;

/** What keeps the server from starting, and is said in a line. */
const refusals = [StoreRefused, TlsFilesRefused, FirstAdminRefused, IssuerKeysRefused, ListenError];

/** Environment names that belong to the other commands. */
const clientNames = [
  "SITQ_ADDRESS",
  "SITQ_CONTEXT",
  "SITQ_TLS",
  "SITQ_TLS_CA",
  "SITQ_TLS_CLIENT_CERT",
  "SITQ_TLS_CLIENT_KEY",
  "SITQ_TLS_SERVER_NAME",
  "SITQ_TOKEN",
  "SITQ_TOKEN_FILE",
];

/** Runs the server until a signal ends it, and answers the exit code of its process. */
export async function serve(flags: Flags): Promise<number> {
  let config: Config;
  try {
    config = readConfig(flags, process.env, clientNames);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\nSee: sitq serve --help\n`);
    return exitCodes.misconfigured;
  }
  const log = createLog({ level: config.logLevel, format: config.logFormat, clock: systemClock });
  sendGrpcLogTo(log);
  let app: App;
  try {
    const traces = await openTraces({ environment: process.env, log, version, clock: systemClock });
    app = await startApp({ config, log, traces });
  } catch (error) {
    if (!refusals.some((refusal) => error instanceof refusal)) throw error;
    process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
    return exitCodes.failed;
  }
  // Before the greeting: what reads it may send a signal at once.
  const signalled = untilSignalled(app, log);
  process.stdout.write(`${greeting(app, config)}\n`);
  if (config.tlsCertPath !== null) reloadAtHangUp(app);
  const { location: db, isNew: isNewDatabase, cluster } = app.data;
  const server = cluster === null ? {} : { server: cluster.serverId };
  const facts = { version, address: app.address, ...server, db, isNewDatabase, runtime: process.version };
  log.info(facts, "serving");
  return Promise.race([signalled, untilFailed(app)]);
}

/** How long the process runs on after its storage failed, in milliseconds: callers get the refusal before their connection ends. */
const lastWordsMs = 1_000;

/** Waits until the storage fails; open calls are then refused, as far as their callers read in time. */
async function untilFailed(app: App): Promise<number> {
  await app.failed;
  const { promise: late, resolve: giveUp } = Promise.withResolvers<void>();
  const endWait = systemClock.after(lastWordsMs, giveUp);
  await Promise.race([app.close(0), late]);
  endWait();
  return exitCodes.failed;
}

/**
 * How long a repeat of a signal counts as the same one, in milliseconds. At a Ctrl-C the terminal signals its whole foreground
 * group, and `npm start` passes on what it gets: the server hears two within milliseconds.
 */
const sameSignalMs = 500;

/** A SIGHUP reads the TLS files again. Without TLS it ends the process, as it does by itself. */
function reloadAtHangUp(app: App): void {
  process.on("SIGHUP", () => void app.reloadTls());
}

/** The first signal drains, the second one does not wait. */
async function untilSignalled(app: App, log: Log): Promise<number> {
  await new Promise<void>((onFirst) => {
    let signals = 0;
    for (const signal of ["SIGTERM", "SIGINT"] as const) {
      let heardMs = Number.NEGATIVE_INFINITY;
      process.on(signal, () => {
        const isRepeat = systemClock.monotonic() - heardMs < sameSignalMs;
        if (isRepeat) return;
        heardMs = systemClock.monotonic();
        signals++;
        log.info({ signal }, signals === 1 ? "draining; a second signal stops at once" : "stopping at once");
        if (signals === 1) onFirst();
        else void app.close(0);
      });
    }
  });
  await app.close();
  log.info({}, "stopped");
  return exitCodes.stopped;
}
