import { create } from "@bufbuild/protobuf";
import {
  ProblemKind as Kind,
  ProblemSchema,
  ProblemSeverity as Severity,
  type Problem as WireProblem,
} from "../../../gen/sitq/v1/monitor_service_pb.js";
import { protoEnum } from "../../contract/enums.ts";
import type { Problem, ProblemKind, ProblemSubject, Severity as SeverityWord } from "../../domain/monitor/problem.ts";
import { toTimestamps } from "../convert/times.ts";

const severities = protoEnum<SeverityWord, Severity>()({
  critical: Severity.CRITICAL,
  warning: Severity.WARNING,
  notice: Severity.NOTICE,
});

const kinds = protoEnum<ProblemKind, Kind>()({
  disk_low: Kind.DISK_LOW,
  data_damaged: Kind.DATA_DAMAGED,
  server_draining: Kind.SERVER_DRAINING,
  certificate_expiring: Kind.CERTIFICATE_EXPIRING,
  queue_full: Kind.QUEUE_FULL,
  no_worker: Kind.NO_WORKER,
  no_handler: Kind.NO_HANDLER,
  long_wait: Kind.LONG_WAIT,
  compensation_failed: Kind.COMPENSATION_FAILED,
  queue_nearly_full: Kind.QUEUE_NEARLY_FULL,
  paused: Kind.PAUSED,
  max_running: Kind.MAX_RUNNING,
  tasks_failed: Kind.TASKS_FAILED,
  worker_lost: Kind.WORKER_LOST,
  worker_silent: Kind.WORKER_SILENT,
  worker_draining: Kind.WORKER_DRAINING,
  subscription_behind: Kind.SUBSCRIPTION_BEHIND,
  subscription_paused: Kind.SUBSCRIPTION_PAUSED,
  workflow_failed: Kind.WORKFLOW_FAILED,
  workflow_stuck: Kind.WORKFLOW_STUCK,
  instances_unhealthy: Kind.INSTANCES_UNHEALTHY,
  instances_draining: Kind.INSTANCES_DRAINING,
  calls_refused: Kind.CALLS_REFUSED,
});

const subjectCases = {
  queue: "queue",
  service: "serviceName",
  subscription: "subscription",
  workflow: "workflowId",
  worker: "workerId",
} as const satisfies Record<ProblemSubject["kind"], NonNullable<WireProblem["subject"]["case"]>>;

/** A kind of problem as it goes out. */
export function toProblemKind(kind: ProblemKind): Kind {
  return kinds.values[kind];
}

/** How bad a problem is, as it goes out. */
export function toSeverity(severity: SeverityWord): Severity {
  return severities.values[severity];
}

/** A problem as it goes out. */
export function toProblem(problem: Problem): WireProblem {
  const { severity, kind, subject, message, sinceMs, count, command, subjectCount } = problem;
  return create(ProblemSchema, {
    severity: toSeverity(severity),
    kind: toProblemKind(kind),
    ...(subject !== null && { subject: { case: subjectCases[subject.kind], value: subject.name } }),
    message,
    ...toTimestamps({ sinceTime: sinceMs }),
    count: BigInt(count),
    command,
    subjectCount,
  });
}
