import { create, type DescMessage, type MessageInitShape, type MessageShape } from "@bufbuild/protobuf";
import {
  AwaitTaskResponseSchema,
  CancelTaskResponseSchema,
  DeleteTaskResponseSchema,
  EnqueueBatchRequestSchema,
  EnqueueResultSchema,
  type EnqueueStreamRequest,
  EnqueueStreamRequestSchema,
  type EnqueueStreamResponseSchema,
  EnqueueStreamResultSchema,
  ExplainTaskResponseSchema,
  GetQueueResponseSchema,
  GetTaskResponseSchema,
  ListFailuresResponseSchema,
  ListQueuesResponseSchema,
  ListTasksResponseSchema,
  QueueService,
  RetryTaskResponseSchema,
  TaskView,
  UpdateQueueResponseSchema,
} from "../../../gen/sitq/v1/queue_service_pb.js";
import { limits } from "../../contract/limits.ts";
import type { Clock } from "../../domain/clock.ts";
import { invalidField, SitqError } from "../../domain/errors.ts";
import type { Log } from "../../domain/log.ts";
import { taskNotFound } from "../../domain/refusals/tasks.ts";
import { MalformedMessage, methodPath } from "../../grpc/codec.ts";
import type { ServiceHandlers } from "../../grpc/handlers.ts";
import { madeInTurn } from "../../grpc/made-in-turn.ts";
import type { Encodable } from "../../grpc/message-codec.ts";
import type { QueueSystem } from "../../queue/queue-system.ts";
import type { Enqueued } from "../../queue/tasks/enqueued.ts";
import { answerInOrder } from "../calls/answer-in-order.ts";
import { answerEach, type BatchContext } from "../calls/batch.ts";
import { noteStored } from "../calls/call-notes.ts";
import type { RpcContext } from "../calls/rpc-context.ts";
import { statusOf } from "../calls/status.ts";
import type { Watchers } from "../calls/watchers.ts";
import { parsePageSize, parseQueueName, parseTaskId, parseTaskType, parseText } from "../convert/checks.ts";
import { toExplanation } from "../convert/explanation.ts";
import { shownRequestId } from "../convert/request-id.ts";
import { toCreatedTask, toExistingTask, toFailureGroup, toFullTask, toTask } from "../convert/task.ts";
import { fromDuration } from "../convert/times.ts";
import { IdleMessages } from "../limits/idle-messages.ts";
import { listAllowed } from "../paging/list-allowed.ts";
import { fromPageToken, toPageToken } from "../paging/page-token.ts";
import type { SealedPageTokens } from "../paging/sealed-page-token.ts";
import { bulkHandlers } from "./bulk-changes.ts";
import { editHandlers } from "./edit-tasks.ts";
import { type BatchSchema, fromEnqueueBatch } from "./enqueue-batch.ts";
import { fromEnqueueRequest } from "./new-task.ts";
import { fromQueueUpdate, toQueue, toQueueWithChanges } from "./queue.ts";
import { fromFilter, mustReadContentOf, parseOrder } from "./task-filter.ts";
import { taskWatch } from "./watch-tasks.ts";

/** What the service needs. */
export interface QueueServiceOptions {
  readonly pageTokens: SealedPageTokens;
  readonly queueSystem: QueueSystem;
  readonly watchers: Watchers;
  readonly clock: Clock;
  readonly log: Pick<Log, "error">;
  readonly maxPayloadBytes: number;
  /** How many messages without work one stream may send in a minute. */
  readonly maxIdleMessages: number;
  /** Aborted when the server stops: streams that bring new work end. */
  readonly stopping: AbortSignal;
}

const defaultAwaitMs = 30_000;

/** The answer to one task of a batch. */
type Answer = Enqueued | SitqError;
type StreamResponseInit = MessageInitShape<typeof EnqueueStreamResponseSchema>;

function toEnqueued(answer: Enqueued) {
  return { task: answer.created ? toCreatedTask(answer) : toExistingTask(answer.task), created: answer.created };
}

function toNamed({ created, task }: Enqueued): Encodable<typeof EnqueueStreamResultSchema> {
  return created ? { taskId: task.id, created } : { taskId: task.id, requestId: shownRequestId(task.requestId) };
}

function queueOfNew(answer: Enqueued): string | null {
  return answer.created ? answer.request.queue : null;
}

