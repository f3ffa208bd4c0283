import type { Command } from "commander";
import { newCommand } from "../../new-command.ts";
import { withSession } from "../../session.ts";
import type { Shell } from "../../shell.ts";
import { cancelWorkflowCommand } from "./cancel.ts";
import { addListOptions, printWorkflows } from "./list.ts";
import { retryWorkflowCommand } from "./retry.ts";
import { showWorkflowCommand } from "./show.ts";
import { startWorkflowCommand } from "./start.ts";
import { watchWorkflowCommand } from "./watch.ts";

/** The command `sitq workflows`: lists them; its own commands do everything else with them. */
export function workflowsCommand(shell: Shell): Command {
  const command = newCommand("workflows", {
    does: "list workflows, newest first, or work with one",
    notes: "With --json: one workflow a line, without steps and input; show has those.",
    examples: [
      ["workflows", "the newest"],
      ["workflows --state failed,cancelled --since 1d", "what did not complete, and why"],
      ["workflows --name place-order --state running --all", "what goes on"],
      ["workflows show 0f3k9q2m7xa", "the graph of one, with the state of each step"],
      ["workflows start order.json", "a new one"],
    ],
  });
  addListOptions(command)
    // Otherwise the options of a listing would be taken from the commands below.
    .enablePositionalOptions()
    .action(() => withSession(shell, command, (session) => printWorkflows(session, command)));
  for (const below of [
    ...[showWorkflowCommand(shell), startWorkflowCommand(shell), watchWorkflowCommand(shell)],
    ...[cancelWorkflowCommand(shell), retryWorkflowCommand(shell)],
  ]) {
    command.addCommand(below);
  }
  return command;
}
