import { create } from "@bufbuild/protobuf";
import {
  GetOverviewResponseSchema,
  GetStatusResponseSchema,
  type MonitorService,
} from "../../../gen/sitq/v1/monitor_service_pb.js";
import { limits } from "../../contract/limits.ts";
import { firstWithin } from "../../contract/message-size.ts";
import type { QueueOrder } from "../../domain/monitor/queue-order.ts";
import type { ServiceHandlers } from "../../grpc/handlers.ts";
import type { Monitor } from "../../monitor/monitor.ts";
import type { QueueRow } from "../../monitor/queue-rows.ts";
import { inQueueOrder, isNamed } from "../../monitor/ranking.ts";
import type { RpcContext } from "../calls/rpc-context.ts";
import type { Watchers } from "../calls/watchers.ts";
import { parsePageSize } from "../convert/checks.ts";
import { fromDuration } from "../convert/times.ts";
import { converted } from "../convert/violations.ts";
import { fromPageToken, toPageToken } from "../paging/page-token.ts";
import { fromBounds, fromListing } from "./bounds.ts";
import { sizeOfRow, toQueueOverview } from "./overview.ts";
import { OverallStates } from "./state.ts";
import { OverviewWatches } from "./watch-overview.ts";

/** The handlers of sitq.v1.MonitorService. */
export function monitorServiceHandlers(
  monitor: Monitor,
  watchers: Watchers,
): ServiceHandlers<typeof MonitorService, RpcContext> {
  const states = new OverallStates(monitor);
  const watches = new OverviewWatches(monitor, states);

  return {
    async getStatus(request, { scope }) {
      const { maxWaitMinMs, maxWaitMaxMs } = limits;
      const maxWaitMs = converted(() => fromDuration("max_wait", request.maxWait, maxWaitMinMs, maxWaitMaxMs));
      return create(GetStatusResponseSchema, states.of(await monitor.read(), scope, maxWaitMs ?? undefined));
    },

    async getOverview(request, { scope }) {
      const limit = parsePageSize(request.pageSize);
      const { order, nameContains } = converted(() => fromListing(request));
      const query = { list: "overview", order, nameContains };
      const after = fromPageToken(query, request.pageToken);
      const overview = await monitor.read();
      const { rows } = monitor;
      const names = rows.names().filter((name) => isNamed(name, nameContains) && scope.allows("queue", name));
      const ordered = inQueueOrder(names, rows, order).flatMap((name) => rows.get(name) ?? []);
      const rest = after === null ? ordered : ordered.slice(firstAfter(ordered, placeOf(order), after));
      const page = firstWithin(rest.slice(0, limit), sizeOfRow);
      const last = page.length < rest.length ? page.at(-1) : undefined;
      return create(GetOverviewResponseSchema, {
        queues: page.map((row) => toQueueOverview({ row, history: monitor.historyOf(row.name) })),
        ...(after === null && { ...states.of(overview, scope), matchingQueues: names.length }),
        nextPageToken: toPageToken(query, last === undefined ? null : placeOf(order)(last)),
      });
    },

    async watchOverview(request, context, out) {
      const bounds = converted(() => fromBounds(request));
      await watchers.serve(watches.of(bounds, context.scope), context, out);
    },
  };
}

/** The place of a queue in an order, as text that is ordered alike. */
function placeOf(order: QueueOrder): (row: QueueRow) => string {
  if (order === "by_name") return ({ name }) => name;
  return ({ name, orderKey }) => `${String(orderKey).padStart(3, "0")} ${name}`;
}

/** Where the rows begin that come behind a place. */
function firstAfter(rows: readonly QueueRow[], place: (row: QueueRow) => string, after: string): number {
  const at = rows.findIndex((row) => place(row) > after);
  return at === -1 ? rows.length : at;
}
