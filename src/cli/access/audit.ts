import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import type { Command } from "commander";
import { type AuditEntry, AuditEntrySchema } from "../../client/index.ts";
import { wrongUsage } from "../command/command-failure.ts";
import { newCommand } from "../command/new-command.ts";
import { pagesOf } from "../command/pages.ts";
import { briefly } from "../command/session.ts";
import { parsePast } from "../input/moment.ts";
import { wholeNumber } from "../input/numbers.ts";
import { messageJson } from "../terminal/json.ts";
import type { Printer } from "../terminal/printer.ts";
import { interruptible, type Shell } from "../terminal/shell.ts";
import { isLocal, onFileToo, withAccess } from "./access-session.ts";
import { auditTable } from "./audit-table.ts";
import { followAudit } from "./follow-audit.ts";

interface Options {
  readonly since?: Date;
  readonly principal: string;
  readonly call: string;
  readonly outcome: string;
  readonly refused?: boolean;
  readonly limit: number;
  readonly all?: boolean;
  readonly follow?: boolean;
}

/** The command `sitq audit`: who changed what, and who was refused. */
export function auditCommand(shell: Shell): Command {
  const command = newCommand("audit", {
    does: "list audit entries, newest first: changes by operators and admins, and refusals",
    notes:
      "With --json: one entry per line. With --db it reads a file while no server runs on it, with --store a database of PostgreSQL.",
    examples: [
      ["audit --since 1h", "the last hour"],
      ["audit --call PurgeQueue --outcome OK", "the purges of queues that were done"],
      ["audit --since 7d --refused --all --json", "every refusal of a week, for a script"],
      ["audit --follow --refused", "refusals as they come"],
    ],
  });
  onFileToo(command)
    .option("--since <time>", "only entries from then on: a duration ago, or a time", parsePast)
    .option("--principal <name>", "only those of this principal", "")
    .option("--call <method>", "only calls of this method, as PurgeQueue or QueueService/PurgeQueue", "")
    .option("--outcome <code>", "only those with this code or reason, as OK or OUT_OF_SCOPE", "")
    .option("--refused", "only calls that were not OK")
    .option("-n, --limit <number>", "the most to show", wholeNumber(1, 1_000_000_000), 50)
    .option("--all", "all of them")
    .option("-f, --follow", "entries as they come, until Ctrl-C; with --since those from then on first");
  return command.action(() => {
    const isFollowing = command.opts<Options>().follow === true;
    if (isFollowing && isLocal(command)) {
      throw wrongUsage("--follow asks a running server: it does not go with --db or --store");
    }
    return withAccess(shell, command, async ({ access, out }) => {
      const { since, principal, call, outcome, refused, limit, all, follow } = command.opts<Options>();
      const chosen = { principal, method: call, outcome, refusedOnly: refused === true };
      const from = since && timestampFromDate(since);
      if (follow) {
        return interruptible(shell, (interrupted) => followAudit({ access, out }, chosen, from, interrupted));
      }
      const filter = { ...chosen, ...(from && { createdAfter: from }) };
      const pages = pagesOf(all ? Number.POSITIVE_INFINITY : limit, async (page) => {
        const answer = await access.listAuditEntries({ ...filter, ...page }, briefly);
        return { items: answer.auditEntries, nextPageToken: answer.nextPageToken };
      });
      let count = 0;
      let hasMore = false;
      for await (const { items, nextPageToken } of pages) {
        await printPage(items, out);
        count += items.length;
        hasMore = nextPageToken !== "";
      }
      if (count === 0) out.remark("No matching entries.");
      else if (hasMore) out.remark(`Showing the newest ${count}; for more: --limit NUMBER or --all.`);
    });
  });
}

async function printPage(entries: readonly AuditEntry[], out: Printer): Promise<void> {
  if (entries.length === 0) return;
  if (!out.asJson) return out.line(auditTable(entries, out.layout));
  for (const entry of entries) await out.json(messageJson(AuditEntrySchema, entry));
}
