import type { Command } from "commander";
import type { TaskState } from "../../client/index.ts";
import { confirm } from "../command/confirm.ts";
import { newCommand } from "../command/new-command.ts";
import { patiently, withSession } from "../command/session.ts";
import { collectStates, stateWords } from "../input/states.ts";
import { skippedJson, skippedText } from "../tasks/output/skipped-tasks.ts";
import { stateWord } from "../tasks/output/task-words.ts";
import { integerJson } from "../terminal/json.ts";
import { counted } from "../terminal/numbers.ts";
import type { Shell } from "../terminal/shell.ts";

interface Options {
  readonly state?: TaskState[];
  readonly dryRun?: boolean;
  readonly yes?: boolean;
}

/** The command `sitq purge`: deletes the tasks of a queue. */
export function purgeCommand(shell: Shell): Command {
  const command = newCommand("purge", {
    takes: "<queue>",
    does: "delete the tasks of a queue, except running ones",
    notes: "Counts them first and asks.",
    examples: [
      ["purge orders --dry-run", "count only"],
      ["purge orders --state failed --yes", "failed tasks, without asking"],
    ],
  });
  command
    .option(
      "-s, --state <state>",
      `only tasks in this state (${stateWords}, but not running); repeatable`,
      collectStates,
    )
    .option("--dry-run", "only count the tasks")
    .option("-y, --yes", "do not ask");
  return command.action((name: string) =>
    withSession(shell, command, async ({ client, out }) => {
      const { state: states = [], dryRun = false, yes = false } = command.opts<Options>();
      const count = await client.queue.purgeQueue({ name, states, dryRun: true }, patiently);
      const { taskCount } = count;
      const print = ({ taskCount, skipped }: typeof count, text: string) =>
        out.asJson
          ? out.json({ taskCount: integerJson(taskCount), skipped: skippedJson(skipped), dryRun })
          : out.line(`${text}${skippedText(skipped)}`);
      const noun = [states.map(stateWord).join(" or "), "task"].join(" ").trim();
      const found = `${counted(taskCount, noun)} of queue ${name}`;
      if (dryRun) return print(count, `would delete ${found}`);
      if (taskCount === 0n) return print(count, `nothing to delete: ${found}`);
      if (!yes) await confirm(shell, `delete ${found}`);
      const done = await client.queue.purgeQueue({ name, states }, patiently);
      const others = done.taskCount === taskCount ? "" : `; ${counted(taskCount, "task")} matched before the question`;
      await print(done, `deleted ${counted(done.taskCount, "task")}${others}`);
    }),
  );
}
