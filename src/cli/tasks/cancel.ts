import type { Command } from "commander";
import { eachTask } from "../command/each-task.ts";
import { newCommand } from "../command/new-command.ts";
import { briefly, withSession } from "../command/session.ts";
import { readTaskIds } from "../input/task-ids.ts";
import type { Shell } from "../terminal/shell.ts";
import { basicTaskJson } from "./output/task-json.ts";
import { stateWord } from "./output/task-words.ts";

/** The command `sitq cancel`: calls tasks off. */
export function cancelCommand(shell: Shell): Command {
  const command = newCommand("cancel", {
    takes: "<task-id...>",
    does: "cancel tasks in any state",
    notes: "A running handler is signalled to stop. - reads ids from standard input.",
    examples: [
      ["cancel 0f3k9q2m7xa --reason 'wrong address'", "one task"],
      ["list --queue orders --state pending --ids --all | sitq cancel -", "many"],
    ],
  });
  command.option("--reason <text>", "reason, shown in the task and passed to its handler", "");
  return command.action((args: string[]) =>
    withSession(shell, command, async (session) => {
      const { reason } = command.opts<{ readonly reason: string }>();
      await eachTask(session, await readTaskIds(args, shell), "not cancelled", async (taskId) => {
        const { task } = await session.client.queue.cancelTask({ taskId, reason }, briefly);
        return { text: `${taskId} ${task ? stateWord(task.state) : ""}`, json: task ? basicTaskJson(task) : {} };
      });
    }),
  );
}
