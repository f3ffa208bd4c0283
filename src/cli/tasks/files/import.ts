import type { Command } from "commander";
import { wrongUsage } from "../../command/command-failure.ts";
import { newCommand } from "../../command/new-command.ts";
import { withSession } from "../../command/session.ts";
import { openSource } from "../../input/read-source.ts";
import type { Shell } from "../../terminal/shell.ts";
import { storeLines } from "../store-lines.ts";
import { exportedTask } from "./exported-task.ts";

interface Options {
  readonly queue?: string;
  readonly requestId: string;
}

/** The command `sitq import`: enqueues the tasks of a file that `sitq export` wrote, as new ones. */
export function importCommand(shell: Shell): Command {
  const command = newCommand("import", {
    takes: "[file]",
    does: "enqueue the tasks of a file that sitq export wrote, as new tasks",
    notes: [
      "Each has the queue, type, payload, headers, priority, limits, correlation id and deduplication key of the exported one; a time that is past is left out.",
      "Without a file, or with -, it reads standard input. Repeating it is safe: a task that was imported, and is kept, is not enqueued again.",
    ].join("\n"),
    examples: [
      ["import failed.jsonl", "once more"],
      ["import failed.jsonl --queue mail-slow", "into another queue"],
      ["export --queue mail --context old | sitq import --context new", "to another server"],
      ["import failed.jsonl --request-id second-try", "again, though they were imported before"],
    ],
  });
  command
    .option("-q, --queue <queue>", "the queue of all of them (default: each its own)")
    .option("--request-id <id>", "idempotency key, a prefix to the id of each exported task", "import");
  return command.action((file = "-") =>
    withSession(shell, command, async (session) => {
      const { queue, requestId } = command.opts<Options>();
      const source = await openSource(file === "-" ? file : `@${file}`, shell);
      if (source === null) throw wrongUsage("there is no file");
      await storeLines(session, {
        source,
        into: queue === undefined ? "" : ` into ${queue}`,
        isRepeatable: true,
        async enqueue(producer, line) {
          const task = exportedTask(line, Date.now());
          const options = { ...task.options, ...(task.id !== "" && { requestId: `${requestId}-${task.id}` }) };
          return producer.enqueue(queue ?? task.queue, task.definition, task.payload, options);
        },
      });
    }),
  );
}
