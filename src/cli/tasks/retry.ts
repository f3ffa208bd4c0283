import type { Command } from "commander";
import { TaskState } from "../../client/index.ts";
import { wrongUsage } from "../command/command-failure.ts";
import { confirm } from "../command/confirm.ts";
import { eachTask } from "../command/each-task.ts";
import { newCommand } from "../command/new-command.ts";
import { briefly, patiently, type Session, withSession } from "../command/session.ts";
import { readTaskIds } from "../input/task-ids.ts";
import { integerJson } from "../terminal/json.ts";
import { counted } from "../terminal/numbers.ts";
import type { Shell } from "../terminal/shell.ts";
import { skippedJson, skippedText } from "./output/skipped-tasks.ts";
import { basicTaskJson } from "./output/task-json.ts";
import { stateWord } from "./output/task-words.ts";
import { addFilterOptions, type ChosenFilter, chosenFilter, type FilterOptions, filterInWords } from "./task-filter.ts";

interface Options extends FilterOptions {
  readonly dryRun?: boolean;
  readonly yes?: boolean;
}

/** The command `sitq retry`: puts finished tasks back, by id or by filter. */
export function retryCommand(shell: Shell): Command {
  const command = newCommand("retry", {
    takes: "[task-id...]",
    does: "retry failed or cancelled tasks, with fresh attempts",
    notes: [
      "By id (- reads ids from standard input); a retry that is scheduled is brought forward to now.",
      "Tasks are retried in the order of their creation.",
      "By filter, FAILED tasks unless --state is given; counts them first and asks.",
    ].join("\n"),
    examples: [
      ["retry 0f3k9q2m7xa", "one task"],
      ["retry --queue orders --since 2h --dry-run", "count only"],
      ["retry --queue orders --type order.ship --yes", "without asking, for scripts"],
    ],
  });
  addFilterOptions(command).option("--dry-run", "only count the tasks").option("-y, --yes", "do not ask");
  return command.action((args: string[]) =>
    withSession(shell, command, async (session) => {
      const options = command.opts<Options>();
      const filter = chosenFilter(options);
      if (filter === null && args.length === 0) {
        throw wrongUsage("give task ids or a filter", { hint: "See: sitq retry --help" });
      }
      if (filter === null) return retryEach(session, await readTaskIds(args, shell), options);
      if (args.length > 0) throw wrongUsage("give task ids or a filter, not both");
      await retryMatching(session, filter, options);
    }),
  );
}

async function retryEach(session: Session, taskIds: readonly string[], { dryRun = false }: Options): Promise<void> {
  if (dryRun) throw wrongUsage("--dry-run is for a filter: --queue, --type, --state, --since and so on");
  // Ids sort by the time of creation, and a listing has the newest first.
  await eachTask(session, [...taskIds].sort(), "not retried", async (taskId) => {
    const { task } = await session.client.queue.retryTask({ taskId }, briefly);
    return { text: `${taskId} ${task ? stateWord(task.state) : ""}`, json: task ? basicTaskJson(task) : {} };
  });
}

async function retryMatching({ client, out, shell }: Session, filter: ChosenFilter, options: Options): Promise<void> {
  const count = await client.queue.retryTasks({ filter, dryRun: true }, patiently);
  const found = `${counted(count.taskCount, `${statesInWords(options)} task`)}${filterInWords(options)}`;
  if (options.dryRun || count.taskCount === 0n) {
    return print(count, options.dryRun ? `would retry ${found}` : `nothing to retry: ${found}`);
  }
  if (!options.yes) await confirm(shell, `retry ${found}`);
  const done = await client.queue.retryTasks({ filter }, patiently);
  const others =
    done.taskCount === count.taskCount ? "" : `; ${counted(count.taskCount, "task")} matched before the question`;
  return print(done, `retried ${counted(done.taskCount, "task")}${others}`);

  async function print({ taskCount, sampleTaskIds, skipped }: typeof count, text: string): Promise<void> {
    const dryRun = options.dryRun === true;
    if (out.asJson)
      return out.json({ taskCount: integerJson(taskCount), sampleTaskIds, skipped: skippedJson(skipped), dryRun });
    const some = sampleTaskIds.length === 0 ? "" : `\nfor example ${sampleTaskIds.join(" ")}`;
    await out.line(`${text}${some}${skippedText(skipped)}`);
  }
}

function statesInWords({ state = [TaskState.FAILED] }: FilterOptions): string {
  return state.map(stateWord).join(" or ");
}
