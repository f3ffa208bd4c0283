import type { Command } from "commander";
import { type FailureGroup, FailureGroupSchema, type SitqClient } from "../../client/index.ts";
import { newCommand } from "../command/new-command.ts";
import { pagesOf } from "../command/pages.ts";
import { briefly, withSession } from "../command/session.ts";
import { wholeNumber } from "../input/numbers.ts";
import { addWatchOption, show } from "../live/show.ts";
import type { View } from "../live/view.ts";
import { overviewWakeUps } from "../live/wake-ups.ts";
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
      ["failures --watch", "live"],
      ["failures mail --type welcome", "of one queue, and one type of task"],
      ["retry --queue mail --error SmtpError", "put one kind back"],
    ],
  });
  addWatchOption(command)
    .option("-t, --type <type>", "only tasks of this type")
    .option("-n, --limit <number>", "the most kinds to show", wholeNumber(1, 1_000_000_000), 20)
    .option("-a, --all", "all of them");
  return command.action((queue = "") =>
    withSession(shell, command, (session) => {
      const view = failuresView(session.client, queue, command.opts<Options>());
      return show(session, command, view, overviewWakeUps(session.client, queue));
    }),
  );
}

interface Failures {
  readonly groups: readonly FailureGroup[];
  readonly hasMore: boolean;
}

function failuresView(client: SitqClient, queue: string, { type = "", limit, all = false }: Options): View<Failures> {
  return {
    items: "failures",
    async read() {
      const groups: FailureGroup[] = [];
      let hasMore = false;
      const pages = pagesOf(all ? Number.POSITIVE_INFINITY : limit, async (page) => {
        const { failures, nextPageToken } = await client.queue.listFailures({ queue, type, ...page }, briefly);
        return { items: failures, nextPageToken };
      });
      for await (const { items, nextPageToken } of pages) {
        groups.push(...items);
        hasMore = nextPageToken !== "";
      }
      return { groups, hasMore };
    },
    async print({ groups, hasMore }, out) {
      if (groups.length === 0) return out.remark("No failed tasks.");
      await out.line(failureTable(groups, out.layout));
      if (hasMore) out.remark(`Showing the ${groups.length} largest; for more: --limit NUMBER or --all.`);
      const hints = failureHints(groups);
      if (hints !== "") out.remark(hints);
    },
    json: ({ groups }) => groups.map((group) => messageJson(FailureGroupSchema, group)),
  };
}
