import type { Command } from "commander";
import { StoreRefused } from "../../store/store-refused.ts";
import { CommandFailure } from "../command/command-failure.ts";
import { exitCodes } from "../command/exit-codes.ts";
import { newCommand } from "../command/new-command.ts";
import type { GlobalOptions } from "../command/session.ts";
import { parseDatabaseUrl } from "../input/database-url.ts";
import { counted } from "../terminal/numbers.ts";
import { printable } from "../terminal/printable.ts";
import { createPrinter } from "../terminal/printer.ts";
import { createProgress } from "../terminal/progress.ts";
import { interruptible, type Shell } from "../terminal/shell.ts";

interface Options {
  readonly from: string;
  readonly to: string;
}

/** The command `sitq migrate`: moves the file of a stopped server into a database of PostgreSQL. */
export function migrateCommand(shell: Shell): Command {
  const command = newCommand("migrate", {
    does: "move the file of a stopped server to PostgreSQL",
    notes: [
      "Everything moves: tasks, events, workflows, settings, principals, the audit log; ids stay.",
      "Each row is compared afterwards. What was interrupted goes on where it stopped: run the same command again.",
      "The file stays as it is. No server may run on it, nor on the schema.",
      "Then start the server with --store in place of --db.",
    ].join("\n"),
    examples: [
      ["migrate --from sitq.db --to postgres://sitq@db.example/sitq", "into the schema sitq"],
      ["migrate --from sitq.db --to 'postgres://sitq@db.example/jobs?schema=queue'", "into another schema"],
    ],
  });
  command
    .requiredOption("--from <file>", "the database file")
    .requiredOption("--to <url>", "the database, as serve --store takes it", parseDatabaseUrl);
  return command.action(async () => {
    const { json = false, wide = false } = command.optsWithGlobals<GlobalOptions>();
    const { from, to } = command.opts<Options>();
    const out = createPrinter(shell, { json, wide });
    const counts = await interruptible(shell, (interrupted) => transfer(shell, { from, to }, interrupted));
    const rows = [...counts.values()].reduce((sum, n) => sum + n, 0);
    if (out.asJson) await out.json({ file: from, rows, tables: Object.fromEntries(counts) });
    else {
      const [tasks, events, workflows] = ["task", "event", "workflow"].map((name) => counts.get(name) ?? 0);
      const what = `${counted(tasks ?? 0, "task")}, ${counted(events ?? 0, "event")}, ${counted(workflows ?? 0, "workflow")}`;
      await out.line(`${printable(from)}: moved and compared ${what}; ${counted(rows, "row")} in all`);
    }
  });
}

async function transfer(
  shell: Shell,
  { from, to }: Options,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, number>> {
  // The code of the engines is loaded for this alone.
  const { transferFile } = await import("../../store/transfer/transfer.ts");
  const bars = { move: createProgress(shell, "moved"), verify: createProgress(shell, "compared") };
  try {
    return await transferFile({
      from,
      to,
      signal,
      onProgress: (phase, done, total) => bars[phase].update(done, total),
    });
  } catch (error) {
    if (signal.aborted) {
      throw new CommandFailure("interrupted: run the same command again to go on", { cause: error });
    }
    if (error instanceof StoreRefused)
      throw new CommandFailure(error.message, { exitCode: exitCodes.refused, cause: error });
    throw error;
  } finally {
    bars.move.stop();
    bars.verify.stop();
  }
}
