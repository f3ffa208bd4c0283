import type { Command } from "commander";
import { newCommand } from "../command/new-command.ts";
import { withSession } from "../command/session.ts";
import { parseDurationOption } from "../input/duration.ts";
import type { Shell } from "../terminal/shell.ts";
import { awaitFinished } from "./await-task.ts";
import { printResult, type ResultOptions } from "./print-result.ts";

interface Options extends ResultOptions {
  readonly timeout?: number;
}

/** The command `sitq await`: waits for one task and prints its result. */
export function awaitCommand(shell: Shell): Command {
  const command = newCommand("await", {
    takes: "<task-id>",
    does: "wait until a task is finished and print its result",
    notes: "Exit code 0: COMPLETED; 5: FAILED or CANCELLED; 7: not finished in time.",
    examples: [
      ["await 0f3k9q2m7xa", "without a time limit"],
      ["await 0f3k9q2m7xa --timeout 5m --raw > label.txt", "a string without quotes"],
    ],
  });
  command
    .option("--timeout <duration>", "how long to wait (default: no limit)", parseDurationOption)
    .option("-r, --raw", "print a string result without JSON quotes");
  return command.action((taskId: string) =>
    withSession(shell, command, async (session) => {
      const options = command.opts<Options>();
      await printResult(session, await awaitFinished(session, taskId, options.timeout), options);
    }),
  );
}
