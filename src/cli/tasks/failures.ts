import type { Command } from "commander";
import { FailureGroupSchema } from "../../client/index.ts";
import { newCommand } from "../command/new-command.ts";
import { pagesOf } from "../command/pages.ts";
import { briefly, withSession } from "../command/session.ts";
import { wholeNumber } from "../input/numbers.ts";
import { messageJson } from "../terminal/json.ts";
import type { Shell } from "../terminal/shell.ts";
import { failureHints, failureTable } from "./output/failure-table.ts";

interface Options {
  readonly type?: string;
  readonly limit: number;
  readonly all?: boolean;
}

/** The command `sitq failures`: the kinds of errors of failed tasks, largest first. */
export function failuresCommand(shell: Shell): Command {
  const command = newCommand("failures", {
    takes: "[queue]",
    does: "show the kinds of failures, with how many tasks failed so",
    notes: "Counts the FAILED tasks that are kept, of all queues or of one. With --json: one kind per line.",
    examples: [
      ["failures", "of all queues"],
      ["failures mail --type welcome", "of one queue, and one type of task"],
      ["retry --queue mail --error SmtpError", "put one kind back"],
    ],
  });
  command
    .option("-t, --type <type>", "only tasks of this type")
    .option("-n, --limit <number>", "the most kinds to show", wholeNumber(1, 1_000_000_000), 20)
    .option("-a, --all", "all of them");
  return command.action((queue: string | undefined) =>
    withSession(shell, command, async ({ client, out }) => {
      const { type = "", limit, all = false } = command.opts<Options>();
      const pages = pagesOf(all ? Number.POSITIVE_INFINITY : limit, async (page) => {
        const request = { queue: queue ?? "", type, ...page };
        const { failures, nextPageToken } = await client.queue.listFailures(request, briefly);
        return { items: failures, nextPageToken };
      });
      let count = 0;
      let hasMore = false;
      let hints = "";
      for await (const { items, nextPageToken } of pages) {
        hasMore = nextPageToken !== "";
        if (items.length === 0) continue;
        count += items.length;
        if (out.asJson) for (const group of items) await out.json(messageJson(FailureGroupSchema, group));
        else await out.line(failureTable(items, out.layout));
        hints ||= failureHints(items);
      }
      if (count === 0) out.remark("No failed tasks.");
      if (hasMore) out.remark(`Showing the ${count} largest; for more: --limit NUMBER or --all.`);
      if (hints !== "") out.remark(hints);
    }),
  );
}
