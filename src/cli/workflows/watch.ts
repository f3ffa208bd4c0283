import type { Command } from "commander";
import { watchWorkflow } from "../../client/index.ts";
import { newCommand } from "../command/new-command.ts";
import { type Session, withSession } from "../command/session.ts";
import { interruptible, type Shell } from "../terminal/shell.ts";
import { workflowChangeJson, workflowChangeLine } from "./workflow-change.ts";
import { workflowStateWord } from "./workflow-words.ts";

/** The command `sitq workflows watch`: the changes of one workflow as they come. */
export function watchWorkflowCommand(shell: Shell): Command {
  const command = newCommand("watch", {
    takes: "<workflow-id>",
    does: "stream the changes of a workflow",
    notes: "Runs until the workflow is at rest, or Ctrl-C. With --json: one change per line.",
    examples: [
      ["workflows watch 0f3k9q2m7xa", "until it is at rest"],
      ["workflows watch 0f3k9q2m7xa --json | jq -r .stepId", "for a script"],
    ],
  });
  return command.action((workflowId: string) =>
    withSession(shell, command, (session) => interruptible(shell, (signal) => watch(session, workflowId, signal))),
  );
}

async function watch({ client, out }: Session, workflowId: string, signal: AbortSignal): Promise<void> {
  for await (const { workflow, changes } of watchWorkflow(client, workflowId, { signal, retryTimeoutMs: 0 })) {
    if (workflow !== null) {
      const word = workflowStateWord(workflow.state);
      const isAtRest = workflow.finishTime !== undefined;
      out.remark(isAtRest ? `It is ${word}, at rest.` : `It is ${word}. Watching; press Ctrl-C to stop.`);
    }
    for (const change of changes) {
      await (out.asJson ? out.json(workflowChangeJson(change)) : out.line(workflowChangeLine(change, out.paint)));
    }
  }
}
