import type { Command } from "commander";
import { eachTask } from "../command/each-task.ts";
import { newCommand } from "../command/new-command.ts";
import { briefly, withSession } from "../command/session.ts";
import { readTaskIds } from "../input/task-ids.ts";
import type { Shell } from "../terminal/shell.ts";
import { workflowSummaryJson } from "./workflow-json.ts";
import { workflowStateWord } from "./workflow-words.ts";

/** The command `sitq workflows cancel`: calls workflows off. */
export function cancelWorkflowCommand(shell: Shell): Command {
  const command = newCommand("cancel", {
    takes: "<workflow-id...>",
    does: "cancel workflows",
    notes: "Running steps are signalled to stop, waiting ones never start. - reads ids from standard input.",
    examples: [
      ["workflows cancel 0f3k9q2m7xa --reason 'the customer left'", "one"],
      ["workflows cancel 0f3k9q2m7xa --compensate", "compensate completed steps"],
      ["workflows list --name place-order --state running --ids --all | sitq workflows cancel -", "many"],
    ],
  });
  command
    .option("--reason <text>", "reason, shown in the workflow and passed to its handlers", "")
    .option("--compensate", "compensate completed steps");
  return command.action((args: string[]) =>
    withSession(shell, command, async (session) => {
      const { reason, compensate = false } = command.opts<{ readonly reason: string; readonly compensate?: boolean }>();
      await eachTask(
        session,
        await readTaskIds(args, shell),
        "not cancelled",
        async (workflowId) => {
          const request = { workflowId, reason, compensate };
          const { workflow } = await session.client.workflow.cancelWorkflow(request, briefly);
          return {
            text: `${workflowId} ${workflow ? workflowStateWord(workflow.state) : ""}`,
            json: workflow ? workflowSummaryJson(workflow) : {},
          };
        },
        "workflow",
      );
    }),
  );
}
