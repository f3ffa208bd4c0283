import { create } from "@bufbuild/protobuf";
import type { Duration } from "@bufbuild/protobuf/wkt";
import { TaskSchema } from "../../../gen/sitq/v1/task_pb.js";
import {
  CompleteTaskResponseSchema,
  DrainWorkerResponseSchema,
  type ExtendLeaseRequest,
  ExtendLeaseResponseSchema,
  FailTaskResponseSchema,
  ListWorkersResponseSchema,
  ReleaseTaskResponseSchema,
  SettleStatus,
  SettleTasksResponseSchema,
  type WorkerService,
} from "../../../gen/sitq/v1/worker_service_pb.js";
import { limits } from "../../contract/limits.ts";
import type { Principal } from "../../domain/access/principal.ts";
import { allowsAll, namesOfQueues } from "../../domain/access/scoped-name.ts";
import { invalidField } from "../../domain/errors.ts";
import type { Lease } from "../../domain/lease.ts";
import type { ServiceHandlers } from "../../grpc/handlers.ts";
import { madeInTurn } from "../../grpc/made-in-turn.ts";
import { typeSet } from "../../queue/dispatch/consumer.ts";
import type { ListedWorker } from "../../queue/workers/worker-view.ts";
import type { RpcContext } from "../calls/rpc-context.ts";
import {
  checkCount,
  parseInteger,
  parseIntegerOr,
  parsePageSize,
  parseQueueName,
  parseQueueNames,
  parseTaskId,
  parseTaskTypes,
} from "../convert/checks.ts";
import { toClaimedTask } from "../convert/task.ts";
import { fromDuration, toDuration } from "../convert/times.ts";
import { parseAnyWorkerId, parseOwnWorkerId } from "../convert/worker-id.ts";
import { fromPageToken, toPageToken } from "../paging/page-token.ts";
import { fromOutcomes, fromProgress, parseCompletion, parseFailure, parseRelease, resultRules } from "./reports.ts";
import { settleStatuses, toSettled } from "./settled.ts";
import { serveWorkStream, type WorkStreamOptions } from "./work-stream.ts";
import { toWorker } from "./worker.ts";

/** The handlers of sitq.v1.WorkerService. */
export function workerServiceHandlers(options: WorkStreamOptions): ServiceHandlers<typeof WorkerService, RpcContext> {
  const { queueSystem } = options;
  const results = resultRules(options);
  const { allWorkers: workers, claims, attempts, settings } = queueSystem;
  const status = SettleStatus.SETTLED;

  function leaseMs(value: Duration | undefined): number {
    return fromDuration("lease_duration", value, limits.leaseMinMs, limits.leaseMaxMs) ?? settings.leaseDurationMs;
  }

  return {
    work: (requests, context, out) => serveWorkStream(options, requests, context, out),

    async claimTasks(request, { signal, principal }) {
      checkCount("task_ids", request.taskIds.length, limits.claimSize, "tasks");
      if (request.taskIds.length > 0 && request.wait !== undefined) {
        throw invalidField("wait", "cannot be combined with task_ids");
      }
      const claim = {
        workerId: parseOwnWorkerId("worker_id", request.workerId, principal),
        queues:
          request.taskIds.length > 0 && request.queues.length === 0 ? [] : parseQueueNames("queues", request.queues),
        taskIds: request.taskIds.map((id, index) => parseTaskId(`task_ids[${index}]`, id)),
        types: typeSet(parseTaskTypes("types", request.types)),
        maxTasks: parseIntegerOr(
          "max_tasks",
          request.maxTasks,
          1,
          limits.claimSize,
          Math.max(request.taskIds.length, 1),
        ),
        waitMs: fromDuration("wait", request.wait, 0, limits.claimWaitMs) ?? 0,
        leaseMs: leaseMs(request.leaseDuration),
      };
      const tasks = await claims.claim(claim, signal);
      return {
        tasks: madeInTurn(TaskSchema, tasks, toClaimedTask),
        leaseDuration: toDuration(claim.leaseMs),
      };
    },

    async completeTask(request, { principal }) {
      const became = await attempts.complete(
        unaryLease(request, principal),
        parseCompletion("result", request, results),
      );
      return create(CompleteTaskResponseSchema, { status: settleStatuses[became] });
    },

    async settleTasks(request, { principal }) {
      if (request.outcomes.length === 0) throw invalidField("outcomes", "at least one is required");
      const workerId = parseOwnWorkerId("worker_id", request.workerId, principal);
      const lease = { workerId, leaseKind: "unary" } as const;
      const outcomes = fromOutcomes("outcomes", request.outcomes, lease, options);
      const statuses = await attempts.completeAll(outcomes);
      return create(SettleTasksResponseSchema, {
        outcomes: outcomes.map((lease, index) => toSettled(lease, statuses[index] ?? "not_found", options.log)),
      });
    },

    async failTask(request, { principal }) {
      await attempts.complete(unaryLease(request, principal), parseFailure("", request));
      return create(FailTaskResponseSchema, { status });
    },

    async releaseTask(request, { principal }) {
      await attempts.complete(unaryLease(request, principal), parseRelease("delay", request));
      return create(ReleaseTaskResponseSchema, { status });
    },

    async extendLease(request, { principal }) {
      const extensionMs = leaseMs(request.leaseDuration);
      await attempts.extend(unaryLease(request, principal), extensionMs, fromProgress(request.progress));
      return create(ExtendLeaseResponseSchema, { leaseDuration: toDuration(extensionMs) });
    },

    async listWorkers(request, { scope }) {
      const limit = parsePageSize(request.pageSize);
      const queue = request.queue === "" ? null : parseQueueName("queue", request.queue);
      const { includeLost } = request;
      const query = { list: "workers", queue, includeLost };
      const after = fromPageToken(query, request.pageToken) ?? "";
      const found = workers
        .listAll(includeLost)

        .filter(({ hello }) => hello.workerId > after && (queue === null || hello.queues.includes(queue)))
        .filter(({ hello }) => scope.isWhole || allowsAll(scope, namesOfQueues(hello.queues)));
      const page = found.slice(0, limit);
      // The call names one queue; what a worker says of itself is content of all its queues.
      const sees = ({ hello }: ListedWorker) => hello.queues.every((name) => scope.seesContentOf("queue", name));
      return create(ListWorkersResponseSchema, {
        workers: page.map((worker) =>
          toWorker(sees(worker) ? worker : withoutMetadata(worker), workers.activityOf(worker)),
        ),
        nextPageToken: toPageToken(query, found.length > limit ? (page.at(-1)?.hello.workerId ?? null) : null),
      });
    },

    async drainWorker(request) {
      const graceMs = fromDuration("grace", request.grace, 0, limits.drainGraceMs) ?? settings.drainGraceMs;
      const { worker, activity } = await workers.drain(parseAnyWorkerId("worker_id", request.workerId), graceMs);
      return create(DrainWorkerResponseSchema, { worker: toWorker(worker, activity) });
    },
  };
}

function withoutMetadata(worker: ListedWorker): ListedWorker {
  return { ...worker, hello: { ...worker.hello, metadata: {} } };
}

function unaryLease(request: Pick<ExtendLeaseRequest, "workerId" | "taskId" | "attempt">, principal: Principal): Lease {
  return {
    workerId: parseOwnWorkerId("worker_id", request.workerId, principal),
    taskId: parseTaskId("task_id", request.taskId),
    attempt: parseInteger("attempt", request.attempt, 1, Number.MAX_SAFE_INTEGER),
    leaseKind: "unary",
  };
}
