import { durationFromMs } from "@bufbuild/protobuf/wkt";
import {
  type MonitorService,
  type OverviewTotals,
  OverviewTotalsSchema,
  type Problem,
  ProblemSchema,
  type QueueOrder,
  QueueOrderSchema,
  type QueueOverview,
  QueueOverviewSchema,
} from "../../../gen/sitq/v1/monitor_service_pb.js";
import type { Client } from "../../grpc/client/client.ts";
import { type OptionNames, refuseUnknown } from "../../grpc/client/known-options.ts";
import { type EnumOption, enumValue } from "../options/enum-texts.ts";
import { eachItem, type ListOptions, listNames, present, type ReadOptions, readCall, readNames } from "./pages.ts";
import { type Plain, toPlain } from "./plain.ts";

/** What has a problem. */
export interface ProblemSubject {
  readonly kind: "queue" | "service" | "subscription" | "workflow" | "worker";
  /** Its name or id. */
  readonly name: string;
}

/** Something that is wrong, as a plain object. */
export interface ProblemRecord extends Omit<Plain<Problem>, "subject"> {
  /** `null`: the server, or several together. */
  readonly subject: ProblemSubject | null;
}

/** What is wrong, worst first, with sums over all queues. */
export interface StatusRecord {
  /** Empty: all is well. */
  readonly problems: readonly ProblemRecord[];
  readonly totals: Plain<OverviewTotals>;
}

/** A queue with its rates and its last five minutes, as a plain object. */
export type QueueOverviewRecord = Plain<QueueOverview>;

/** What may be said of a status. */
export interface StatusOptions extends ReadOptions {
  /** How long a task may wait before that is a problem, in milliseconds. Default: 5 minutes. */
  readonly maxWaitMs?: number;
}

/** Which queues are listed. */
export interface QueueOverviewOptions extends ListOptions {
  /** Which come first. Default `"BY_NAME"`. */
  readonly order?: EnumOption<QueueOrder> | undefined;
  /** Only queues that have this in their name, in upper or lower case alike. */
  readonly nameContains?: string | undefined;
}

const overviewNames: OptionNames<QueueOverviewOptions> = { ...listNames, order: true, nameContains: true };
const statusNames: OptionNames<StatusOptions> = { ...readNames, maxWaitMs: true };

/** Reads how everything is now, as plain objects. */
export interface StatusReader {
  /** What is wrong, worst first. */
  get(options?: StatusOptions): Promise<StatusRecord>;
  /** Queues with their rates and their last five minutes. */
  queues(options?: QueueOverviewOptions): AsyncIterable<QueueOverviewRecord>;
}

/** Creates a reader over a typed client. */
export function createStatusReader(service: Client<typeof MonitorService>): StatusReader {
  return {
    async get(given = {}) {
      refuseUnknown(given, statusNames);
      const { maxWaitMs, ...options } = given;
      const request = maxWaitMs === undefined ? {} : { maxWait: durationFromMs(maxWaitMs) };
      const { problems, totals } = await service.getStatus(request, readCall(options));
      const sums = toPlain(OverviewTotalsSchema, present(totals, "totals"));
      return { problems: problems.map(toProblemRecord), totals: sums };
    },
    queues(given = {}) {
      refuseUnknown(given, overviewNames);
      const { order, nameContains = "", ...options } = given;
      const orderValue: QueueOrder = order === undefined ? 0 : enumValue(QueueOrderSchema, "order", order);
      return eachItem(options, async (page, call) => {
        const request = { ...page, order: orderValue, nameContains };
        const { queues, nextPageToken } = await service.getOverview(request, call);
        return { items: queues.map((queue) => toPlain(QueueOverviewSchema, queue)), nextPageToken };
      });
    },
  };
}

const subjectKinds = {
  queue: "queue",
  serviceName: "service",
  subscription: "subscription",
  workflowId: "workflow",
  workerId: "worker",
} as const satisfies Record<NonNullable<Problem["subject"]["case"]>, ProblemSubject["kind"]>;

/** A problem as a plain object. */
function toProblemRecord(problem: Problem): ProblemRecord {
  const { severity, kind, message, sinceTime, count, command, subjectCount } = toPlain(ProblemSchema, problem);
  const { subject } = problem;
  return {
    severity,
    kind,
    subject: subject.case === undefined ? null : { kind: subjectKinds[subject.case], name: subject.value },
    message,
    sinceTime,
    count,
    command,
    subjectCount,
  };
}
