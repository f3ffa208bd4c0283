import { existsSync } from "node:fs";
import type { Command } from "commander";
import type { SitqClient } from "../../client/index.ts";
import { StoreRefused } from "../../store/store-refused.ts";
import { CommandFailure, wrongUsage } from "../command/command-failure.ts";
import { describeFailure } from "../command/describe-failure.ts";
import { exitCodes } from "../command/exit-codes.ts";
import { type GlobalOptions, withSession } from "../command/session.ts";
import { createPrinter, type Printer } from "../terminal/printer.ts";
import type { Shell } from "../terminal/shell.ts";

/** What a command about principals works with. */
export interface AccessSession {
  readonly access: SitqClient["access"];
  readonly out: Printer;
}

/** Adds the option that works on a file in place of a server. */
export function onFileToo(command: Command): Command {
  return command.option("--db <file>", "work on this database file, while no server runs on it");
}

/**
 * Runs a command's work on the server, or with --db on a file.
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
  const { db } = command.opts<{ readonly db?: string }>();
  if (db === undefined) return withSession(shell, command, ({ client, out }) => work({ access: client.access, out }));
  if (command.parent?.parent?.getOptionValueSource("address") === "cli") {
    throw wrongUsage("--db works on a file, --address on a server: give one of them");
  }
  const out = createPrinter(shell, command.optsWithGlobals<GlobalOptions>());
  const isNew = !existsSync(db);
  if (isNew && !creates) throw new CommandFailure(`there is no database ${db}`, { exitCode: exitCodes.notFound });
  // The store is loaded for this alone.
  const { withLocalAccess } = await import("../../local/local-access.ts");
  try {
    await withLocalAccess(db, (access) => work({ access, out }));
    if (isNew) out.remark(`${db} is a new database`);
  } catch (error) {
    if (!(error instanceof StoreRefused)) throw describeFailure(error, db);
    throw new CommandFailure(error.message, { exitCode: exitCodes.refused, cause: error, hint: runningHint });
  }
}

const runningHint = "A running server is asked without --db.";
