import { create } from "@bufbuild/protobuf";
import type { Command } from "commander";
import { type SitqClient, type Workflow, WorkflowSchema } from "../../client/index.ts";
import { newCommand } from "../command/new-command.ts";
import { briefly, withSession } from "../command/session.ts";
import { addWatchOption, show } from "../live/show.ts";
import type { View } from "../live/view.ts";
import { workflowWakeUps } from "../live/wake-ups.ts";
import type { Shell } from "../terminal/shell.ts";
import { printWorkflow } from "./print-workflow.ts";
import { workflowJson } from "./workflow-json.ts";

/** The command `sitq workflows show`: the graph of one workflow. */
export function showWorkflowCommand(shell: Shell): Command {
  const command = newCommand("show", {
    takes: "<workflow-id>",
    does: "draw a workflow's steps with the state of each",
    notes: "Waiting steps show what they wait for and for how long. With --json: the whole workflow.",
    examples: [
      ["workflows show 0f3k9q2m7xa", "its graph"],
      ["workflows show 0f3k9q2m7xa --watch", "live, until it is at rest"],
      ["workflows show 0f3k9q2m7xa --json | jq '.steps[] | {stepId, result}'", "for a script"],
    ],
  });
  addWatchOption(command);
  return command.action((workflowId: string) =>
    withSession(shell, command, (session) => {
      const { client } = session;
      return show(session, command, workflowView(client, workflowId), workflowWakeUps(client, workflowId));
    }),
  );
}

function workflowView(client: SitqClient, workflowId: string): View<Workflow> {
  return {
    items: null,
    async read() {
      const { workflow } = await client.workflow.getWorkflow({ workflowId }, briefly);
      return workflow ?? create(WorkflowSchema, { id: workflowId });
    },
    print: (workflow, out) => printWorkflow({ client, out }, workflow),
    json: (workflow) => [workflowJson(workflow)],
    isOver: ({ finishTime }) => finishTime !== undefined,
  };
}
