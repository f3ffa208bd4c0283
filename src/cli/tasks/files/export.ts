import { type Command, Option } from "commander";
import { CommandFailure, wrongUsage } from "../../command/command-failure.ts";
import { exitCodes } from "../../command/exit-codes.ts";
import { isContentHidden } from "../../command/hidden-content.ts";
import { newCommand } from "../../command/new-command.ts";
import { type Session, withSession } from "../../command/session.ts";
import { addFilterOptions, chosenFilter, type FilterOptions } from "../../input/task-filter.ts";
import { createNewFile, forceHint } from "../../server/new-file.ts";
import { bytesText, counted } from "../../terminal/numbers.ts";
import { printable } from "../../terminal/printable.ts";
import { createProgress } from "../../terminal/progress.ts";
import { interruptible, type Shell } from "../../terminal/shell.ts";
import { nothingFound } from "../nothing-found.ts";
import { wholeTasks } from "./read-tasks.ts";
import { type FileFormat, taskWriter } from "./task-writer.ts";

interface Options extends FilterOptions {
  readonly out?: string;
  readonly force?: boolean;
  readonly format: FileFormat;
  readonly attempts?: boolean;
}

/** The command `sitq export`: tasks with payloads and results, to a file or to standard output. */
export function exportCommand(shell: Shell): Command {
  const command = newCommand("export", {
    does: "write tasks with their payloads, results and errors to a file",
    notes: [
      "One task a line, the oldest first: those that are there when it begins. Damaged content is left out and named in damagedFields.",
      "A file is there only when it is complete. sitq import enqueues its tasks again.",
    ].join("\n"),
    examples: [
      ["export --queue mail --state failed --out failed.jsonl", "what failed"],
      ["export --since 1d --format csv --out today.csv", "for a spreadsheet"],
      ["export --error SmtpError | jq -r .payload.json.to", "for a script"],
    ],
  });
  addFilterOptions(command)
    .option("-o, --out <file>", "the file (default: standard output)")
    .option("-f, --force", "replace the file if it exists")
    .addOption(new Option("--format <format>", "how tasks are written").choices(["jsonl", "csv"]).default("jsonl"))
    .option("--attempts", "with the attempts of each task, which takes a call for each; not in CSV");
  return command.action(() =>
    withSession(shell, command, async (session) => {
      const options = command.opts<Options>();
      if (options.attempts && options.format === "csv") throw wrongUsage("--attempts has no columns in CSV");
      if (options.force && options.out === undefined) throw wrongUsage("--force is for --out");
      await mustSeeContent(session, options);
      const { count, bytes, damaged } = await interruptible(shell, (signal) => exportTasks(session, options, signal));
      await report(session, options, { count, bytes, damaged });
    }),
  );
}

interface Exported {
  readonly count: number;
  readonly bytes: number;
  /** How many have damaged content. */
  readonly damaged: number;
}

/** An export without content that looks like one of empty payloads would be worse than none. */
async function mustSeeContent({ client }: Session, { queue }: Options): Promise<void> {
  if (!(await isContentHidden(client, { kind: "queues", names: queue === undefined ? [] : [queue] }))) return;
  throw new CommandFailure("the payloads of these tasks are hidden from you", {
    exitCode: exitCodes.denied,
    hint: "It takes a viewer with --payloads, a producer or an operator of the queue. See: sitq whoami",
  });
}

async function exportTasks(session: Session, options: Options, signal: AbortSignal): Promise<Exported> {
  const { client, out, shell } = session;
  const { path, replace } = { path: options.out, replace: options.force ?? false };
  const file = path === undefined ? null : await createNewFile(path, { replace, hint: forceHint });
  // A bar and the tasks themselves would overwrite each other.
  const progress =
    file === null && out.layout.width !== Number.POSITIVE_INFINITY ? null : createProgress(shell, "exported");
  const writer = taskWriter(options.format, file ?? { write: (bytes) => out.bytes(bytes) });
  try {
    const wanted = { filter: chosenFilter(options) ?? {}, withAttempts: options.attempts ?? false, signal };
    await writer.begin();
    for await (const tasks of wholeTasks(client, wanted)) {
      await writer.write(tasks);
      progress?.update(writer.count);
    }
    await file?.finish();
    return writer;
  } catch (error) {
    if (!signal.aborted) throw error;
    const left = file === null ? `after ${counted(writer.count, "task")}` : "no file was written";
    throw new CommandFailure(`interrupted: ${left}`, { cause: error });
  } finally {
    progress?.stop();
    await file?.discard();
  }
}

async function report({ client, out, shell }: Session, options: Options, exported: Exported): Promise<void> {
  const { count, bytes, damaged } = exported;
  const file = options.out;
  if (damaged > 0)
    shell.stderr.write(`warning: ${counted(damaged, "task")} with content that is damaged on the server's disk\n`);
  if (file !== undefined && out.asJson)
    return out.json({ file, taskCount: count, sizeBytes: bytes, damagedCount: damaged });
  if (count === 0) out.remark(await nothingFound(client, options.queue));
  if (file === undefined) return count === 0 ? undefined : out.remark(`${counted(count, "task")} exported`);
  await out.line(`${counted(count, "task")} exported to ${printable(file)}, ${bytesText(bytes)}`);
}
