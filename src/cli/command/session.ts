import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Command } from "commander";
import {
  CallError,
  type CallOptions,
  type ConnectOptions,
  connect,
  createTextLog,
  type SitqClient,
} from "../../client/index.ts";
import { createPrinter, type Printer } from "../terminal/printer.ts";
import type { Shell } from "../terminal/shell.ts";
import { CommandFailure, wrongUsage } from "./command-failure.ts";
import { type Connection, type ConnectionOptions, connectionOf } from "./connection-options.ts";
import { describeFailure, type Shown, serverAt } from "./describe-failure.ts";

/** The options that every command has. */
export interface GlobalOptions extends ConnectionOptions {
  readonly json?: boolean;
  readonly wide?: boolean;
}

/** What a command works with while it runs. */
export interface Session {
  readonly shell: Shell;
  readonly client: SitqClient;
  readonly out: Printer;
  /** How the server is called, as variables for programs that the command runs. */
  readonly variables: Readonly<Record<string, string>>;
}

/** What a session is set up with. */
export interface SessionOptions {
  /** The service that its tasks or its worker belong to. Default: none. */
  readonly service?: string | undefined;
}

/** The deadline of a call that is answered at once: a peer that accepts the connection and never answers must not hang the command. */
export const briefly: CallOptions = { timeoutMs: 15_000 };

/** Of a call that goes through any number of tasks. */
export const patiently: CallOptions = { timeoutMs: 600_000 };

/**
 * Runs a command's work with a connection that is closed afterwards.
 *
 * @throws CommandFailure for whatever goes wrong and is not a bug
 */
export async function withSession(
  shell: Shell,
  command: Command,
  work: (session: Session) => Promise<void>,
  { service = "" }: SessionOptions = {},
): Promise<void> {
  const { json = false, wide = false } = command.optsWithGlobals<GlobalOptions>();
  const connection = connectionOf(shell, command);
  const { options, variables } = connection;
  let client: SitqClient | null = null;
  try {
    const log = createTextLog("warn", (line) => void shell.stderr.write(line));
    client = connectedBy({ ...options, service, log });
    await work({ shell, client, out: createPrinter(shell, { json, wide }), variables });
  } catch (error) {
    const failure = describeFailure(error, options.address, shownOf(connection));
    throw client !== null && isUnanswered(error) && (await isThere(client))
      ? halfAnswer(client.address, error)
      : failure;
  } finally {
    client?.close();
  }
}

/** Whether a call that may have reached the server was not answered in time. */
function isUnanswered(error: unknown): boolean {
  return error instanceof CallError && error.codeName === "DEADLINE_EXCEEDED" && error.unreached?.maybeSent === true;
}

/** Whether the server answers what needs no storage. */
function isThere(client: SitqClient): Promise<boolean> {
  return client.health.check({}, { timeoutMs: 2_000 }).then(
    () => true,
    () => false,
  );
}

/** The failure of a call that waits for the storage of a server that is there. */
function halfAnswer(address: string, cause: unknown): CommandFailure {
  return new CommandFailure(
    `${serverAt(address)} is there, but does not answer this: its storage does not answer, or is busy`,
    {
      hint: "Its log says what it waits for. On PostgreSQL look whether the database is there: sitq health",
      cause,
    },
  );
}

/** What hints need to know of a connection. */
function shownOf({ options: { tls }, tokenContext }: Connection): Shown {
  if (tls === false) return { tls: "plaintext", tokenContext };
  const { certFile } = typeof tls === "object" ? tls : {};
  if (certFile === undefined) return { tls: "without certificate", tokenContext };
  return { tls: "with certificate", certificateProblem: certificateProblem(certFile), tokenContext };
}

function certificateProblem(path: string): string | null {
  try {
    const { validFromDate, validToDate } = new X509Certificate(readFileSync(path));
    if (validToDate.getTime() < Date.now()) return `has expired at ${validToDate.toISOString()}`;
    return validFromDate.getTime() > Date.now() ? `is not valid before ${validFromDate.toISOString()}` : null;
  } catch {
    // It could be read when the connection was made: what is wrong with it by now is no help.
    return null;
  }
}

function connectedBy(options: ConnectOptions): SitqClient {
  try {
    return connect(options);
  } catch (error) {
    if (!(error instanceof CallError) || error.field !== "token") throw error;
    throw wrongUsage(error.message, {
      hint: "Use --tls or --tls-ca FILE; --insecure sends it all the same.",
      cause: error,
    });
  }
}
