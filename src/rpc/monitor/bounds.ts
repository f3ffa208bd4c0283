import {
  type GetOverviewRequest,
  type WatchOverviewRequest,
  QueueOrder as WireOrder,
} from "../../../gen/sitq/v1/monitor_service_pb.js";
import { protoEnum } from "../../contract/enums.ts";
import { limits } from "../../contract/limits.ts";
import type { QueueOrder } from "../../domain/monitor/queue-order.ts";
import type { OverviewBounds } from "../../monitor/overview-view.ts";
import { parseEnum, parseIntegerOr, parseText } from "../convert/checks.ts";

const { words: orderWords } = protoEnum<QueueOrder, WireOrder>()({
  by_name: WireOrder.BY_NAME,
  problems_first: WireOrder.PROBLEMS_FIRST,
});

/** Which queues are listed, and in which order. @throws SitqError with the field's path */
export function fromListing({ order, nameContains }: Pick<GetOverviewRequest, "order" | "nameContains">) {
  return {
    order: parseEnum("order", order, orderWords, "by_name"),
    nameContains: parseText("name_contains", nameContains, limits.queueNameLength),
  };
}

/** Which queues a watcher is shown. @throws SitqError with the field's path */
export function fromBounds(request: WatchOverviewRequest): OverviewBounds {
  const maxQueues = parseIntegerOr("max_queues", request.maxQueues, 1, limits.watchedQueues, null);
  return { maxQueues, ...fromListing(request) };
}
