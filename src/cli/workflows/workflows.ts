import type { Command } from "commander";
import { newCommand } from "../command/new-command.ts";
import type { Shell } from "../terminal/shell.ts";
import { cancelWorkflowCommand } from "./cancel.ts";
import { executeWorkflowCommand } from "./execute.ts";
import { listWorkflowsCommand } from "./list.ts";
import { retryWorkflowCommand } from "./retry.ts";
import { showWorkflowCommand } from "./show.ts";
import { startWorkflowCommand } from "./start.ts";
import { watchWorkflowCommand } from "./watch.ts";

/** The command `sitq workflows`: everything that is done with them; by itself it lists them. */
export function workflowsCommand(shell: Shell): Command {
  const command = newCommand("workflows", {
    does: "list workflows, or work with one",
    notes: "Without a subcommand it lists them, with the options of workflows list.",
    examples: [
      ["workflows", "the newest"],
      ["workflows show 0f3k9q2m7xa", "the graph of one with the state of each step"],
      ["workflows start order.json", "start one"],
    ],
  });
  command.addCommand(listWorkflowsCommand(shell), { isDefault: true });
  for (const below of [
    showWorkflowCommand(shell),
    startWorkflowCommand(shell),
    executeWorkflowCommand(shell),
    watchWorkflowCommand(shell),
    cancelWorkflowCommand(shell),
    retryWorkflowCommand(shell),
  ]) {
    command.addCommand(below);
  }
  return command;
}