/** Whether a request could not be work at all, at any time. */
function isInvalid(error: unknown): boolean {
  return error instanceof MalformedMessage || (error instanceof SitqError && error.kind === "invalid");
}

/**
 * The results of a batch, of which each is made when it is written, the first one last. Then the list of answers is emptied: the promises
 * that it went through may be old by now, and would keep it, and all requests with it, until the next full collection.
 */
function resultsOf<D extends DescMessage>(
  desc: D,
  answers: Answer[],
  toResult: (answer: Answer, index: number) => Encodable<D>,
): MessageShape<D>[] {
  return madeInTurn(desc, answers, (answer, index) => {
    if (index === 0) answers.length = 0;
    return toResult(answer, index);
  });
}

/** The handlers of sitq.v1.QueueService. */
export function queueServiceHandlers(options: QueueServiceOptions): ServiceHandlers<typeof QueueService, RpcContext> {
  const { queueSystem, pageTokens, watchers, clock, log, maxPayloadBytes, maxIdleMessages, stopping } = options;
  const { tasks, queues, feed, allWorkers: workers } = queueSystem;

  const refusalOf = (error: SitqError, index: number) => ({ error: statusOf(error.under(`requests[${index}]`), log) });
  const toResult = (answer: Answer, index: number) =>
    answer instanceof SitqError ? refusalOf(answer, index) : toEnqueued(answer);
  const toStreamResult = (answer: Answer, index: number) =>
    answer instanceof SitqError ? refusalOf(answer, index) : toNamed(answer);

  /** Not async: the message is garbage once it is read, which it would not be while it waits. */
  function storeBatch<D extends BatchSchema>(
    desc: D,
    message: MessageShape<D>,
    context: BatchContext,
  ): Promise<Answer[]> {
    tasks.assertOpen();
    const rules = { maxPayloadBytes, nowMs: clock.now(), principal: context.principal.name };
    const { tasks: asked, atomic } = fromEnqueueBatch(desc, message, rules, context);
    const answers = answerEach(asked, (toStore) => tasks.enqueue(toStore, atomic));
    return noteStored(answers, context.notes, "queue", queueOfNew);
  }

  function refusedInStream(error: unknown): StreamResponseInit {
    return { error: statusOf(error, log, methodPath(QueueService.method.enqueueStream)) };
  }

  /** It never rejects: the refusal of a request is an answer. It throws what ends the stream. */
  function answerInStream(
    request: EnqueueStreamRequest,
    context: BatchContext,
    idle: IdleMessages,
  ): Promise<StreamResponseInit> {
    try {
      return storeBatch(EnqueueStreamRequestSchema, request, context).then(
        (answers) => ({ results: resultsOf(EnqueueStreamResultSchema, answers, toStreamResult) }),
        refusedInStream,
      );
    } catch (error) {
      if (isInvalid(error)) idle.count();
      return Promise.resolve(refusedInStream(error));
    }
  }

  return {
    ...bulkHandlers(queueSystem, clock),
    ...editHandlers(queueSystem, clock, maxPayloadBytes),

    async enqueue(request, { principal }) {
      tasks.assertOpen();
      const rules = { maxPayloadBytes, nowMs: clock.now(), principal: principal.name };
      const [answer] = await tasks.enqueue([fromEnqueueRequest(request, rules)]);
      if (answer === undefined || answer instanceof SitqError) throw answer;
      return toEnqueued(answer);
    },

    enqueueBatch: (request, context) =>
      storeBatch(EnqueueBatchRequestSchema, request, context).then((answers) => ({
        results: resultsOf(EnqueueResultSchema, answers, toResult),
      })),

    enqueueStream(requests, context, out) {
      const idle = new IdleMessages(clock, maxIdleMessages);
      return answerInOrder(requests, (request) => answerInStream(request, context, idle), out, stopping);
    },

    async getTask(request) {
      const { task, attempts } = await tasks.get(parseTaskId("task_id", request.taskId));
      return create(GetTaskResponseSchema, { task: toFullTask(task, attempts) });
    },

    async explainTask(request) {
      const id = parseTaskId("task_id", request.taskId);
      const [explanation] = await queueSystem.explain([id]);
      if (!explanation) throw taskNotFound(id);
      return create(ExplainTaskResponseSchema, { explanation: toExplanation(explanation) });
    },

    async listTasks(request, context) {
      const filter = fromFilter(request.filter, clock.now());
      mustReadContentOf(filter, context);
      const order = parseOrder("order", request.order);
      const limit = parsePageSize(request.pageSize);
      if (TaskView[request.view] === undefined)
        throw invalidField("view", `${request.view} is not a value of this enum`);
      const full = request.view === TaskView.FULL;
      // The age, not the moment that it means, which is another one for each page.
      const { seconds = 0n, nanos = 0 } = request.filter?.minStateAge ?? {};
      const query = { list: "tasks", filter: { ...filter, inStateSinceMs: `${seconds}/${nanos}` }, order, full };
      const cursor = await pageTokens.open(query, request.pageToken);
      const page = await tasks.list({ filter, order, cursor, limit, full, maxBytes: limits.messageBytes });
      const shown = page.tasks.filter(({ queue }) => context.scope.allows("queue", queue));
      const explanations = request.explain ? await queueSystem.explain(shown.map(({ id }) => id)) : [];
      return create(ListTasksResponseSchema, {
        tasks: shown.map(toTask),
        explanations: explanations.map(toExplanation),
        nextPageToken: await pageTokens.seal(query, page.nextCursor),
      });
    },

    async listFailures(request, { scope }) {
      const queue = request.queue === "" ? null : parseQueueName("queue", request.queue);
      const type = request.type === "" ? null : parseTaskType("type", request.type);
      const limit = parsePageSize(request.pageSize);
      const query = { list: "failures", queue, type };
      const cursor = await pageTokens.open(query, request.pageToken);
      const page = await tasks.listFailures({ queue, type, cursor, limit });
      return create(ListFailuresResponseSchema, {
        failures: page.groups.filter((group) => scope.allows("queue", group.queue)).map(toFailureGroup),
        nextPageToken: await pageTokens.seal(query, page.nextCursor),
      });
    },

    async awaitTask(request, { signal }) {
      const id = parseTaskId("task_id", request.taskId);
      const timeoutMs = fromDuration("timeout", request.timeout, 0, limits.awaitTimeoutMs) ?? defaultAwaitMs;
      const { task, attempts } = await feed.awaitTask(id, timeoutMs, signal);
      return create(AwaitTaskResponseSchema, { task: toFullTask(task, attempts) });
    },

    async watchTasks(request, context, out) {
      const watch = taskWatch(feed, request, context);
      await watchers.serve(watch, context, out);
    },

    async cancelTask(request) {
      const reason = parseText("reason", request.reason, limits.cancelReasonBytes);
      const task = await tasks.cancel(parseTaskId("task_id", request.taskId), reason);
      return create(CancelTaskResponseSchema, { task: toTask(task) });
    },

    async retryTask(request) {
      const task = await tasks.retry(parseTaskId("task_id", request.taskId));
      return create(RetryTaskResponseSchema, { task: toTask(task) });
    },

    async deleteTask(request) {
      await tasks.delete(parseTaskId("task_id", request.taskId));
      return create(DeleteTaskResponseSchema);
    },

    async getQueue(request) {
      const queue = await queues.get(parseQueueName("name", request.name));
      return create(GetQueueResponseSchema, { queue: toQueueWithChanges(queue, workers.attendance(queue.name)) });
    },

    async listQueues(request, { scope }) {
      const limit = parsePageSize(request.pageSize);
      const query = { list: "queues" };
      const found = await listAllowed(
        (cursor, most) => queues.list(cursor, most),
        ({ name }) => scope.allows("queue", name),
        fromPageToken(query, request.pageToken),
        limit + 1,
      );
      const page = found.slice(0, limit);
      return create(ListQueuesResponseSchema, {
        queues: page.map((queue) => toQueue(queue, workers.attendance(queue.name))),
        nextPageToken: toPageToken(query, found.length > limit ? (page.at(-1)?.name ?? null) : null),
      });
    },

    async updateQueue(request, { principal }) {
      const { name, changes, reason } = fromQueueUpdate(request);
      const queue = await queues.update(name, changes, request.allowMissing, { principal: principal.name, reason });
      return create(UpdateQueueResponseSchema, { queue: toQueueWithChanges(queue, workers.attendance(name)) });
    },
  };
}
