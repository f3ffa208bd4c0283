import type { Command } from "commander";
import { eachTask } from "../command/each-task.ts";
import { newCommand } from "../command/new-command.ts";
import { briefly, withSession } from "../command/session.ts";
import { readTaskIds } from "../input/task-ids.ts";
import type { Shell } from "../terminal/shell.ts";
import { workflowSummaryJson } from "./workflow-json.ts";
import { workflowStateWord } from "./workflow-words.ts";

/** The command `sitq workflows execute`: lets workflows begin that were only stored. */
export function executeWorkflowCommand(shell: Shell): Command {
  const command = newCommand("execute", {
    takes: "<workflow-id...>",
    does: "execute workflows that were started with --pending",
    notes: "Repeating it changes nothing. - reads ids from standard input.",
    examples: [["workflows execute 0f3k9q2m7xa", "its first steps are released"]],
  });
  return command.action((args: string[]) =>
    withSession(shell, command, async (session) => {
      await eachTask(
        session,
        // Ids sort by the time of creation, and a listing has the newest first.
        (await readTaskIds(args, shell)).toSorted(),
        "not executed",
        async (workflowId) => {
          const { workflow, executed } = await session.client.workflow.executeWorkflow({ workflowId }, briefly);
          const state = workflow ? workflowStateWord(workflow.state) : "";
          return {
            text: `${workflowId} ${executed ? "released" : `had begun before: ${state}`}`,
            json: workflow ? { ...workflowSummaryJson(workflow), executed } : {},
          };
        },
        "workflow",
      );
    }),
  );
}
