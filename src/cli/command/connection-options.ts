import { accessSync, constants, statSync } from "node:fs";
import { type Command, InvalidArgumentError, Option } from "commander";
import type { ConnectOptions, TlsOptions } from "../../client/index.ts";
import { callAddressProblem } from "../../contract/host-port.ts";
import { systemErrorText } from "../terminal/printable.ts";
import type { Shell } from "../terminal/shell.ts";
import { wrongUsage } from "./command-failure.ts";
import { type Context, contextPath, readContexts } from "./context-file.ts";

/** The options that say where the server is and how it is called. */
export interface ConnectionOptions extends Context {
  readonly address: string;
  readonly context?: string;
}

/** How a command calls the server. */
export interface Connection {
  readonly options: ConnectOptions & { readonly address: string };
  /** The same for the programs that the command runs, as variables of their environment. */
  readonly variables: Readonly<Record<string, string>>;
  /** The context that the token is of; `null`: it is of none. */
  readonly tokenContext: string | null;
}

/** The server's default address. */
const defaultAddress = "127.0.0.1:50051";

/** Makes the options that say where the server is. */
export function addressOption(): Option {
  return new Option(
    "--address <host:port>",
    "the server's address; of several that share their data: separated by commas",
  )
    .env("SITQ_ADDRESS")
    .default(defaultAddress)
    .argParser(parseAddress);
}

/** Makes the options that say how the server is called. */
export function securityOptions(): Option[] {
  return [
    new Option("--context <name>", "the server of a context: sitq context").env("SITQ_CONTEXT"),
    new Option("--tls", "encrypt; without --tls-ca the system's authorities are trusted (env: SITQ_TLS)"),
    new Option("--tls-ca <file>", "the authority of the server's certificate").env("SITQ_TLS_CA"),
    new Option("--tls-cert <file>", "the client certificate").env("SITQ_TLS_CLIENT_CERT"),
    new Option("--tls-key <file>", "the key of the client certificate").env("SITQ_TLS_CLIENT_KEY"),
    new Option("--tls-server-name <name>", "the name in the server's certificate").env("SITQ_TLS_SERVER_NAME"),
    new Option("--token-file <file>", "the file of the token").env("SITQ_TOKEN_FILE"),
    new Option("--insecure", "send the token to another machine in clear text too"),
  ];
}

/**
 * Reads how the server is called: an option goes before the environment, the environment before a context, a context before the
 * default. Where the address is given otherwise, the current context is left aside, and with it what is for its server; one that is
 * named is not.
 *
 * @throws CommandFailure of what is not usable
 */
export function connectionOf(shell: Shell, command: Command): Connection {
  const given = command.optsWithGlobals<ConnectionOptions>();
  const source = command.getOptionValueSourceWithGlobals("address");
  const isElsewhere = source === "cli" || (source === "env" && process.env.SITQ_ADDRESS !== "");
  const { name, context } = contextOf(shell, given.context || null, isElsewhere);
  const address = isElsewhere ? given.address : (context.address ?? given.address);
  const tls = tlsOf(given, context, shell);
  const token = tokenOf(given, command, context, shell);
  const insecure = given.insecure ?? context.insecure ?? false;
  return {
    options: { address, tls, insecure, ...token },
    variables: {
      SITQ_ADDRESS: address,
      ...variablesOf(tls),
      ...(token.tokenFile && { SITQ_TOKEN_FILE: token.tokenFile }),
    },
    tokenContext: token.tokenFile !== undefined && !given.tokenFile ? name : null,
  };
}

/** A context with its name. */
interface NamedContext {
  readonly name: string | null;
  readonly context: Context;
}

function contextOf(shell: Shell, named: string | null, isElsewhere: boolean): NamedContext {
  if (named === null && isElsewhere) return { name: null, context: {} };
  const { current, byName } = readContexts(shell);
  const name = named ?? current;
  const context = name === null ? {} : byName.get(name);
  if (context !== undefined) return { name, context };
  const hint = `There ${byName.size === 0 ? "are none" : `are: ${[...byName.keys()].join(", ")}`}, in ${contextPath(shell)}.`;
  throw wrongUsage(`there is no context "${name}"`, { hint });
}

