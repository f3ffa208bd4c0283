import type { Command } from "commander";
import { eachTask } from "../command/each-task.ts";
import { newCommand } from "../command/new-command.ts";
import { briefly, withSession } from "../command/session.ts";
import { readTaskIds } from "../input/task-ids.ts";
import type { Shell } from "../terminal/shell.ts";
import { workflowSummaryJson } from "./workflow-json.ts";
import { undoingWords, workflowStateWord } from "./workflow-words.ts";

/** The command `sitq workflows retry`: goes on with workflows that stopped. */
export function retryWorkflowCommand(shell: Shell): Command {
  const command = newCommand("retry", {
    takes: "<workflow-id...>",
    does: "retry workflows that failed or were cancelled",
    notes: [
      "Completed steps are kept, the others get fresh attempts. If a compensation failed, compensation continues.",
      "- reads ids from standard input.",
    ].join("\n"),
    examples: [
      ["workflows retry 0f3k9q2m7xa", "one"],
      ["workflows list --state failed --since 1h --ids --all | sitq workflows retry -", "many"],
    ],
  });
  return command.action((args: string[]) =>
    withSession(shell, command, async (session) => {
      await eachTask(
        session,
        // Ids sort by the time of creation, and a listing has the newest first.
        (await readTaskIds(args, shell)).toSorted(),
        "not retried",
        async (workflowId) => {
          const { workflow } = await session.client.workflow.retryWorkflow({ workflowId }, briefly);
          if (workflow === undefined) return { text: workflowId, json: {} };
          const words = [workflowStateWord(workflow.state), undoingWords(workflow.compensationState)];
          const text = `${workflowId} ${words.filter((word) => word !== "").join(", ")}`;
          return { text, json: workflowSummaryJson(workflow) };
        },
        "workflow",
      );
    }),
  );
}
