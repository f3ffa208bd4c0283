/**
 * Which part may import which. The tables say what is allowed; everything else is forbidden. Cycles, the clock and randomness
 * are the linter's (`biome.json`).
 */

import { readdirSync, readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { posix } from "node:path";
import { describe, expect, test } from "vitest";

/** For each part of src/ the other parts that it may import: a part is a folder, or a file beside main.ts. */
const allowedParts: Readonly<Record<string, readonly string[]>> = {
  main: ["app", "serve", "cli"],
  serve: ["app", "config", "settings", "log", "version", "domain", "store", "rpc"],
  app: [
    ...["config", "settings", "setting-kinds", "listen-address", "log", "domain", "store", "store/sqlite"],
    ...["queue", "events", "workflows", "workflows/expressions", "registry", "rpc", "rpc/adapter", "gen"],
    ...["worker-instances", "parameter-thread", "version"],
  ],
  "parameter-thread": ["workflows", "rpc"],
  "worker-instances": ["queue", "registry"],
  config: ["settings", "setting-kinds", "listen-address", "domain"],
  settings: ["setting-kinds", "listen-address", "domain"],
  "setting-kinds": ["listen-address"],
  "listen-address": [],
  log: ["domain", "log-text"],
  "log-text": [],
  version: [],
  domain: [],
  store: ["domain"],
  "store/sqlite": ["store", "domain"],
  queue: ["store", "domain"],
  events: ["store", "domain"],
  workflows: ["workflows/expressions", "store", "domain"],
  // It speaks of payloads, and of nothing else outside.
  "workflows/expressions": ["workflows", "domain", "json-text"],
  registry: ["store", "domain"],
  rpc: ["listen-address", "rpc/adapter", "queue", "events", "workflows", "registry", "domain", "gen"],
  "rpc/adapter": ["gen"],
  client: ["rpc/adapter", "gen"],
  cli: ["client", "settings", "version", "json-text"],
  "json-text": [],
};

/** The only parts that may import a package. A package that is not here may not be imported at all. */
const allowedPackages: Readonly<Record<string, readonly string[]>> = {
  "@bufbuild/cel": ["workflows/expressions"],
  "@bufbuild/protobuf": ["workflows/expressions", "rpc", "rpc/adapter", "client", "cli"],
  "@grpc/grpc-js": ["rpc", "rpc/adapter", "client"],
  "better-sqlite3": ["store/sqlite"],
  "cli-progress": ["cli"],
  "cli-table3": ["cli"],
  commander: ["cli", "main", "serve"],
  pino: ["log"],
};

/** Parts without any I/O: not even Node's own modules. */
const pureParts = ["domain"];

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
  if (specifier.startsWith("node:")) return pureParts.includes(part) ? `${edge}, and is to be pure` : undefined;
  if (builtinModules.includes(specifier)) return `${edge} without node:`;
  const name = specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
  return allowedPackages[name]?.includes(part) ? undefined : `${edge} (a package)`;
}

const sources = readdirSync("src", { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
  .map((entry) => posix.join(entry.parentPath.replaceAll("\\", "/"), entry.name))
  .map((path) => ({ path, text: readFileSync(path, "utf8") }));

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

test("every file of src/ belongs to a part", () => {
  expect(sources.map(({ path }) => path).filter((path) => partOf(path) === undefined)).toEqual([]);
});

test("no source reads the clock by making a date of nothing", () => {
  const readers = sources.filter(({ path, text }) => path !== "src/domain/clock.ts" && /new Date\(\s*\)/.test(text));
  expect(readers.map(({ path }) => path).filter((path) => !/^src\/(client|cli)\//.test(path))).toEqual([]);
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
    ["src/domain/tasks/task.ts", "../store/store.ts"],
    ["src/domain/tasks/task.ts", "node:crypto"],
    ["src/store/store.ts", "./sqlite/engine.ts"],
    ["src/store/sqlite/tasks/claim.ts", "../../queue/queues.ts"],
    ["src/queue/enqueue.ts", "../store/sqlite/sqlite-store.ts"],
    ["src/queue/enqueue.ts", "../../gen/sitq/v1/task_pb.js"],
    ["src/queue/enqueue.ts", "../rpc/server.ts"],
    ["src/queue/enqueue.ts", "@grpc/grpc-js"],
    ["src/queue/enqueue.ts", "better-sqlite3"],
    ["src/rpc/server.ts", "../store/store.ts"],
    ["src/rpc/server.ts", "../app.ts"],
    ["src/rpc/adapter/call.ts", "../server.ts"],
    ["src/rpc/adapter/call.ts", "../../domain/errors.ts"],
    ["src/client/tasks/producer.ts", "../domain/retry.ts"],
    ["src/client/tasks/producer.ts", "../rpc/server.ts"],
    ["src/cli/list.ts", "../queue/queues.ts"],
    ["src/cli/list.ts", "@grpc/grpc-js"],
    ["src/queue/enqueue.ts", "pino"],
    ["src/queue/enqueue.ts", "left-pad"],
    ["src/queue/enqueue.ts", "@grpc/proto-loader"],
    ["src/queue/enqueue.ts", "fs"],
    ["src/utils/strings.ts", "node:path"],
    ["src/queue/enqueue.ts", "../utils/strings.ts"],
    ["src/queue/enqueue.ts", "../../test/harness/calls/builders.ts"],
    ["src/helpers.ts", "node:path"],
  ])("forbids %s to import %s", (file, specifier) => {
    expect(complaint(file, specifier)).toContain(file);
  });

  test.each([
    ["src/main.ts", "./app.ts"],
    ["src/app.ts", "./store/sqlite/sqlite-store.ts"],
    ["src/store/sqlite/tasks/claim.ts", "./rows.ts"],
    ["src/store/sqlite/tasks/claim.ts", "../store.ts"],
    ["src/store/sqlite/tasks/claim.ts", "../../domain/task.ts"],
    ["src/store/sqlite/tasks/claim.ts", "better-sqlite3"],
    ["src/rpc/adapter/call.ts", "@grpc/grpc-js"],
    ["src/rpc/adapter/call.ts", "@bufbuild/protobuf/wkt"],
    ["src/client/tasks/producer.ts", "../rpc/adapter/client.ts"],
    ["src/client/tasks/producer.ts", "../../gen/sitq/v1/task_pb.js"],
    ["src/queue/enqueue.ts", "node:events"],
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

  test("sees a worker's file, and nothing in comments", () => {
    expect(importsOf('new Worker(new URL("./thread.ts", import.meta.url));')).toEqual(["./thread.ts"]);
    expect(importsOf('// import a from "x";\n/** import b from "y"; */\n * import("z")')).toEqual(["z"]);
  });
});
