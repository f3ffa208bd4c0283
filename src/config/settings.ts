import { isLoopback } from "../contract/host-port.ts";
import { limits } from "../contract/limits.ts";
import { logFormats, logLevels } from "../domain/log.ts";
import { securitySettings } from "./security-settings.ts";
import { type Setting, setting } from "./setting.ts";
import { address, choice, count, duration, origins, size } from "./setting-kinds.ts";
import { storeSettings } from "./store-settings.ts";

const kib = 1_024;
const mib = 1_024 * kib;
const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/** Every setting of the server. The key is the field of Config, with the unit of its value. */
export const settings = {
  listen: setting(
    "listen",
    address(),
    { host: "127.0.0.1", port: 50_051 },
    "The address to listen on, for gRPC and HTTP.",
  ),
  http: setting(
    "http",
    choice(["on", "off"]),
    "on",
    "Whether the port also serves the contract over HTTP (Connect, gRPC-Web), /healthz and /readyz.",
  ),
  httpAllowedOrigins: setting(
    "http-allowed-origins",
    origins(),
    [],
    "The origins whose pages in a browser may call the server over HTTP (CORS), beside its own.",
  ),
  ...securitySettings,
  ...storeSettings,
  leaseDurationMs: setting(
    "lease-duration",
    duration(limits.leaseMinMs, limits.leaseMaxMs),
    30_000,
    "How long a worker may be silent before its tasks are given to others.",
  ),
  heartbeatIntervalMs: setting(
    "heartbeat-interval",
    duration(100, limits.leaseMaxMs / 3),
    10_000,
    "How often a worker sends a heartbeat: at most a third of the lease duration.",
  ),
  drainGraceMs: setting(
    "drain-grace",
    duration(0, limits.drainGraceMs),
    10_000,
    "How long running tasks may continue once the server is stopping.",
  ),
  maxPayloadBytes: setting(
    "max-payload-bytes",
    // A payload and a result of this size fit into one message together.
    size(kib, limits.messageBytes / 2),
    mib,
    "The largest payload or result of a task, encoded.",
  ),
  maxQueueDepth: setting(
    "max-queue-depth",
    count(1, limits.maxDepth),
    10_000_000,
    "The most unfinished tasks of a queue without its own limit.",
  ),
  retentionIntervalMs: setting(
    "retention-interval",
    duration(1_000, 24 * hourMs),
    minuteMs,
    "How often the server deletes finished tasks past their retention.",
  ),
  workflowRetentionMs: setting(
    "workflow-retention",
    duration(0, limits.retentionMs),
    7 * 24 * hourMs,
    "How long a workflow and its tasks are kept once it is at rest.",
  ),
  eventRetentionMs: setting(
    "event-retention",
    duration(limits.eventRetentionMinMs, limits.retentionMs),
    7 * 24 * hourMs,
    "How long events are kept; an event is kept at least as long as its deliveries.",
  ),
  auditRetentionMs: setting(
    "audit-retention",
    duration(hourMs, limits.retentionMs),
    90 * 24 * hourMs,
    "How long audit entries are kept.",
  ),
  maxWaitingCalls: setting(
    "max-waiting-calls",
    count(1, 1_000_000),
    2_000,
    "The most calls with new work that may wait for the store; more are refused at once.",
  ),
  maxWaitingBytes: setting(
    "max-waiting-bytes",
    size(mib, 4_096 * mib),
    64 * mib,
    "The most bytes that calls waiting for the store may carry together.",
  ),
  maxWatchers: setting(
    "max-watchers",
    count(1, 1_000_000),
    10_000,
    "The most open watches of tasks, workflows, instances and events.",
  ),
  maxWatchersPerPrincipal: setting(
    "max-watchers-per-principal",
    count(1, 1_000_000),
    2_000,
    "The most open watches of one principal, when authentication is on; of health, and streams of reflection, the most of one address.",
  ),
  maxReceiveBytes: setting(
    "max-receive-bytes",
    size(limits.leastReceiveBytes, 64 * mib),
    4 * mib,
    "The largest message that the server accepts: at least the largest payload and 64 KiB.",
  ),
  maxUnfinishedBytes: setting(
    "max-unfinished-bytes",
    size(mib, 4_096 * mib),
    64 * mib,
    "The most bytes of messages larger than 64 KiB that one principal may have unfinished, or one client address (of IPv6: one /64) without authentication; more wait.",
  ),
  maxConnections: setting(
    "max-connections",
    count(1, 1_000_000),
    10_000,
    "The most open connections; more are closed at once and logged.",
  ),
  maxConnectionsPerAddress: setting(
    "max-connections-per-address",
    count(1, 1_000_000),
    1_000,
    "The most open connections of one client address (of IPv6: one /64); more are closed at once and logged.",
  ),
  maxConnectionsPerPrincipal: setting(
    "max-connections-per-principal",
    count(1, 1_000_000),
    2_000,
    "The most open connections over which one principal calls, when authentication is on; calls over more are refused.",
  ),
  maxFailedSignIns: setting(
    "max-failed-sign-ins",
    count(2, 1_000_000),
    60,
    "The most calls with invalid credentials of one client address (of IPv6: one /64) that are answered in a minute, half of them slowly; more are refused for a minute.",
  ),
  maxConcurrentStreams: setting(
    "max-concurrent-streams",
    count(1, 1_000_000),
    150,
    "The most open calls of one connection; a worker's stream is one.",
  ),
  maxIdleMessages: setting(
    "max-idle-messages",
    count(10, 1_000_000),
    1_200,
    "The most messages without work that one stream may send in a minute: at least twice as many as heartbeats.",
  ),
  maxIdlePings: setting(
    "max-idle-pings",
    count(10, 1_000_000),
    600,
    "The most pings and SETTINGS that one connection may send in a minute without a message of the server between them.",
  ),
  maxSessionMemoryBytes: setting(
    "max-session-memory",
    size(mib, 4_096 * mib),
    64 * mib,
    "The most memory of one connection for unread and unwritten data.",
  ),
  maxHeaderBytes: setting(
    "max-header-bytes",
    size(4 * kib, 64 * kib),
    16 * kib,
    "The largest headers of one call: names and values, and 32 bytes for each field.",
  ),
  maxHeaderFields: setting(
    "max-header-fields",
    count(32, 1_000),
    128,
    "The most header fields of one call, gRPC's own among them.",
  ),
  firstMessageTimeoutMs: setting(
    "first-message-timeout",
    duration(100, 10 * minuteMs),
    10_000,
    "How long the first message of a call may stall: no data, or less than 10 KB/s.",
  ),
  connectionIdleTimeoutMs: setting(
    "connection-idle-timeout",
    duration(1_000, 24 * hourMs),
    5 * minuteMs,
    "How long a connection without a call stays open.",
  ),
  keepaliveTimeMs: setting(
    "keepalive-time",
    duration(1_000, 2 * hourMs),
    30_000,
    "How long a connection may be silent before the server pings its peer.",
  ),
  keepaliveTimeoutMs: setting(
    "keepalive-timeout",
    duration(100, 10 * minuteMs),
    10_000,
    "How long to wait for the ping's answer before the connection is closed.",
  ),
  console: setting(
    "console",
    choice(["on", "off"]),
    "on",
    "Whether the server shows its console, the page for operators, at /console/.",
  ),
  metrics: setting(
    "metrics",
    choice(["off", "on"]),
    "off",
    "Whether the server counts what happens, and serves it at /metrics for Prometheus.",
  ),
  metricsQueues: setting(
    "metrics-queues",
    count(1, 10_000),
    100,
    "How many queues, and subscriptions, have figures of their own; those of more are added up as `other`.",
  ),
  logLevel: setting("log-level", choice(logLevels), "info", "How much the server logs to standard error."),
  logFormat: setting(
    "log-format",
    choice(logFormats),
    "auto",
    "The log's format: json: one object per line; text: for people; auto: text if standard error is a terminal.",
  ),
} as const;

