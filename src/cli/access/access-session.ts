import { existsSync } from "node:fs";
import type { Command } from "commander";
import type { SitqClient } from "../../client/index.ts";
import type { LocalData } from "../../local/local-access.ts";
import { StoreRefused } from "../../store/store-refused.ts";
import { CommandFailure, wrongUsage } from "../command/command-failure.ts";
import { describeFailure } from "../command/describe-failure.ts";
import { exitCodes } from "../command/exit-codes.ts";
import { type GlobalOptions, withSession } from "../command/session.ts";
import { databaseName, parseDatabaseUrl } from "../input/database-url.ts";
import { createPrinter, type Printer } from "../terminal/printer.ts";
import type { Shell } from "../terminal/shell.ts";

/** What a command about principals works with. */
export interface AccessSession {
  readonly access: SitqClient["access"];
  readonly out: Printer;
}

/** Adds the options that work on what a server keeps in place of a server. */
export function onFileToo(command: Command): Command {
  return command
    .option("--db <file>", "work on this database file, while no server runs on it")
    .option(
      "--store [url]",
      "work on this database of PostgreSQL, also while servers run; without a URL on that of SITQ_STORE",
      parseDatabaseUrl,
    );
}

/** Whether the command works on what a server keeps, and asks none. */
export function isLocal(command: Command): boolean {
  const { db, store } = command.opts<LocalOptions>();
  return db !== undefined || store !== undefined;
}

/** Whether the command works on a database of PostgreSQL, on which servers may run. */
export function isInPostgres(command: Command): boolean {
  return command.opts<LocalOptions>().store !== undefined;
}

interface LocalOptions {
  readonly db?: string;
  /** True: the URL is in the environment. */
  readonly store?: string | true;
}

/** What is worked on in place of a server. */
interface Place {
  readonly data: LocalData;
  /** In messages. */
  readonly name: string;
  /** It is a file that is not there. */
  readonly isNew: boolean;
}

/**
 * Runs a command's work on the server, or with --db on a file, with --store on a database of PostgreSQL.
 *
 * @param creates a file that is missing is created, and named; otherwise its name is taken for a mistake
 * @throws CommandFailure for whatever goes wrong and is not a bug
 */
export async function withAccess(
  shell: Shell,
  command: Command,
  work: (session: AccessSession) => Promise<void>,
  { creates = false }: { readonly creates?: boolean } = {},
): Promise<void> {
  if (!isLocal(command)) return withSession(shell, command, ({ client, out }) => work({ access: client.access, out }));
  const place = placeOf(shell, command);
  const out = createPrinter(shell, command.optsWithGlobals<GlobalOptions>());
  if (place.isNew && !creates) {
    throw new CommandFailure(`there is no database ${place.name}`, { exitCode: exitCodes.notFound });
  }
  // The store is loaded for this alone.
  const { withLocalAccess } = await import("../../local/local-access.ts");
  try {
    await withLocalAccess(place.data, (access) => work({ access, out }));
    if (place.isNew) out.remark(`${place.name} is a new database`);
  } catch (error) {
    if (!(error instanceof StoreRefused)) throw describeFailure(error, place.name);
    const hint = "dbPath" in place.data ? "A running server is asked without --db." : undefined;
    throw new CommandFailure(error.message, { exitCode: exitCodes.refused, cause: error, hint });
  }
}

function placeOf(shell: Shell, command: Command): Place {
  const { db, store } = command.opts<LocalOptions>();
  if (db !== undefined && store !== undefined)
    throw wrongUsage("--db works on a file, --store on PostgreSQL: give one");
  if (command.parent?.parent?.getOptionValueSource("address") === "cli") {
    const given = db === undefined ? "--store works on a database" : "--db works on a file";
    throw wrongUsage(`${given}, --address on a server: give one of them`);
  }
  if (db !== undefined) return { data: { dbPath: db }, name: db, isNew: !existsSync(db) };
  const url = typeof store === "string" ? store : urlOf(shell.environment.SITQ_STORE);
  return { data: { storeUrl: url }, name: databaseName(url), isNew: false };
}

function urlOf(text = ""): string {
  try {
    return parseDatabaseUrl(text);
  } catch (error) {
    throw wrongUsage("--store without a URL needs that of a database of PostgreSQL in SITQ_STORE", { cause: error });
  }
}
