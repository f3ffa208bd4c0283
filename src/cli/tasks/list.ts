import type { Command } from "commander";
import { type Explanation, type Task, TaskOrder, TaskView } from "../../client/index.ts";
import { wrongUsage } from "../command/command-failure.ts";
import { newCommand } from "../command/new-command.ts";
import { pagesOf } from "../command/pages.ts";
import { briefly, withSession } from "../command/session.ts";
import { wholeNumber } from "../input/numbers.ts";
import { addFilterOptions, chosenFilter, type FilterOptions } from "../input/task-filter.ts";
import type { Printer } from "../terminal/printer.ts";
import type { Shell } from "../terminal/shell.ts";
import { nothingFound } from "./nothing-found.ts";
import { explanationsOf } from "./output/explanation-words.ts";
import { basicTaskJson } from "./output/task-json.ts";
import { taskTable } from "./output/task-table.ts";

interface Options extends FilterOptions {
  readonly limit: number;
  readonly all?: boolean;
  readonly oldest?: boolean;
  readonly ids?: boolean;
}

/** The command `sitq list`: tasks, newest first. */
export function listCommand(shell: Shell): Command {
  const command = newCommand("list", {
    does: "list tasks, newest first",
    notes: "With --json: one task per line, without payload, result, headers and attempts; get shows those.",
    examples: [
      ["list --queue orders --state failed", "failed tasks with their errors"],
      ["list --state running,pending --since 1h", "several states, in the last hour"],
      ["list --error SmtpError --oldest", "one kind of failure, the oldest first"],
      ["list --running-for 10m", "what may hang"],
      ["list --correlation-id req-7 --all", "everything that one request caused"],
      ["list --state failed --ids --all | sitq delete -", "pipe ids to another command"],
    ],
  });
  addFilterOptions(command)
    .option("-n, --limit <number>", "the most to show", wholeNumber(1, 1_000_000_000), 50)
    .option("-a, --all", "all of them")
    .option("--oldest", "the oldest first")
    .option("--ids", "only ids, one per line");
  return command.action(() =>
    withSession(shell, command, async ({ client, out }) => {
      const options = command.opts<Options>();
      if (options.ids && out.asJson) throw wrongUsage("--ids and --json exclude each other: both say how to write");
      const filter = chosenFilter(options) ?? {};
      const order = options.oldest ? TaskOrder.OLDEST_FIRST : TaskOrder.NEWEST_FIRST;
      const limit = options.all ? Number.POSITIVE_INFINITY : options.limit;
      let count = 0;
      let hasMore = false;
      const pages = pagesOf(limit, async (page) => {
        const explain = !out.asJson && !options.ids;
        const request = { filter, ...page, order, view: TaskView.BASIC, explain };
        const { tasks, explanations, nextPageToken } = await client.queue.listTasks(request, briefly);
        return { items: tasks.map((task, index) => [task, explanations[index]] as const), nextPageToken };
      });
      for await (const { items, nextPageToken } of pages) {
        await printPage(items, out, options);
        count += items.length;
        hasMore = nextPageToken !== "";
      }
      if (count === 0) out.remark(await nothingFound(client, options.queue));
      else if (hasMore)
        out.remark(`Showing the ${options.oldest ? "oldest" : "newest"} ${count}; for more: --limit NUMBER or --all.`);
    }),
  );
}

async function printPage(
  page: readonly (readonly [Task, Explanation | undefined])[],
  out: Printer,
  { ids = false }: Options,
): Promise<void> {
  const tasks = page.map(([task]) => task);
  if (tasks.length === 0) return;
  if (ids) return out.line(tasks.map(({ id }) => id).join("\n"));
  if (!out.asJson) return out.line(taskTable(tasks, out.layout, { explain: explanationsOf(page) }));
  for (const task of tasks) await out.json(basicTaskJson(task));
}
