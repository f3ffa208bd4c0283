import { create } from "@bufbuild/protobuf";
import {
  CancelTasksResponseSchema,
  DeleteTasksResponseSchema,
  type ErrorTypeCount,
  ErrorTypeCountSchema,
  PurgeQueueResponseSchema,
  type QueueService,
  RetryTasksResponseSchema,
  type SkippedTasks,
  SkippedTasksSchema,
  type TaskFilter as WireFilter,
} from "../../../gen/sitq/v1/queue_service_pb.js";
import { limits } from "../../contract/limits.ts";
import type { Clock } from "../../domain/clock.ts";
import { invalidField } from "../../domain/errors.ts";
import { type BulkChange, changeableStates } from "../../domain/operators/operator-changes.ts";
import type { TaskFilter } from "../../domain/operators/task-filter.ts";
import type { TaskState } from "../../domain/tasks/task.ts";
import type { ServiceHandlers } from "../../grpc/handlers.ts";
import type { QueueSystem } from "../../queue/queue-system.ts";
import type { BulkRequest } from "../../queue/tasks/change-matching.ts";
import type { BatchTotal } from "../../queue/tasks/in-batches.ts";
import type { RpcContext } from "../calls/rpc-context.ts";
import { parseQueueName, parseText } from "../convert/checks.ts";
import { fromTaskStates } from "../convert/task.ts";
import { fromFilter, mustReadContentOf } from "./task-filter.ts";

/** The calls that change many tasks. */
type BulkHandlers = Pick<
  ServiceHandlers<typeof QueueService, RpcContext>,
  "cancelTasks" | "retryTasks" | "deleteTasks" | "purgeQueue"
>;

/** What a change of many tasks is called, and what is said of a state in which a task cannot be changed so. */
const words = {
  retry: { participle: "retried", otherState: "only FAILED and CANCELLED tasks can be retried" },
  cancel: { participle: "cancelled", otherState: "tasks in this state are finished: they cannot be cancelled" },
  delete: { participle: "deleted", otherState: "RUNNING tasks cannot be deleted; cancel them first" },
} as const;

/** How many types of errors an answer names. */
const namedErrorTypes = 20;

/** The handlers of the calls that change many tasks: one use case behind them all. */
export function bulkHandlers({ tasks, queues }: Pick<QueueSystem, "tasks" | "queues">, clock: Clock): BulkHandlers {
  function filterOf(kind: BulkChange["kind"], wire: WireFilter | undefined, context: RpcContext): TaskFilter {
    const { participle } = words[kind];
    if (wire === undefined)
      throw invalidField("filter", `is required; an empty one means every task that can be ${participle}`);
    const filter = fromFilter(wire, clock.now());
    // Not narrowed to the scope: what a change reaches is to be said.
    if (filter.queue === null) context.scope.mustAllow("queue", "*", "filter.queue");
    mustReadContentOf(filter, context);
    checkStates(kind, "filter.states", filter.states);
    return filter;
  }

  async function change(request: BulkRequest, filter: TaskFilter, dryRun: boolean, context: RpcContext) {
    const total = await tasks.changeMatching(request, filter, dryRun, context.signal);
    if (context.notes !== null && !dryRun) context.notes.count += total.count;
    return toTotal(total);
  }

  return {
    async cancelTasks(request, context) {
      const reason = parseText("reason", request.reason, limits.cancelReasonBytes);
      const filter = filterOf("cancel", request.filter, context);
      return create(
        CancelTasksResponseSchema,
        await change({ kind: "cancel", reason }, filter, request.dryRun, context),
      );
    },

    async retryTasks(request, context) {
      const filter = filterOf("retry", request.filter, context);
      const states = filter.states.length === 0 ? (["failed"] as const) : filter.states;
      return create(
        RetryTasksResponseSchema,
        await change({ kind: "retry" }, { ...filter, states }, request.dryRun, context),
      );
    },

    async deleteTasks(request, context) {
      const filter = filterOf("delete", request.filter, context);
      return create(DeleteTasksResponseSchema, await change({ kind: "delete" }, filter, request.dryRun, context));
    },

    async purgeQueue(request, context) {
      const name = parseQueueName("name", request.name);
      const filter = fromFilter(request.filter, clock.now());
      if (filter.queue !== null && filter.queue !== name) {
        throw invalidField("filter.queue", "is another queue than `name`; leave it empty");
      }
      const states = fromTaskStates("states", request.states);
      if (states.length > 0 && filter.states.length > 0) {
        throw invalidField("filter.states", "is set together with `states`; set one of them");
      }
      checkStates("delete", "states", states);
      checkStates("delete", "filter.states", filter.states);
      const inQueue = { ...filter, queue: name, states: states.length > 0 ? states : filter.states };
      mustReadContentOf(inQueue, context);
      await queues.get(name);
      return create(PurgeQueueResponseSchema, await change({ kind: "delete" }, inQueue, request.dryRun, context));
    },
  };
}

function checkStates(kind: BulkChange["kind"], field: string, states: readonly TaskState[]): void {
  const other = states.findIndex((state) => !changeableStates[kind].includes(state));
  if (other !== -1) throw invalidField(`${field}[${other}]`, words[kind].otherState);
}

function toTotal({ count, sampleIds, skipped, errorTypes }: BatchTotal) {
  return {
    taskCount: BigInt(count),
    sampleTaskIds: [...sampleIds],
    skipped: skipped.map(toSkippedTasks),
    errorTypes: errorTypes.slice(0, namedErrorTypes).map(toErrorTypeCount),
  };
}

function toSkippedTasks({ reason, count, sampleIds }: BatchTotal["skipped"][number]): SkippedTasks {
  return create(SkippedTasksSchema, { reason, taskCount: BigInt(count), sampleTaskIds: [...sampleIds] });
}

function toErrorTypeCount([errorType, count]: BatchTotal["errorTypes"][number]): ErrorTypeCount {
  return create(ErrorTypeCountSchema, { errorType, taskCount: BigInt(count) });
}
