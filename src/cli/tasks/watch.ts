import type { Command } from "commander";
import type { TaskChange } from "../../client/index.ts";
import { withFirstWord } from "../command/first-word.ts";
import { newCommand } from "../command/new-command.ts";
import { type Session, withSession } from "../command/session.ts";
import { addFilterOptions, chosenFilter, type FilterOptions } from "../input/task-filter.ts";
import type { Printer } from "../terminal/printer.ts";
import { interruptible, type Shell } from "../terminal/shell.ts";
import { changeJson, changeLine } from "./output/task-change.ts";

/** The command `sitq watch`: changes of tasks as they come. */
export function watchCommand(shell: Shell): Command {
  const command = newCommand("watch", {
    does: "stream the changes of tasks",
    notes: "Runs until Ctrl-C. With --json: one change per line.",
    examples: [
      ["watch", "everything"],
      ["watch --queue orders --state failed", "only failures"],
      ["watch --json | jq -r 'select(.state == \"TASK_STATE_COMPLETED\").taskId'", "for a script"],
    ],
  });
  addFilterOptions(command, { ages: true });
  return command.action(() =>
    withSession(shell, command, (session) =>
      interruptible(shell, (interrupted) => watch(session, command.opts<FilterOptions>(), interrupted)),
    ),
  );
}

async function watch({ client, out }: Session, options: FilterOptions, interrupted: AbortSignal): Promise<void> {
  const filter = chosenFilter(options) ?? {};
  const open = (signal: AbortSignal) => client.queue.watchTasks({ filter }, { signal });
  try {
    for await (const { changes } of withFirstWord(client.address, interrupted, open)) {
      if (changes.length === 0) out.remark("Watching; press Ctrl-C to stop.");
      for (const change of changes) await printChange(change, out);
    }
  } catch (error) {
    if (!interrupted.aborted) throw error;
  }
}

function printChange(change: TaskChange, out: Printer): Promise<void> {
  return out.asJson ? out.json(changeJson(change)) : out.line(changeLine(change, out.paint));
}
