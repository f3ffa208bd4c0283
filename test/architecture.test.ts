/**
 * Which part may import which. The tables say what is allowed; everything else is forbidden. Cycles, the clock and randomness
 * are the linter's (`biome.json`).
 */

import { readdirSync, readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { posix } from "node:path";
import { describe, expect, test } from "vitest";

/** For each room of src/ the other rooms that it may import: a room is a folder, or a file beside main.ts. Types count. */
const allowedParts: Readonly<Record<string, readonly string[]>> = {
  main: ["cli", "cli/terminal", "serve-command"],
  "serve-command": ["config", "serve"],
  serve: ["access", "app", "config", "domain", "greeting", "log", "rpc", "store", "tls", "tracing", "version"],
  app: [
    "access",
    "cluster-of-store",
    "config",
    "console",
    "domain",
    "gen",
    "http",
    "maintenance",
    "metrics",
    "open-store",
    "rpc",
    "rpc/access",
    "rpc/admin",
    "rpc/calls",
    "rpc/events",
    "rpc/monitor",
    "rpc/paging",
    "rpc/peers",
    "rpc/queue",
    "rpc/registry",
    "rpc/worker",
    "rpc/workflows",
    "rpc/xds",
    "scope-lookups",
    "server-facts",
    "store",
    "store-health",
    "tls",
    "tracing",
    "use-cases",
    "version",
  ],
  "cluster-of-store": ["cluster", "config", "contract", "domain", "rpc/peers", "store", "tls", "version"],
  "store-health": ["domain", "gen", "rpc", "store"],
  "server-facts": ["domain", "metrics", "rpc", "rpc/calls", "use-cases"],
  greeting: ["app", "config", "contract", "version"],
  "use-cases": [
    "access",
    "cluster",
    "config",
    "domain",
    "events",
    "maintenance",
    "monitor",
    "queue",
    "registry",
    "rpc/convert",
    "rpc/registry/probes",
    "rpc/worker",
    "store",
    "tracing",
    "worker-instances",
    "workflows",
    "workflows/filling",
  ],
  local: [
    "access",
    "app",
    "config",
    "contract",
    "domain",
    "domain/access",
    "gen",
    "grpc",
    "grpc/client",
    "log",
    "open-store",
    "rpc/access",
    "rpc/calls",
  ],
  "open-store": ["config", "store", "store/postgres", "store/sqlite"],
  "parameter-thread": ["rpc/convert", "workflows/filling"],
  "scope-lookups": ["domain/access", "queue", "registry", "rpc/calls", "store"],
  "worker-instances": ["queue/workers", "registry"],
  log: ["domain", "log-text"],
  "log-text": [],
  version: [],
  config: ["contract", "domain"],
  async: [],
  collections: [],
  cluster: ["domain", "store"],
  console: ["http"],
  contract: ["gen"],
  domain: [],
  "domain/access": ["contract", "domain"],
  "domain/balancing": ["domain"],
  "domain/events": ["contract", "domain"],
  "domain/monitor": ["domain/tasks"],
  "domain/operators": ["domain/tasks"],
  "domain/tasks": ["contract", "domain", "domain/balancing", "domain/events"],
  "domain/waits": ["domain", "domain/tasks"],
  "domain/workflows": ["domain", "domain/tasks"],
  grpc: ["gen"],
  "grpc/client": ["async", "gen", "grpc"],
  "grpc/server": ["gen", "grpc"],
  http: ["contract", "domain", "domain/access", "grpc", "grpc/server", "http/connect", "http/exchange"],
  "http/connect": ["async", "domain", "gen", "grpc", "grpc/server", "http/exchange"],
  "http/exchange": ["gen", "grpc", "grpc/server"],
  tls: ["domain"],
  tracing: ["contract", "domain", "domain/tasks"],
  store: [
    "collections",
    "domain",
    "domain/access",
    "domain/balancing",
    "domain/events",
    "domain/operators",
    "domain/tasks",
    "domain/waits",
    "domain/workflows",
  ],
  "store/postgres": [
    "domain",
    "store",
    "store/postgres/access",
    "store/postgres/database",
    "store/postgres/engine",
    "store/postgres/events",
    "store/postgres/measures",
    "store/postgres/operators",
    "store/postgres/queues",
    "store/postgres/registry",
    "store/postgres/retention",
    "store/postgres/rows",
    "store/postgres/tasks",
    "store/postgres/waits",
    "store/postgres/workflows",
    "store/tallies",
  ],
  "store/postgres/access": ["domain/access", "store", "store/postgres/database", "store/postgres/engine", "store/rows"],
  "store/postgres/database": ["domain", "store"],
  "store/postgres/engine": [
    "domain",
    "domain/events",
    "domain/tasks",
    "domain/workflows",
    "store",
    "store/postgres/database",
    "store/postgres/rows",
    "store/rows",
    "store/tallies",
  ],
  "store/postgres/events": [
    "domain",
    "domain/events",
    "domain/tasks",
    "store",
    "store/postgres/database",
    "store/postgres/engine",
    "store/postgres/rows",
    "store/postgres/tasks",
    "store/rows",
    "store/tallies",
  ],
  "store/postgres/measures": [
    "domain",
    "domain/tasks",
    "domain/workflows",
    "store",
    "store/postgres/database",
    "store/postgres/engine",
    "store/postgres/queues",
    "store/postgres/rows",
    "store/postgres/tasks",
    "store/rows",
    "store/tallies",
  ],
  "store/postgres/operators": [
    "domain",
    "domain/operators",
    "domain/tasks",
    "store",
    "store/postgres/database",
    "store/postgres/engine",
    "store/postgres/rows",
    "store/postgres/tasks",
    "store/rows",
  ],
  "store/postgres/queues": [
    "domain/tasks",
    "store",
    "store/postgres/database",
    "store/postgres/engine",
    "store/postgres/rows",
    "store/postgres/tasks",
    "store/rows",
  ],
  "store/postgres/registry": ["domain", "domain/balancing", "store", "store/postgres/engine", "store/rows"],
  "store/postgres/retention": [
    "domain",
    "domain/tasks",
    "store",
    "store/postgres/database",
    "store/postgres/engine",
    "store/postgres/rows",
    "store/postgres/tasks",
    "store/rows",
  ],
  "store/postgres/rows": [
    "domain",
    "domain/events",
    "domain/tasks",
    "domain/workflows",
    "store/postgres/database",
    "store/rows",
  ],
  "store/postgres/tasks": [
    "contract",
    "domain",
    "domain/balancing",
    "domain/operators",
    "domain/tasks",
    "store",
    "store/postgres/database",
    "store/postgres/engine",
    "store/postgres/rows",
    "store/rows",
    "store/tallies",
  ],
  "store/postgres/waits": [
    "domain",
    "domain/balancing",
    "domain/tasks",
    "domain/waits",
    "domain/workflows",
    "store",
    "store/postgres/database",
    "store/postgres/engine",
    "store/postgres/queues",
    "store/postgres/rows",
    "store/postgres/tasks",
    "store/rows",
    "store/postgres/workflows",
  ],
  "store/postgres/workflows": [
    "domain",
    "domain/tasks",
    "domain/workflows",
    "store",
    "store/postgres/database",
    "store/postgres/engine",
    "store/postgres/rows",
    "store/postgres/tasks",
    "store/rows",
    "store/tallies",
  ],
  "store/transfer": [
    "domain/tasks",
    "store",
    "store/postgres",
    "store/postgres/database",
    "store/postgres/rows",
    "store/postgres/tasks",
    "store/rows",
    "store/sqlite/file",
    "store/sqlite/rows",
  ],
  "store/sqlite": [
    "domain",
    "domain/tasks",
    "domain/workflows",
    "store",
    "store/sqlite/engine",
    "store/sqlite/file",
    "store/rows",
    "store/sqlite/rows",
    "store/sqlite/thread",
  ],
  "store/sqlite/access": ["domain/access", "store", "store/sqlite/engine", "store/rows", "store/sqlite/rows"],
  "store/sqlite/engine": [
    "domain",
    "domain/tasks",
    "domain/workflows",
    "store",
    "store/rows",
    "store/sqlite/rows",
    "store/tallies",
  ],
  "store/sqlite/events": [
    "domain",
    "domain/events",
    "domain/tasks",
    "store",
    "store/sqlite/engine",
    "store/rows",
    "store/sqlite/rows",
    "store/sqlite/tasks",
  ],
  "store/sqlite/file": ["store"],
  "store/tallies": ["collections", "domain", "domain/tasks", "domain/workflows", "store"],
  "store/sqlite/measures": [
    "domain/tasks",
    "store",
    "store/sqlite/engine",
    "store/sqlite/queues",
    "store/rows",
    "store/sqlite/rows",
    "store/tallies",
    "store/sqlite/tasks",
  ],
  "store/sqlite/operators": [
    "domain",
    "domain/operators",
    "domain/tasks",
    "store",
    "store/sqlite/engine",
    "store/rows",
    "store/sqlite/rows",
    "store/sqlite/tasks",
  ],
  "store/sqlite/queues": [
    "domain/tasks",
    "store",
    "store/sqlite/engine",
    "store/rows",
    "store/sqlite/rows",
    "store/sqlite/tasks",
  ],
  "store/sqlite/registry": [
    "domain",
    "domain/balancing",
    "store",
    "store/sqlite/engine",
    "store/rows",
    "store/sqlite/rows",
  ],
  "store/rows": [
    "contract",
    "domain",
    "domain/balancing",
    "domain/events",
    "domain/operators",
    "domain/tasks",
    "domain/waits",
    "domain/workflows",
    "store",
  ],
  "store/sqlite/rows": [
    "contract",
    "domain",
    "domain/events",
    "domain/tasks",
    "domain/workflows",
    "store",
    "store/rows",
    "store/tallies",
  ],
  "store/sqlite/tasks": [
    "contract",
    "domain",
    "domain/balancing",
    "domain/operators",
    "domain/tasks",
    "store",
    "store/sqlite/engine",
    "store/rows",
    "store/sqlite/rows",
    "store/tallies",
  ],
  "store/sqlite/thread": [
    "async",
    "collections",
    "domain",
    "domain/tasks",
    "store",
    "store/sqlite/access",
    "store/sqlite/engine",
    "store/sqlite/events",
    "store/sqlite/file",
    "store/sqlite/measures",
    "store/sqlite/operators",
    "store/sqlite/queues",
    "store/sqlite/registry",
    "store/rows",
    "store/sqlite/rows",
    "store/tallies",
    "store/sqlite/tasks",
    "store/sqlite/waits",
    "store/sqlite/workflows",
  ],
  "store/sqlite/waits": [
    "domain",
    "domain/balancing",
    "domain/tasks",
    "domain/waits",
    "domain/workflows",
    "store",
    "store/sqlite/engine",
    "store/sqlite/queues",
    "store/rows",
    "store/sqlite/rows",
    "store/sqlite/tasks",
    "store/sqlite/workflows",
  ],
  "store/sqlite/workflows": [
    "domain",
    "domain/tasks",
    "domain/workflows",
    "store",
    "store/sqlite/engine",
    "store/rows",
    "store/sqlite/rows",
    "store/sqlite/tasks",
  ],
  queue: [
    "cluster",
    "domain",
    "domain/tasks",
    "maintenance",
    "queue/dispatch",
    "queue/leases",
    "queue/tasks",
    "queue/workers",
    "store",
    "tracing",
  ],
  "queue/dispatch": [
    "contract",
    "domain",
    "domain/balancing",
    "domain/events",
    "domain/tasks",
    "domain/waits",
    "store",
  ],
  "queue/leases": ["cluster", "collections", "domain", "domain/tasks", "maintenance", "store"],
  "queue/tasks": [
    "async",
    "domain",
    "domain/operators",
    "domain/tasks",
    "domain/waits",
    "maintenance",
    "queue/dispatch",
    "queue/leases",
    "queue/workers",
    "store",
    "tracing",
  ],
  "queue/workers": [
    "async",
    "cluster",
    "collections",
    "contract",
    "domain",
    "domain/balancing",
    "domain/tasks",
    "queue/dispatch",
    "queue/leases",
    "store",
  ],
  access: ["collections", "domain", "domain/access", "store"],
  events: ["async", "cluster", "contract", "domain", "domain/events", "store"],
  workflows: ["contract", "domain", "domain/tasks", "domain/waits", "domain/workflows", "store", "workflows/filling"],
  "workflows/expressions": ["contract"],
  "workflows/filling": ["contract", "domain", "workflows/expressions"],
  registry: ["async", "cluster", "contract", "domain", "domain/balancing", "store"],
  maintenance: ["cluster", "domain", "store"],
  metrics: ["collections", "domain", "http", "store"],
  monitor: [
    "collections",
    "domain",
    "domain/monitor",
    "domain/tasks",
    "queue/tasks",
    "queue/workers",
    "registry",
    "store",
  ],
  rpc: [
    "collections",
    "contract",
    "domain",
    "domain/access",
    "gen",
    "grpc",
    "grpc/server",
    "http",
    "http/connect",
    "http/exchange",
    "rpc/calls",
    "rpc/limits",
    "rpc/standard",
  ],
  "rpc/access": [
    "access",
    "contract",
    "domain",
    "domain/access",
    "gen",
    "grpc",
    "http",
    "rpc/calls",
    "rpc/convert",
    "rpc/limits",
    "rpc/paging",
    "store",
  ],
  "rpc/admin": ["async", "cluster", "domain", "domain/access", "gen", "grpc", "queue", "rpc/calls", "rpc/convert"],
  "rpc/calls": ["access", "async", "contract", "domain", "domain/access", "gen", "grpc", "http", "rpc/limits"],
  "rpc/convert": [
    "contract",
    "domain",
    "domain/access",
    "domain/balancing",
    "domain/events",
    "domain/operators",
    "domain/tasks",
    "domain/waits",
    "gen",
    "grpc",
    "queue/tasks",
    "workflows/expressions",
  ],
  "rpc/events": [
    "contract",
    "domain",
    "domain/access",
    "domain/events",
    "events",
    "gen",
    "grpc",
    "rpc/calls",
    "rpc/convert",
    "rpc/paging",
  ],
  "rpc/limits": ["collections", "async", "domain", "domain/access", "grpc"],
  "rpc/monitor": [
    "contract",
    "domain/access",
    "domain/monitor",
    "gen",
    "grpc",
    "monitor",
    "rpc/calls",
    "rpc/convert",
    "rpc/paging",
  ],
  "rpc/paging": ["domain", "store"],
  "rpc/peers": ["async", "cluster", "domain", "gen", "grpc", "grpc/client", "queue/workers", "rpc/worker", "store"],
  "rpc/queue": [
    "contract",
    "domain",
    "domain/access",
    "domain/balancing",
    "domain/operators",
    "domain/tasks",
    "gen",
    "grpc",
    "queue",
    "queue/tasks",
    "queue/workers",
    "rpc/calls",
    "rpc/convert",
    "rpc/limits",
    "rpc/paging",
  ],
  "rpc/registry": [
    "contract",
    "domain",
    "domain/access",
    "domain/balancing",
    "gen",
    "grpc",
    "registry",
    "rpc/calls",
    "rpc/convert",
    "rpc/paging",
  ],
  "rpc/registry/probes": ["contract", "gen", "grpc/client", "registry", "rpc/convert"],
  "rpc/standard": ["async", "domain", "gen", "grpc", "http", "rpc/limits"],
  "rpc/worker": [
    "cluster",
    "contract",
    "domain",
    "domain/access",
    "domain/tasks",
    "gen",
    "grpc",
    "grpc/server",
    "queue",
    "queue/dispatch",
    "queue/tasks",
    "queue/workers",
    "rpc/calls",
    "rpc/convert",
    "rpc/limits",
    "rpc/paging",
  ],
  "rpc/xds": [
    "async",
    "contract",
    "domain",
    "domain/balancing",
    "gen",
    "grpc",
    "registry",
    "rpc/calls",
    "rpc/convert",
    "rpc/limits",
    "rpc/registry",
  ],
  "rpc/workflows": [
    "contract",
    "domain",
    "domain/access",
    "domain/tasks",
    "domain/workflows",
    "gen",
    "grpc",
    "rpc/calls",
    "rpc/convert",
    "rpc/paging",
    "workflows",
  ],
  client: [
    "client/connection",
    "client/credentials",
    "client/discovery",
    "client/errors",
    "client/events",
    "client/options",
    "client/servers",
    "client/tasks",
    "client/values",
    "client/views",
    "client/worker",
    "client/workflows",
    "contract",
    "gen",
    "grpc",
    "grpc/client",
  ],
  "client/connection": [
    "async",
    "client/credentials",
    "client/servers",
    "client/tracing",
    "client/views",
    "contract",
    "gen",
    "grpc",
    "grpc/client",
  ],
  "client/credentials": ["async", "contract", "grpc/client"],
  "client/discovery": [
    "async",
    "client/connection",
    "client/options",
    "client/views",
    "contract",
    "gen",
    "grpc",
    "grpc/client",
  ],
  "client/errors": ["contract", "gen", "grpc/client"],
  "client/events": [
    "client/connection",
    "client/errors",
    "client/options",
    "client/tasks",
    "client/tracing",
    "client/values",
    "client/views",
    "client/worker",
    "contract",
    "gen",
    "grpc",
    "grpc/client",
  ],
  "client/options": ["contract", "gen", "grpc/client"],
  "client/servers": ["grpc/client"],
  "client/tasks": [
    "client/connection",
    "client/errors",
    "client/options",
    "client/tracing",
    "client/values",
    "contract",
    "gen",
    "grpc",
    "grpc/client",
  ],
  "client/tracing": ["contract", "gen", "grpc/client"],
  "client/values": ["contract", "gen", "grpc"],
  "client/views": ["client/options", "client/values", "contract", "gen", "grpc/client"],
  "client/worker": [
    "async",
    "client/connection",
    "client/errors",
    "client/options",
    "client/tasks",
    "client/tracing",
    "client/views",
    "collections",
    "contract",
    "gen",
    "grpc",
    "grpc/client",
  ],
  "client/workflows": [
    "async",
    "client/connection",
    "client/errors",
    "client/options",
    "client/tasks",
    "client/tracing",
    "client/values",
    "contract",
    "gen",
    "grpc/client",
  ],
  cli: [
    "cli/access",
    "cli/command",
    "cli/completion",
    "cli/console",
    "cli/contexts",
    "cli/events",
    "cli/queues",
    "cli/server",
    "cli/services",
    "cli/status",
    "cli/subscriptions",
    "cli/tasks",
    "cli/tasks/changes",
    "cli/tasks/files",
    "cli/terminal",
    "cli/tls",
    "cli/trace",
    "cli/workers",
    "cli/workflows",
    "cli/xds",
    "contract",
    "version",
  ],
  "cli/access": ["cli/command", "cli/input", "cli/server", "cli/terminal", "client", "contract", "local", "store"],
  "cli/command": ["async", "cli/terminal", "client", "contract"],
  "cli/completion": ["cli/command", "cli/terminal"],
  "cli/console": ["async", "cli/command", "cli/terminal", "contract", "local", "rpc", "store"],
  "cli/contexts": ["cli/command", "cli/terminal"],
  "cli/events": ["async", "cli/command", "cli/input", "cli/tasks/output", "cli/terminal", "client"],
  "cli/exec": ["async", "cli/input", "cli/terminal", "client", "contract"],
  "cli/input": ["cli/command", "cli/terminal", "client", "contract"],
  "cli/live": ["async", "cli/command", "cli/terminal", "client", "contract"],
  "cli/queues": ["cli/command", "cli/input", "cli/live", "cli/tasks/output", "cli/terminal", "client", "contract"],
  "cli/server": [
    "cli/command",
    "cli/input",
    "cli/live",
    "cli/terminal",
    "client",
    "store",
    "store/transfer",
    "version",
  ],
  "cli/services": ["cli/command", "cli/input", "cli/live", "cli/terminal", "client", "contract"],
  "cli/status": ["cli/command", "cli/input", "cli/live", "cli/terminal", "client", "contract"],
  "cli/subscriptions": ["cli/command", "cli/events", "cli/input", "cli/live", "cli/terminal", "client"],
  "cli/tasks": ["cli/command", "cli/input", "cli/tasks/output", "cli/live", "cli/terminal", "client", "contract"],
  "cli/tasks/changes": ["cli/command", "cli/input", "cli/tasks/output", "cli/terminal", "client"],
  "cli/tasks/files": [
    "cli/command",
    "cli/input",
    "cli/server",
    "cli/tasks",
    "cli/tasks/output",
    "cli/terminal",
    "client",
    "contract",
  ],
  "cli/tasks/output": ["cli/command", "cli/terminal", "client", "contract"],
  "cli/terminal": ["client", "contract"],
  "cli/tls": ["cli/command", "cli/input", "cli/server", "cli/terminal", "contract"],
  "cli/trace": ["cli/command", "cli/events", "cli/tasks/output", "cli/terminal", "cli/workflows", "client", "contract"],
  "cli/xds": ["cli/command", "cli/terminal", "client", "contract"],
  "cli/workers": ["cli/command", "cli/exec", "cli/input", "cli/live", "cli/terminal", "client", "contract"],
  "cli/workflows": ["cli/command", "cli/input", "cli/tasks/output", "cli/live", "cli/terminal", "client", "contract"],
};

/** The only rooms, with those inside them, that may import a package. A package that is not here may not be imported at all. */
const allowedPackages: Readonly<Record<string, readonly string[]>> = {
  "@bufbuild/cel": ["workflows/expressions"],
  "@bufbuild/protobuf": ["contract", "local", "workflows/expressions", "grpc", "http", "rpc", "client", "cli"],
  "@connectrpc/connect": ["http"],
  "@connectrpc/connect-node": ["http"],
  "@grpc/grpc-js": ["grpc", "http", "rpc", "client", "local"],
  "@opentelemetry/api": ["client/tracing", "tracing"],
  "@opentelemetry/exporter-trace-otlp-proto": ["tracing"],
  "@opentelemetry/resources": ["tracing"],
  "@opentelemetry/sdk-trace": ["tracing"],
  "@peculiar/x509": ["cli/tls"],
  "better-sqlite3": ["store/sqlite", "store/transfer"],
  pg: ["store/postgres"],
  "cli-progress": ["cli/terminal"],
  "cli-table3": ["cli/terminal"],
  commander: ["cli", "main", "serve-command"],
  jose: ["access"],
  pino: ["log"],
  "prom-client": ["metrics"],
  "reflect-metadata": ["cli/tls"],
  "smol-toml": ["cli/command"],
};

/** Parts without any I/O: not even Node's own modules. */
const pureParts = ["async", "domain"];

/** What the console's page, in console/, imports from elsewhere: parts, and files beside them. */
const pageParts = ["contract", "domain", "gen"];
const pageFiles = ["src/monitor/steady-keys.ts"];

/** The most files that one folder may hold. Migrations are numbered, and none of them is changed: their folder grows. */
const mostFiles = 16;
const growing = ["src/store/sqlite/migrations"];

/** What a source file imports, statically, dynamically or for its types, however it is written. */
function importsOf(source: string): string[] {
  const code = source.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "");
  const forms = [
    /(?:^|[\s;}])(?:import|export)\b[^"'`;=()]*?\bfrom\s*["'`]([^"'`]+)["'`]/g,
    /(?:^|[\s;}])import\s*["'`]([^"'`]+)["'`]/g,
    /\b(?:import|require|require\.resolve|import\.meta\.resolve)\s*\(\s*["'`]([^"'`]+)["'`]/g,
    /\bnew URL\(\s*["'`](\.[^"'`]+\.[jt]s)["'`]/g,
  ];
  return forms.flatMap((form) => [...code.matchAll(form)].map((match) => match[1] ?? ""));
}

/** The part that a path below the project belongs to; `undefined`: none of the table. */
function partOf(path: string): string | undefined {
  if (path.startsWith("gen/")) return "gen";
  const inside = path.replace(/^src\//, "").replace(/\.ts$/, "");
  const candidates = Object.keys(allowedParts).filter((part) => inside === part || inside.startsWith(`${part}/`));
  return candidates.sort((a, b) => b.length - a.length)[0];
}

function isWithin(part: string, rooms: readonly string[]): boolean {
  return rooms.some((room) => part === room || part.startsWith(`${room}/`));
}

/** What is wrong with one import of the file; `undefined`: nothing. */
function complaint(file: string, specifier: string): string | undefined {
  const part = partOf(file);
  if (part === undefined) return `${file} belongs to no part`;
  const edge = `${file} (${part}) imports ${specifier}`;

  if (specifier.startsWith(".")) {
    const target = posix.join(posix.dirname(file), specifier);
    const targetPart = partOf(target);
    if (targetPart === undefined) return `${edge}, which belongs to no part`;
    const isAllowed = targetPart === part || allowedParts[part]?.includes(targetPart);
    return isAllowed ? undefined : `${edge} (${targetPart})`;
  }
  if (specifier.startsWith("node:")) return isWithin(part, pureParts) ? `${edge}, and is to be pure` : undefined;
  if (builtinModules.includes(specifier)) return `${edge} without node:`;
  const name = specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
  return isWithin(part, allowedPackages[name] ?? []) ? undefined : `${edge} (a package)`;
}

/** A way that leads back to where it began; `undefined`: there is none. */
function circleIn(edges: ReadonlyMap<string, readonly string[]>): readonly string[] | undefined {
  const done = new Set<string>();
  function walk(node: string, way: readonly string[]): readonly string[] | undefined {
    if (way.includes(node)) return [...way.slice(way.indexOf(node)), node];
    if (done.has(node)) return undefined;
    for (const next of edges.get(node) ?? []) {
      const circle = walk(next, [...way, node]);
      if (circle !== undefined) return circle;
    }
    done.add(node);
    return undefined;
  }
  for (const node of edges.keys()) {
    const circle = walk(node, []);
    if (circle !== undefined) return circle;
  }
  return undefined;
}

/** A spread of what is written out there: an object, or a list that nothing is done with. */
const literalSpread = /\.{3}(\{|\[[^[\]]*\]\s*[,}\])])/;

/** The TypeScript files below a folder. */
function filesOf(folder: string) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => posix.join(entry.parentPath.replaceAll("\\", "/"), entry.name))
    .map((path) => ({ path, text: readFileSync(path, "utf8") }));
}

const sources = filesOf("src");

test("there are sources, with imports, to judge", () => {
  expect(sources.length).toBeGreaterThan(10);
  expect(sources.flatMap(({ text }) => importsOf(text)).length).toBeGreaterThan(sources.length);
});

test("every import of src/ goes in an allowed direction", () => {
  const complaints = sources.flatMap(({ path, text }) =>
    importsOf(text).map((specifier) => complaint(path, specifier)),
  );
  expect(complaints.filter((found) => found !== undefined)).toEqual([]);
});

test("no files import each other in a circle, and no rooms may", () => {
  const files = new Map(
    sources.map(({ path, text }) => {
      const targets = importsOf(text).filter((specifier) => specifier.startsWith("."));
      return [path, targets.map((specifier) => posix.join(posix.dirname(path), specifier))];
    }),
  );
  expect(circleIn(files)).toBeUndefined();
  expect(circleIn(new Map(Object.entries(allowedParts)))).toBeUndefined();
});

test("no folder holds more files than one can look over", () => {
  const folders = ["src", "test", "bench"].flatMap((root) =>
    readdirSync(root, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      // One is added with each change of the schema, and none is ever taken out.
      .filter((entry) => !entry.parentPath.endsWith("/migrations")),
  );
  const counts = Map.groupBy(folders, (entry) => entry.parentPath);
  const full = [...counts].filter(([folder, files]) => files.length > mostFiles && !growing.includes(folder));
  expect(full.map(([folder]) => folder)).toEqual([]);
});

test("the console's page imports of src/ only rules and conversions without I/O", () => {
  const targets = filesOf("console/src").flatMap(({ path, text }) =>
    importsOf(text)
      .filter((specifier) => specifier.startsWith("."))
      .map((specifier) => posix.join(posix.dirname(path), specifier))
      .filter((target) => !target.startsWith("console/src/")),
  );
  const isAllowed = (target: string) => isWithin(partOf(target) ?? "", pageParts) || pageFiles.includes(target);
  expect(targets.length).toBeGreaterThan(0);
  expect(targets.filter((target) => !isAllowed(target))).toEqual([]);
});

test("every file of src/ belongs to a part", () => {
  expect(sources.map(({ path }) => path).filter((path) => partOf(path) === undefined)).toEqual([]);
});

test("no source reads the clock by making a date of nothing", () => {
  const readers = sources.filter(({ path, text }) => path !== "src/domain/clock.ts" && /new Date\(\s*\)/.test(text));
  expect(readers.map(({ path }) => path).filter((path) => !/^src\/(client|cli)\//.test(path))).toEqual([]);
});

test("refusals are built in one place, where reason, text and retry hint stand together", () => {
  const builders = sources.filter(
    ({ path, text }) => !/^src\/domain\/(errors\.ts|refusals\/)/.test(path) && /new SitqError\(/.test(text),
  );
  expect(builders.map(({ path }) => path)).toEqual([]);
});

test("no literal is spread into a literal, which only packs lines", () => {
  const folders = ["test", "bench", "torture", "conformance", "interop", "examples", "scripts"].flatMap(filesOf);
  const packed = [...sources, ...folders].filter(({ text }) => literalSpread.test(text));
  expect(packed.map(({ path }) => path)).toEqual([]);
});

test("no source and no page disposes by `using`, which Node 22 cannot read", () => {
  const pages = ["README.md", ...readdirSync("docs").map((name) => `docs/${name}`)].filter((path) =>
    path.endsWith(".md"),
  );
  const blocks = pages.map((path) => {
    const code = [...readFileSync(path, "utf8").matchAll(/^```ts\n(.*?)^```/gms)].map((match) => match[1]);
    return { path, text: code.join("\n") };
  });
  const users = [...sources, ...blocks].filter(({ text }) => /^\s*(await )?using \w+ = /m.test(text));
  expect(users.map(({ path }) => path)).toEqual([]);
});

describe("the test itself", () => {
  test.each([
    ["src/domain/tasks/task.ts", "../../store/store.ts"],
    ["src/domain/tasks/task.ts", "node:crypto"],
    ["src/domain/events/event.ts", "../tasks/task.ts"],
    ["src/store/store.ts", "./sqlite/engine/engine.ts"],
    ["src/store/sqlite/tasks/claim.ts", "../../../queue/tasks/queues.ts"],
    ["src/store/sqlite/tasks/claim.ts", "../workflows/workflow-flow.ts"],
    ["src/store/sqlite/rows/task-rows.ts", "../engine/engine.ts"],
    ["src/queue/tasks/enqueue.ts", "../../store/sqlite/sqlite-store.ts"],
    ["src/app.ts", "./store/sqlite/sqlite-store.ts"],
    ["src/queue/tasks/enqueue.ts", "../../../gen/sitq/v1/task_pb.js"],
    ["src/queue/tasks/enqueue.ts", "../../rpc/server.ts"],
    ["src/queue/dispatch/dispatcher.ts", "../workers/worker-hub.ts"],
    ["src/queue/tasks/enqueue.ts", "@grpc/grpc-js"],
    ["src/queue/tasks/enqueue.ts", "better-sqlite3"],
    ["src/rpc/server.ts", "../store/store.ts"],
    ["src/rpc/server.ts", "../app.ts"],
    ["src/rpc/events/event-service.ts", "../queue/queue-service.ts"],
    ["src/grpc/server/serve.ts", "../../rpc/server.ts"],
    ["src/grpc/server/serve.ts", "../../domain/errors.ts"],
    ["src/grpc/server/serve.ts", "../client/client.ts"],
    ["src/client/tasks/producer.ts", "../../domain/retry.ts"],
    ["src/client/tasks/producer.ts", "../../rpc/server.ts"],
    ["src/client/tasks/producer.ts", "../worker/worker.ts"],
    ["src/client/tasks/producer.ts", "../../grpc/server/serve.ts"],
    ["src/cli/tasks/list.ts", "../../queue/tasks/queues.ts"],
    ["src/cli/tasks/list.ts", "@grpc/grpc-js"],
    ["src/queue/tasks/enqueue.ts", "pino"],
    ["src/queue/tasks/enqueue.ts", "left-pad"],
    ["src/queue/tasks/enqueue.ts", "@grpc/proto-loader"],
    ["src/queue/tasks/enqueue.ts", "fs"],
    ["src/utils/strings.ts", "node:path"],
    ["src/queue/tasks/enqueue.ts", "../../utils/strings.ts"],
    ["src/queue/tasks/enqueue.ts", "../../../test/harness/calls/builders.ts"],
    ["src/helpers.ts", "node:path"],
  ])("forbids %s to import %s", (file, specifier) => {
    expect(complaint(file, specifier)).toContain(file);
  });

  test.each([
    ["src/main.ts", "./serve-command.ts"],
    ["src/open-store.ts", "./store/sqlite/sqlite-store.ts"],
    ["src/store/sqlite/tasks/claim.ts", "./transitions.ts"],
    ["src/store/sqlite/tasks/claim.ts", "../../store.ts"],
    ["src/store/sqlite/tasks/claim.ts", "../../../domain/tasks/task.ts"],
    ["src/store/sqlite/tasks/claim.ts", "better-sqlite3"],
    ["src/grpc/server/serve.ts", "@grpc/grpc-js"],
    ["src/grpc/server/serve.ts", "@bufbuild/protobuf/wkt"],
    ["src/client/tasks/producer.ts", "../../grpc/client/client.ts"],
    ["src/client/tasks/producer.ts", "../../../gen/sitq/v1/task_pb.js"],
    ["src/queue/tasks/tasks.ts", "node:events"],
  ])("allows %s to import %s", (file, specifier) => {
    expect(complaint(file, specifier)).toBeUndefined();
  });

  test.each([
    'import a from "x";',
    'import { a, type B } from "x";',
    'import type { A } from "x";',
    'import {\n  a,\n  b,\n} from "x";',
    'import * as a from "x";',
    'import a, { b } from "x";',
    'import "x";',
    'export { a } from "x";',
    'export type { A } from "x";',
    'export * from "x";',
    'const a = await import("x");',
    'const a: import("x").A = b;',
    'const a = createRequire(import.meta.url)("y"), b = require("x");',
    "import a from 'x';",
    '/* why */ import a from "x";',
  ])("sees the import in %j", (source) => {
    expect(importsOf(source)).toEqual(["x"]);
  });

  test("sees a circle of files", () => {
    const edges = (way: string) => new Map(way.split(" ").map((edge) => [edge.slice(0, 1), edge.slice(1).split("")]));
    expect(circleIn(edges("abc bc c"))).toBeUndefined();
    expect(circleIn(edges("ab bc ca"))).toEqual(["a", "b", "c", "a"]);
    expect(circleIn(edges("ab bb"))).toEqual(["b", "b"]);
  });

  test("sees a worker's file, and nothing in comments", () => {
    expect(importsOf('new Worker(new URL("./thread.ts", import.meta.url));')).toEqual(["./thread.ts"]);
    expect(importsOf('// import a from "x";\n/** import b from "y"; */\n * import("z")')).toEqual(["z"]);
  });

  test.each([
    ["{ a, ..", ".{ b } }", true],
    ["[a, ..", ".[b, c(d)], e]", true],
    ["{ ..", ".b, c }", false],
    ["[..", ".[a, b].map(c)]", false],
    ["{ ..", ".(a && { b }) }", false],
  ])("looks for literals that are spread in %s%s: %s", (begin, end, expected) => {
    expect(literalSpread.test(begin + end)).toBe(expected);
  });
});
