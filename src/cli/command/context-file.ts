import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { parse, stringify, TomlError } from "smol-toml";
import { systemErrorText } from "../terminal/printable.ts";
import type { Shell } from "../terminal/shell.ts";
import { CommandFailure, wrongUsage } from "./command-failure.ts";

/** What a context says of a server. Members have the names of the options; those that are not there are not set. */
export interface Context {
  readonly address?: string;
  readonly tls?: boolean;
  readonly tlsCa?: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly tlsServerName?: string;
  readonly tokenFile?: string;
  readonly insecure?: boolean;
}

/** The contexts of a user. */
export interface Contexts {
  /** The one that is used where none is named; `null`: none. */
  readonly current: string | null;
  readonly byName: ReadonlyMap<string, Context>;
}

/** The members of a context, with their names in the file and their types. */
export const contextSettings: readonly (readonly [member: keyof Context, key: string, type: "string" | "boolean"])[] = [
  ["address", "address", "string"],
  ["tls", "tls", "boolean"],
  ["tlsCa", "tls-ca", "string"],
  ["tlsCert", "tls-cert", "string"],
  ["tlsKey", "tls-key", "string"],
  ["tlsServerName", "tls-server-name", "string"],
  ["tokenFile", "token-file", "string"],
  ["insecure", "insecure", "boolean"],
];

/** The members that are paths of files. */
export const contextFiles: readonly (keyof Context)[] = ["tlsCa", "tlsCert", "tlsKey", "tokenFile"];

/** Where the contexts of a user are; `null`: the user has no home. */
export function contextPath({ environment }: Pick<Shell, "environment">): string | null {
  const { XDG_CONFIG_HOME: config, HOME: home } = environment;
  const base = config || (home ? join(home, ".config") : null);
  return base === null ? null : join(base, "sitq", "config.toml");
}

/** Reads the contexts of a user; without a file there are none. @throws CommandFailure if the file cannot be used */
export function readContexts(shell: Pick<Shell, "environment">): Contexts {
  const path = contextPath(shell);
  const text = path === null ? null : textOf(path);
  if (path === null || text === null) return { current: null, byName: new Map() };
  try {
    return contextsIn(parse(text), dirname(path));
  } catch (error) {
    const why = error instanceof TomlError ? `line ${error.line}: ${error.message.split("\n")[0]}` : String(error);
    throw wrongUsage(`${path}: ${error instanceof CommandFailure ? error.message : why}`, { cause: error });
  }
}

/** Replaces the file at once, readable by this user alone. Comments in it are lost. @throws CommandFailure if it cannot be written */
export function writeContexts(shell: Pick<Shell, "environment">, { current, byName }: Contexts): void {
  const path = contextPath(shell);
  if (path === null) throw wrongUsage("there is no place for contexts: set HOME or XDG_CONFIG_HOME");
  const contexts = Object.fromEntries([...byName].map(([name, context]) => [name, tableOf(context)]));
  const partial = `${path}.partial`;
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeFileSync(partial, `${stringify({ ...(current !== null && { current }), contexts })}\n`, { mode: 0o600 });
    renameSync(partial, path);
  } catch (error) {
    throw new CommandFailure(`cannot write ${path}: ${systemErrorText(error)}`, { cause: error });
  }
}

function textOf(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR")) return null;
    throw new CommandFailure(`cannot read ${path}: ${systemErrorText(error)}`, { cause: error });
  }
}

function contextsIn(root: Readonly<Record<string, unknown>>, directory: string): Contexts {
  const { current = null, contexts = {}, ...others } = root;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) throw wrongUsage(`${unknown} is none of current, contexts`);
  if (current !== null && typeof current !== "string") throw wrongUsage("current: expected the name of a context");
  if (!isTable(contexts)) throw wrongUsage("contexts: expected tables, as in [contexts.prod]");
  const byName = new Map(
    Object.entries(contexts).map(([name, table]) => [name, contextOf(`contexts.${name}`, table, directory)]),
  );
  if (current !== null && !byName.has(current)) throw wrongUsage(`current: there is no context "${current}"`);
  return { current, byName };
}

function contextOf(place: string, table: unknown, directory: string): Context {
  if (!isTable(table)) throw wrongUsage(`${place}: expected a table`);
  const members = Object.entries(table).map(([key, value]) => {
    const [member, , type] = contextSettings.find(([, name]) => name === key) ?? [];
    if (member === undefined) {
      throw wrongUsage(`${place}.${key}: is none of ${contextSettings.map(([, name]) => name).join(", ")}`);
    }
    if (typeof value !== type) throw wrongUsage(`${place}.${key}: expected a ${type}`);
    return [member, contextFiles.includes(member) ? resolve(directory, String(value)) : value];
  });
  return Object.fromEntries(members);
}

function tableOf(context: Context): Record<string, string | boolean> {
  const entries = contextSettings.flatMap(([member, key]) => {
    const value = context[member];
    return value === undefined ? [] : [[key, value] as const];
  });
  return Object.fromEntries(entries);
}

function isTable(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
