import { create } from "@bufbuild/protobuf";
import {
  GetOverviewResponseSchema,
  GetStatusResponseSchema,
  type MonitorService,
} from "../../../gen/sitq/v1/monitor_service_pb.js";
import { limits } from "../../contract/limits.ts";
import { firstWithin } from "../../contract/message-size.ts";
import { findProblems } from "../../domain/monitor/find-problems.ts";
import type { ServiceHandlers } from "../../grpc/handlers.ts";
import type { Monitor } from "../../monitor/monitor.ts";
import type { Overview } from "../../monitor/overview.ts";
import type { RpcContext } from "../calls/rpc-context.ts";
import type { Watchers } from "../calls/watchers.ts";
import { parsePageSize } from "../convert/checks.ts";
import { fromDuration } from "../convert/times.ts";
import { converted } from "../convert/violations.ts";
import { fromPageToken, toPageToken } from "../paging/page-token.ts";
import { sizeOfRow, toQueueOverview, toTotals, withinScope } from "./overview.ts";
import { toProblem } from "./problem.ts";
import { overviewWatch } from "./watch-overview.ts";

/** How long a task may wait where the caller does not say, in milliseconds. */
const defaultMaxWaitMs = 300_000;

/** The handlers of sitq.v1.MonitorService. */
export function monitorServiceHandlers(
  monitor: Monitor,
  watchers: Watchers,
): ServiceHandlers<typeof MonitorService, RpcContext> {
  const { leaseDurationMs } = monitor.settings;
  const problemsOf = (overview: Overview, maxWaitMs = defaultMaxWaitMs) =>
    findProblems(overview, { nowMs: overview.nowMs, maxWaitMs, leaseDurationMs }).map(toProblem);

  return {
    async getStatus(request, { scope }) {
      const { maxWaitMinMs, maxWaitMaxMs } = limits;
      const maxWaitMs = converted(() => fromDuration("max_wait", request.maxWait, maxWaitMinMs, maxWaitMaxMs));
      const overview = withinScope(await monitor.read(), scope);
      const problems = problemsOf(overview, maxWaitMs ?? defaultMaxWaitMs);
      return create(GetStatusResponseSchema, { problems, totals: toTotals(overview) });
    },

    async getOverview(request, { scope }) {
      const limit = parsePageSize(request.pageSize);
      const query = { list: "overview" };
      const after = fromPageToken(query, request.pageToken);
      const overview = withinScope(await monitor.read(), scope);
      const names = monitor.rows.names().filter((name) => scope.allows("queue", name));
      const rest = after === null ? names : names.slice(firstAfter(names, after));
      const rows = rest.slice(0, limit).flatMap((name) => monitor.rows.get(name) ?? []);
      const page = firstWithin(rows, sizeOfRow);
      return create(GetOverviewResponseSchema, {
        queues: page.map((row) => toQueueOverview({ row, history: monitor.historyOf(row.name) })),
        ...(after === null && { totals: toTotals(overview), problems: problemsOf(overview) }),
        nextPageToken: toPageToken(query, page.length < rest.length ? (page.at(-1)?.name ?? null) : null),
      });
    },

    async watchOverview(_request, context, out) {
      await watchers.serve(overviewWatch(monitor.feed, context.scope, problemsOf), context, out);
    },
  };
}

/** Where the names begin that come behind another. */
function firstAfter(names: readonly string[], after: string): number {
  const at = names.findIndex((name) => name > after);
  return at === -1 ? names.length : at;
}
