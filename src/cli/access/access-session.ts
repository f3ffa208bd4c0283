import type { Command } from "commander";
import { SitqError } from "../../domain/errors.ts";
import type { LocalAccess } from "../../local-access.ts";
import { StoreRefused } from "../../store/store-refused.ts";
import { CommandFailure, wrongUsage } from "../command/command-failure.ts";
import { exitCodes } from "../command/exit-codes.ts";
import { type GlobalOptions, withSession } from "../command/session.ts";
import { createPrinter, type Printer } from "../terminal/printer.ts";
import type { Shell } from "../terminal/shell.ts";

/** What a command about principals works with. */
export interface AccessSession {
  readonly access: LocalAccess;
  readonly out: Printer;
}

/** Adds the option that works on a file in place of a server. */
export function onFileToo(command: Command): Command {
  return command.option("--db <file>", "work on this database file, while no server runs on it");
}

/** Runs a command's work on the server, or with --db on a file. */
export async function withAccess(
  shell: Shell,
  command: Command,
  work: (session: AccessSession) => Promise<void>,
): Promise<void> {
  const { db } = command.opts<{ readonly db?: string }>();
  if (db === undefined) return withSession(shell, command, ({ client, out }) => work({ access: client.access, out }));
  const out = createPrinter(shell, command.optsWithGlobals<GlobalOptions>());
  // The store is loaded for this alone.
  const { withLocalAccess } = await import("../../local-access.ts");
  try {
    await withLocalAccess(db, (access) => work({ access, out }));
  } catch (error) {
    if (error instanceof StoreRefused) throw new CommandFailure(error.message, { cause: error, hint: runningHint });
    if (!(error instanceof SitqError)) throw error;
    const text = `${error.message} (${error.reason})`;
    if (error.kind === "invalid") throw wrongUsage(text, { cause: error });
    const exitCode = error.kind === "not_found" ? exitCodes.notFound : exitCodes.refused;
    throw new CommandFailure(text, { exitCode, cause: error });
  }
}

const runningHint = "A running server is asked without --db.";
