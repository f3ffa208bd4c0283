import type { Command } from "commander";
import { type Explanation, type SitqClient, type Task, TaskOrder, TaskView } from "../../client/index.ts";
import { jsonText } from "../../contract/json-text.ts";
import { wrongUsage } from "../command/command-failure.ts";
import { newCommand } from "../command/new-command.ts";
import { type Page, pagesOf } from "../command/pages.ts";
import { briefly, type Session, withSession } from "../command/session.ts";
import { wholeNumber } from "../input/numbers.ts";
import { addFilterOptions, chosenFilter, type FilterOptions } from "../input/task-filter.ts";
import { addWatchOption, type WatchOption, watch } from "../live/show.ts";
import type { View } from "../live/view.ts";
import { overviewWakeUps } from "../live/wake-ups.ts";
import type { Printer } from "../terminal/printer.ts";
import type { Shell } from "../terminal/shell.ts";
import { nothingFound } from "./nothing-found.ts";
import { explanationsOf } from "./output/explanation-words.ts";
import { basicTaskJson } from "./output/task-json.ts";
import { taskTable } from "./output/task-table.ts";

interface Options extends FilterOptions, WatchOption {
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
      ["list --queue orders --watch", "live"],
      ["list --error SmtpError --oldest", "one kind of failure, the oldest first"],
      ["list --running-for 10m", "what may hang"],
      ["list --correlation-id req-7 --all", "everything that one request caused"],
      ["list --state failed --ids --all | sitq delete -", "pipe ids to another command"],
    ],
  });
  addFilterOptions(addWatchOption(command))
    .option("-n, --limit <number>", "the most to show", wholeNumber(1, 1_000_000_000), 50)
    .option("-a, --all", "all of them")
    .option("--oldest", "the oldest first")
    .option("--ids", "only ids, one per line");
  return command.action(() =>
    withSession(shell, command, (session) => {
      const { client, out } = session;
      const options = command.opts<Options>();
      if (options.ids && out.asJson) throw wrongUsage("--ids and --json exclude each other: both say how to write");
      if (!options.watch) return printAll(session, options);
      if (options.all || options.ids) throw wrongUsage("--watch shows so many as --limit says, as a table or as JSON");
      return watch(session, listView(client, options, out), overviewWakeUps(client, options.queue));
    }),
  );
}

/** A task, and why it is not running, if that was asked. */
type Explained = readonly [task: Task, explanation: Explanation | undefined];

interface Listed {
  readonly tasks: readonly Explained[];
  readonly hasMore: boolean;
}

/** The pages of the list, one after the other. */
function pagesOfTasks(
  { queue }: SitqClient,
  options: Options,
  explain: boolean,
): AsyncGenerator<Page<Explained>, void> {
  const filter = chosenFilter(options) ?? {};
  const order = options.oldest ? TaskOrder.OLDEST_FIRST : TaskOrder.NEWEST_FIRST;
  return pagesOf(options.all ? Number.POSITIVE_INFINITY : options.limit, async (page) => {
    const request = { filter, ...page, order, view: TaskView.BASIC, explain };
    const { tasks, explanations, nextPageToken } = await queue.listTasks(request, briefly);
    return { items: tasks.map((task, index) => [task, explanations[index]] as const), nextPageToken };
  });
}

/** Prints each page as it comes. */
async function printAll({ client, out }: Session, options: Options): Promise<void> {
  let count = 0;
  let hasMore = false;
  for await (const { items, nextPageToken } of pagesOfTasks(client, options, !out.asJson && !options.ids)) {
    await printPage(items, out, options);
    count += items.length;
    hasMore = nextPageToken !== "";
  }
  if (count === 0) out.remark(await nothingFound(client, options.queue));
  else if (hasMore) out.remark(moreText(count, options));
}

function listView(client: SitqClient, options: Options, { asJson }: Printer): View<Listed> {
  const json = (tasks: readonly Explained[]) => tasks.map(([task]) => basicTaskJson(task));
  return {
    items: "tasks",
    async read() {
      const tasks: Explained[] = [];
      let hasMore = false;
      for await (const { items, nextPageToken } of pagesOfTasks(client, options, !asJson)) {
        tasks.push(...items);
        hasMore = nextPageToken !== "";
      }
      return { tasks, hasMore };
    },
    async print({ tasks, hasMore }, out) {
      if (tasks.length === 0) return out.remark("No matching tasks.");
      await printPage(tasks, out, options);
      if (hasMore) out.remark(moreText(tasks.length, options));
    },
    json: ({ tasks }) => json(tasks),
    // The place in line, and with it the sentence, changes all the time.
    key: ({ tasks }) => jsonText([json(tasks), tasks.map(([, explanation]) => explanation?.reason ?? 0)]),
  };
}

function moreText(count: number, { oldest }: Options): string {
  return `Showing the ${oldest ? "oldest" : "newest"} ${count}; for more: --limit NUMBER or --all.`;
}

async function printPage(page: readonly Explained[], out: Printer, { ids = false }: Options): Promise<void> {
  const tasks = page.map(([task]) => task);
  if (tasks.length === 0) return;
  if (ids) return out.line(tasks.map(({ id }) => id).join("\n"));
  if (!out.asJson) return out.line(taskTable(tasks, out.layout, { explain: explanationsOf(page) }));
  for (const task of tasks) await out.json(basicTaskJson(task));
}
