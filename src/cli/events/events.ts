import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import type { Command } from "commander";
import type { Event } from "../../client/index.ts";
import { newCommand } from "../command/new-command.ts";
import { pagesOf } from "../command/pages.ts";
import { briefly, withSession } from "../command/session.ts";
import { parsePast } from "../input/moment.ts";
import { wholeNumber } from "../input/numbers.ts";
import type { Printer } from "../terminal/printer.ts";
import type { Shell } from "../terminal/shell.ts";
import { addEventFilterOptions, chosenEventFilter, type EventFilterOptions } from "./event-filter.ts";
import { eventJson } from "./event-json.ts";
import { eventTable } from "./event-table.ts";

interface Options extends EventFilterOptions {
  readonly since?: Date;
  readonly until?: Date;
  readonly limit: number;
  readonly all?: boolean;
}

/** The command `sitq events`: events, newest first. */
export function eventsCommand(shell: Shell): Command {
  const command = newCommand("events", {
    does: "list events, newest first",
    notes: "With --json: one event per line, without data; event shows it.",
    examples: [
      ["events --types 'order.*' --since 1h", "order events of the last hour"],
      ["events --source shop --subject 7 --all", "everything from the shop about order 7"],
    ],
  });
  addEventFilterOptions(command)
    .option("--since <time>", "only events published since: a duration ago, or a time", parsePast)
    .option("--until <time>", "only events published before", parsePast)
    .option("-n, --limit <number>", "the most to show", wholeNumber(1, 1_000_000_000), 50)
    .option("--all", "all of them");
  return command.action(() =>
    withSession(shell, command, async ({ client, out }) => {
      const { since, until, limit, all, ...filterOptions } = command.opts<Options>();
      const request = {
        filter: chosenEventFilter(filterOptions),
        ...(since !== undefined && { publishedAfter: timestampFromDate(since) }),
        ...(until !== undefined && { publishedBefore: timestampFromDate(until) }),
      };
      let count = 0;
      let hasMore = false;
      const pages = pagesOf(all ? Number.POSITIVE_INFINITY : limit, async (page) => {
        const { events, nextPageToken } = await client.event.listEvents({ ...request, ...page }, briefly);
        return { items: events, nextPageToken };
      });
      for await (const { items, nextPageToken } of pages) {
        await printPage(items, out);
        count += items.length;
        hasMore = nextPageToken !== "";
      }
      if (count === 0) out.remark("No matching events.");
      else if (hasMore) out.remark(`Showing the newest ${count}; for more: --limit NUMBER or --all.`);
    }),
  );
}

async function printPage(events: readonly Event[], out: Printer): Promise<void> {
  if (events.length === 0) return;
  if (!out.asJson) return out.line(eventTable(events, out.layout));
  for (const event of events) await out.json(eventJson(event));
}
