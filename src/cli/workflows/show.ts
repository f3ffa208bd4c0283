import type { Command } from "commander";
import { newCommand } from "../command/new-command.ts";
import { briefly, withSession } from "../command/session.ts";
import type { Shell } from "../terminal/shell.ts";
import { printWorkflow } from "./print-workflow.ts";

/** The command `sitq workflows show`: the graph of one workflow. */
export function showWorkflowCommand(shell: Shell): Command {
  const command = newCommand("show", {
    takes: "<workflow-id>",
    does: "draw a workflow's steps with the state of each",
    notes: "Waiting steps show what they wait for and for how long. With --json: the whole workflow.",
    examples: [
      ["workflows show 0f3k9q2m7xa", "its graph"],
      ["workflows show 0f3k9q2m7xa --json | jq '.steps[] | {stepId, result}'", "for a script"],
    ],
  });
  return command.action((workflowId: string) =>
    withSession(shell, command, async (session) => {
      const { workflow } = await session.client.workflow.getWorkflow({ workflowId }, briefly);
      if (workflow !== undefined) await printWorkflow(session, workflow);
    }),
  );
}
