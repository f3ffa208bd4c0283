import { create } from "@bufbuild/protobuf";
import {
  type QueueService,
  RerunTaskResponseSchema,
  type UpdateTaskRequest,
  UpdateTaskResponseSchema,
} from "../../../gen/sitq/v1/queue_service_pb.js";
import type { Task as WireTask } from "../../../gen/sitq/v1/task_pb.js";
import { limits } from "../../contract/limits.ts";
import type { Clock } from "../../domain/clock.ts";
import { invalidField } from "../../domain/errors.ts";
import type { TaskUpdate } from "../../domain/operators/operator-changes.ts";
import type { ServiceHandlers } from "../../grpc/handlers.ts";
import type { QueueSystem } from "../../queue/queue-system.ts";
import type { RpcContext } from "../calls/rpc-context.ts";
import { parseInteger, parseQueueName, parseRequestId, parseTaskId } from "../convert/checks.ts";
import { type ChangeableFields, changesOf } from "../convert/field-mask.ts";
import { fromPayload } from "../convert/payload.ts";
import { ownRequestId } from "../convert/request-id.ts";
import { toCreatedTask, toExistingTask, toTask } from "../convert/task.ts";
import { fromDuration, fromTimestamp } from "../convert/times.ts";
import { converted, refuseField } from "../convert/violations.ts";

/** The calls that change single tasks. */
type EditHandlers = Pick<ServiceHandlers<typeof QueueService, RpcContext>, "updateTask" | "rerunTask">;

/** What an update may name; of the times at most one. */
interface Changes {
  readonly queue: string;
  readonly priority: number;
  readonly scheduleMs: number | null;
  readonly delayMs: number | null;
}

const fields: ChangeableFields<WireTask, Changes> = {
  queue: {
    path: "queue",
    isSet: ({ queue }) => queue !== "",
    read: ({ queue }) => parseQueueName("task.queue", queue),
  },
  priority: {
    path: "priority",
    isSet: ({ priority }) => priority !== 0,
    read: ({ priority }) => parseInteger("task.priority", priority, -limits.priority, limits.priority),
  },
  scheduleMs: {
    path: "schedule_time",
    isSet: ({ scheduleTime }) => scheduleTime !== undefined,
    read: ({ scheduleTime }) => fromTimestamp("task.schedule_time", scheduleTime),
  },
  delayMs: {
    path: "delay",
    isSet: ({ delay }) => delay !== undefined,
    read: ({ delay }) => fromDuration("task.delay", delay, 0, limits.scheduleAheadMs),
  },
};

/** The handlers of the calls that change single tasks. @param maxPayloadBytes the bound of a payload */
export function editHandlers(
  { tasks }: Pick<QueueSystem, "tasks">,
  clock: Clock,
  maxPayloadBytes: number,
): EditHandlers {
  function updateOf(task: WireTask, { updateMask }: UpdateTaskRequest): TaskUpdate {
    const { scheduleMs, delayMs, ...changes } = changesOf(
      task,
      updateMask,
      fields,
      "; what a task holds is not changed",
    );
    if (scheduleMs !== undefined && delayMs !== undefined)
      refuseField("task.delay", "is set together with schedule_time");
    if (scheduleMs === undefined && delayMs === undefined) return changes;
    const nowMs = clock.now();
    const atMs = scheduleMs ?? nowMs + (delayMs ?? 0);
    if (atMs > nowMs + limits.scheduleAheadMs) refuseField("task.schedule_time", "is more than 10 years ahead");
    return { ...changes, scheduleMs: atMs };
  }

  return {
    async updateTask(request) {
      const { task } = request;
      if (task === undefined) throw invalidField("task", "is required");
      const asked = converted(() => ({ id: parseTaskId("task.id", task.id), update: updateOf(task, request) }));
      return create(UpdateTaskResponseSchema, { task: toTask(await tasks.update(asked.id, asked.update)) });
    },

    async rerunTask({ taskId, payload, requestId }, { principal }) {
      const asked = converted(() => {
        const id = parseTaskId("task_id", taskId);
        const request = parseRequestId("request_id", requestId);
        const own = { requestId: ownRequestId(request, principal.name) };
        if (payload === undefined) return { id, rerun: own };
        const rules = { maxBytes: maxPayloadBytes, canonical: request !== null };
        return { id, rerun: { ...own, payload: fromPayload("payload", payload, rules) } };
      });
      const answer = await tasks.rerun(asked.id, asked.rerun);
      const task = answer.created ? toCreatedTask(answer) : toExistingTask(answer.task);
      return create(RerunTaskResponseSchema, { task, created: answer.created });
    },
  };
}