/** Settings of earlier versions, and what is said instead: a server that ignored one would do what its operator does not expect. */
export const formerSettings = [
  { flag: "--allow-remote", environment: "SITQ_ALLOW_REMOTE", successor: settings.insecure },
] as const;

type ValueOf<S> = S extends Setting<infer T> ? T : never;

/** The value of every setting, checked. */
export type Config = { readonly [Name in keyof typeof settings]: ValueOf<(typeof settings)[Name]> };

/** A setting as a usage line shows it: the flag with its argument, as commander reads them, and everything else in a sentence. */
export function usage<T>({ flag, environment, kind, defaultValue, description }: Setting<T>): {
  readonly flags: string;
  readonly description: string;
} {
  const argument = typeof defaultValue === "boolean" ? `[${kind.placeholder}]` : `<${kind.placeholder}>`;
  const facts = `${kind.expected}; default ${kind.format(defaultValue)}; ${environment}`;
  return { flags: `${flag} ${argument}`, description: `${description} (${facts})` };
}

/** Whether server reflection is on. */
export function servesReflection({ reflection, listen }: Pick<Config, "reflection" | "listen">): boolean {
  return reflection === "auto" ? isLoopback(listen) : reflection === "on";
}

/** Whether clients are asked for a certificate, and must have one. */
export function clientAuthOf({
  tlsClientAuth,
  tlsClientCaPath,
}: Pick<Config, "tlsClientAuth" | "tlsClientCaPath">): "none" | "optional" | "require" {
  if (tlsClientAuth !== "auto") return tlsClientAuth;
  return tlsClientCaPath === null ? "none" : "require";
}