function tlsOf(given: ConnectionOptions, context: Context, { environment }: Shell): boolean | TlsOptions {
  const caFile = given.tlsCa || context.tlsCa;
  const serverName = given.tlsServerName || context.tlsServerName;
  const own = given.tlsCert || given.tlsKey ? given : context;
  const files: TlsOptions = {
    ...(caFile && { caFile }),
    ...(own.tlsCert && { certFile: own.tlsCert }),
    ...(own.tlsKey && { keyFile: own.tlsKey }),
    ...(serverName && { serverName }),
  };
  if ((files.certFile === undefined) !== (files.keyFile === undefined)) {
    const [there, missing] = files.keyFile === undefined ? ["--tls-cert", "--tls-key"] : ["--tls-key", "--tls-cert"];
    throw wrongUsage(`${there} needs ${missing} with it`);
  }
  for (const [option, path] of [
    ["--tls-ca", files.caFile],
    ["--tls-cert", files.certFile],
    ["--tls-key", files.keyFile],
  ] as const) {
    if (path) mustBeReadable(path, `${option} ${path}`);
  }
  if (Object.keys(files).length > 0) return files;
  const { SITQ_TLS: variable } = environment;
  if (variable && variable !== "true" && variable !== "false") {
    throw wrongUsage(`SITQ_TLS is true or false, not ${JSON.stringify(variable)}`);
  }
  return given.tls ?? (variable ? variable === "true" : (context.tls ?? false));
}

/** A token stands on no command line: every process of the machine can read those. */
function tokenOf(
  given: ConnectionOptions,
  command: Command,
  context: Context,
  { environment }: Shell,
): Pick<ConnectOptions, "token" | "tokenFile"> {
  const isFlag = command.getOptionValueSourceWithGlobals("tokenFile") === "cli";
  // Leaves out that of the context.
  if (isFlag && given.tokenFile === "") return {};
  const { SITQ_TOKEN: token } = environment;
  if (token && !isFlag) {
    if (given.tokenFile) throw wrongUsage("both SITQ_TOKEN and SITQ_TOKEN_FILE are set");
    return { token };
  }
  const tokenFile = given.tokenFile || context.tokenFile;
  if (!tokenFile) return {};
  mustBeReadable(tokenFile, `cannot read the token in ${tokenFile}`);
  return { tokenFile };
}

/** @throws CommandFailure if it is no file, or none that can be read */
function mustBeReadable(path: string, failure: string): void {
  try {
    accessSync(path, constants.R_OK);
  } catch (error) {
    throw wrongUsage(`${failure}: ${systemErrorText(error)}`, { cause: error });
  }
  if (statSync(path).isDirectory()) throw wrongUsage(`${failure}: it is a directory`);
}

function variablesOf(tls: boolean | TlsOptions): Record<string, string> {
  if (typeof tls === "boolean") return tls ? { SITQ_TLS: "true" } : {};
  const { caFile, certFile, keyFile, serverName } = tls;
  return {
    ...(caFile && { SITQ_TLS_CA: caFile }),
    ...(certFile && { SITQ_TLS_CLIENT_CERT: certFile }),
    ...(keyFile && { SITQ_TLS_CLIENT_KEY: keyFile }),
    ...(serverName && { SITQ_TLS_SERVER_NAME: serverName }),
  };
}

/** Reads where the server is. An empty variable counts as not set. */
function parseAddress(text: string): string {
  if (text === "") return defaultAddress;
  const problem = callAddressProblem(text);
  if (problem === undefined) return text;
  throw new InvalidArgumentError(`${problem.charAt(0).toUpperCase()}${problem.slice(1)}.`);
}
