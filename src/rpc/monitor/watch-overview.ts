import { create } from "@bufbuild/protobuf";
import {
  type OverviewTotals,
  WatchOverviewResponse_ProblemListSchema as ProblemListSchema,
  type WatchOverviewResponse,
  WatchOverviewResponseSchema,
  type Problem as WireProblem,
} from "../../../gen/sitq/v1/monitor_service_pb.js";
import { inMessages } from "../../contract/message-size.ts";
import type { Scope } from "../../domain/access/scope.ts";
import { encodeAhead } from "../../grpc/message-codec.ts";
import type { Overview } from "../../monitor/overview.ts";
import type { OverviewChange, OverviewFeed, RowChange } from "../../monitor/overview-feed.ts";
import type { Watch, WatchMessages } from "../calls/watch-group.ts";
import { sizeOfRow, toQueueOverview, toTotals, withinScope } from "./overview.ts";

/** What was sent last of everything but the queues, as text. */
interface Told {
  totals: string;
  problems: string;
}

/**
 * A watch of everything within a scope. Watchers with equal scopes share what is made for them.
 *
 * @param findProblems finds what is wrong within a scope
 */
export function overviewWatch(
  feed: OverviewFeed,
  scope: Scope,
  findProblems: (overview: Overview) => WireProblem[],
): Watch<OverviewChange, WatchOverviewResponse> {
  const told: Told = { totals: "", problems: "" };

  function* messagesOf(rows: readonly RowChange[], head: Omit<WatchOverviewResponse, "queues" | "more" | "$typeName">) {
    const parts = rows.length === 0 ? [[]] : [...inMessages(rows, ({ row }) => sizeOfRow(row))];
    for (const [index, part] of parts.entries()) {
      const queues = part.map(toQueueOverview);
      const more = index < parts.length - 1;
      yield create(WatchOverviewResponseSchema, { ...(index === 0 ? head : {}), queues, more });
    }
  }

  function headOf(totals: OverviewTotals, problems: readonly WireProblem[], snapshot: boolean) {
    return { snapshot, totals, problems: create(ProblemListSchema, { problems: [...problems] }) };
  }

  function toMessages(changes: readonly OverviewChange[]): WatchMessages<WatchOverviewResponse> {
    const last = changes.at(-1);
    if (last === undefined) return { messages: [], isLast: false };
    const rows = merged(changes).filter(({ row }) => scope.allows("queue", row.name));
    const overview = withinScope(last.overview, scope);
    const whole = headOf(toTotals(overview), findProblems(overview), false);
    const now: Told = { totals: textOf(whole.totals), problems: textOf(whole.problems) };
    const head = {
      snapshot: false,
      ...(now.totals !== told.totals && { totals: whole.totals }),
      ...(now.problems !== told.problems && { problems: whole.problems }),
    };
    Object.assign(told, now);
    const isNothing = rows.length === 0 && head.totals === undefined && head.problems === undefined;
    return { messages: isNothing ? [] : messagesOf(rows, head), isLast: false };
  }

  return {
    key: JSON.stringify(["overview", scope.isWhole ? "" : scope.key]),
    follow: (sink) => feed.watch(sink),
    encodeAhead: (message) => encodeAhead(WatchOverviewResponseSchema, message),
    toMessages,
    async begin() {
      const overview = withinScope(await feed.read(), scope);
      const rows = [...feed.beginning()].filter(({ row }) => scope.allows("queue", row.name));
      const head = headOf(toTotals(overview), findProblems(overview), true);
      return { messages: messagesOf(rows, head), isLast: false };
    },
    stopped: feed.stopped,
    tooSlow: "Watch again.",
  };
}

/** The rows of several seconds, of each queue the last, with its history if one had it. */
function merged(changes: readonly OverviewChange[]): RowChange[] {
  if (changes.length === 1) return [...(changes[0]?.rows ?? [])];
  const rows = new Map<string, RowChange>();
  for (const { row, history } of changes.flatMap((change) => change.rows)) {
    rows.set(row.name, { row, history: history ?? rows.get(row.name)?.history ?? null });
  }
  return [...rows.values()];
}

function textOf(message: object): string {
  return JSON.stringify(message, (_, value: unknown) => (typeof value === "bigint" ? Number(value) : value));
}
