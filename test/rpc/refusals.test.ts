import { expect, it } from "vitest";
import { DuplicatePolicy } from "../../gen/sitq/v1/queue_service_pb.js";
import type { ErrorReason } from "../../src/domain/errors.ts";
import { publish, type SubscriptionInit, subscribe } from "../harness/calls/events.ts";
import { connectWorker } from "../harness/calls/scripted-worker.ts";
import { bytes, enqueue, present } from "../harness/calls/tasks.ts";
import { start, stepsIn } from "../harness/calls/workflows.ts";
import { refusalOf } from "../harness/refusal.ts";
import type { TestServer } from "../harness/server.ts";
import { freshQueue, shareServer } from "../harness/shared-server.ts";

const shared = shareServer({ config: { maxPayloadBytes: 1_024 } });

/** One call for each refusal, the code that it is answered with, and the path of the field; `null`: none is at fault. */
interface Example {
  readonly code: string;
  readonly field: string | null;
  call(server: TestServer, queue: string): Promise<unknown>;
}

const firstOf = <T>(messages: AsyncIterable<T>) => messages[Symbol.asyncIterator]().next();

/**
 * Every reason that there is. The others need a broken client or machine, a clock, or a server that stops; the tests of those
 * behaviours look at their details too.
 */
const examples: Record<ErrorReason, Example | "elsewhere"> = {
  INVALID_FIELD: { code: "INVALID_ARGUMENT", field: "task", call: ({ queue }) => queue.enqueue({}) },
  INVALID_PAGE_TOKEN: {
    code: "INVALID_ARGUMENT",
    field: "page_token",
    call: ({ queue }) => queue.listTasks({ pageToken: "x" }),
  },
  PAYLOAD_TOO_LARGE: {
    code: "INVALID_ARGUMENT",
    field: "task.payload",
    call: (server, queue) => enqueue(server, { queue, payload: bytes(2_000) }),
  },
  HELLO_EXPECTED: {
    code: "INVALID_ARGUMENT",
    field: null,
    call: ({ worker }) => {
      const call = worker.work();
      call.send({ message: { case: "heartbeat", value: {} } });
      return firstOf(call.responses);
    },
  },
  HELLO_REPEATED: {
    code: "INVALID_ARGUMENT",
    field: null,
    call: async (server, queue) => {
      const worker = await connectWorker(server, { workerId: queue, queues: [queue] });
      worker.send({ case: "hello", value: { queues: [queue] } });
      throw await worker.ended;
    },
  },
  TASK_NOT_FOUND: { code: "NOT_FOUND", field: "task_id", call: ({ queue }) => queue.getTask({ taskId: "x" }) },
  QUEUE_NOT_FOUND: { code: "NOT_FOUND", field: "name", call: ({ queue }, name) => queue.getQueue({ name }) },
  WORKER_NOT_FOUND: {
    code: "NOT_FOUND",
    field: "worker_id",
    call: ({ worker }) => worker.drainWorker({ workerId: "x" }),
  },
  INSTANCE_NOT_FOUND: {
    code: "NOT_FOUND",
    field: "instance_id",
    call: ({ registry }, serviceName) => registry.heartbeat({ serviceName, instanceId: "a" }),
  },
  INSTANCE_REPLACED: {
    code: "FAILED_PRECONDITION",
    field: "registration_id",
    call: async ({ registry }, serviceName) => {
      const name = { serviceName, instanceId: "a" };
      const { registrationId } = await registry.registerInstance({ ...name, address: "localhost:1" });
      await registry.registerInstance({ ...name, address: "localhost:2" });
      return registry.deregisterInstance({ ...name, registrationId });
    },
  },
  SERVICE_FULL: {
    code: "RESOURCE_EXHAUSTED",
    field: "service_name",
    call: async ({ registry }, serviceName) => {
      await registry.registerInstance({ serviceName, instanceId: "a", address: "localhost:1", capacity: 1 });
      for (const _ of [1, 2]) await registry.pickInstance({ serviceName });
    },
  },
  SERVICE_NOT_FOUND: { code: "NOT_FOUND", field: "service", call: ({ health }) => health.check({ service: "x" }) },
  REQUEST_ID_REUSED: {
    code: "ALREADY_EXISTS",
    field: "request_id",
    call: async ({ queue }, name) => {
      for (const type of ["a", "b"]) await queue.enqueue({ task: { queue: name, type }, requestId: name });
    },
  },
  DUPLICATE_TASK: {
    code: "ALREADY_EXISTS",
    field: "task.deduplication_key",
    call: async ({ queue }, name) => {
      const task = { queue: name, type: "a", deduplicationKey: "k" };
      for (const _ of [1, 2]) await queue.enqueue({ task, duplicatePolicy: DuplicatePolicy.REFUSE });
    },
  },
  TASK_FINISHED: {
    code: "FAILED_PRECONDITION",
    field: "task_id",
    call: async (server, queue) => {
      const worker = await connectWorker(server, { workerId: queue, queues: [queue] });
      const { id: taskId } = await enqueue(server, { queue });
      await worker.complete(...(await worker.take(1)));
      return server.queue.cancelTask({ taskId });
    },
  },
  TASK_RUNNING: {
    code: "FAILED_PRECONDITION",
    field: "task_id",
    call: async (server, queue) => {
      const { id: taskId } = await enqueue(server, { queue });
      await server.worker.claimTasks({ workerId: "w", queues: [queue] });
      return server.queue.deleteTask({ taskId });
    },
  },
  TASK_UNFINISHED: {
    code: "FAILED_PRECONDITION",
    field: "task_id",
    call: async (server, queue) => server.queue.rerunTask({ taskId: (await enqueue(server, { queue })).id }),
  },
  TASK_BLOCKED: {
    code: "FAILED_PRECONDITION",
    field: "task.schedule_time",
    call: async (server, queue) => {
      const { steps } = await start(server, { steps: stepsIn(queue, { a: "", b: "a" }) });
      const { taskId: id } = present(steps[1]);
      return server.queue.updateTask({ task: { id, delay: { seconds: 60n } } });
    },
  },
  TASK_IS_DELIVERY: {
    code: "FAILED_PRECONDITION",
    field: "task_id",
    call: async (server, queue) => {
      const filter = { types: [queue] };
      await server.event.createSubscription({
        subscription: { name: queue, queue, filter },
        start: { start: { case: "now", value: true } },
      });
      await server.event.publish({ event: { type: queue, sourceService: "shop", id: queue } });
      const { tasks } = await server.queue.listTasks({ filter: { queue } });
      return server.queue.updateTask({ task: { id: present(tasks[0]).id, queue: `${queue}-2` } });
    },
  },
  TASK_NOT_RETRYABLE: {
    code: "FAILED_PRECONDITION",
    field: "task_id",
    call: async (server, queue) => server.queue.retryTask({ taskId: (await enqueue(server, { queue })).id }),
  },
  WORKFLOW_NOT_FOUND: {
    code: "NOT_FOUND",
    field: "workflow_id",
    call: ({ workflow }) => workflow.getWorkflow({ workflowId: "x" }),
  },
  TASK_IN_WORKFLOW: {
    code: "FAILED_PRECONDITION",
    field: "task_id",
    call: async (server, queue) => {
      const { steps } = await start(server, { steps: stepsIn(queue, { a: "" }) });
      return server.queue.deleteTask({ taskId: present(steps[0]).taskId });
    },
  },
  WORKFLOW_FINISHED: {
    code: "FAILED_PRECONDITION",
    field: "workflow_id",
    call: async (server, queue) => {
      const worker = await connectWorker(server, { workerId: queue, queues: [queue] });
      const { id: workflowId } = await start(server, { steps: stepsIn(queue, { a: "" }) });
      await worker.complete(...(await worker.take(1)));
      return server.workflow.cancelWorkflow({ workflowId });
    },
  },
  WORKFLOW_NOT_RETRYABLE: {
    code: "FAILED_PRECONDITION",
    field: "workflow_id",
    call: async (server, queue) => {
      const { id: workflowId } = await start(server, { steps: stepsIn(queue, { a: "" }) });
      return server.workflow.retryWorkflow({ workflowId });
    },
  },
  STALE: {
    code: "FAILED_PRECONDITION",
    field: "attempt",
    call: async (server, queue) =>
      server.worker.completeTask({ workerId: "w", taskId: (await enqueue(server, { queue })).id, attempt: 1 }),
  },
  BACKUP_RUNNING: {
    code: "FAILED_PRECONDITION",
    field: null,
    call: async ({ admin }) => {
      const drained = async () => {
        for await (const _ of admin.backup({}));
      };
      const [first, second] = await Promise.allSettled([drained(), drained()]);
      throw (first.status === "rejected" ? first : (second as PromiseRejectedResult)).reason;
    },
  },
  QUEUE_FULL: {
    code: "RESOURCE_EXHAUSTED",
    field: "task.queue",
    call: async (server, queue) => {
      await server.queue.updateQueue({ queue: { name: queue, maxDepth: 1n }, allowMissing: true });
      for (const _ of [1, 2]) await enqueue(server, { queue });
    },
  },
  WORKER_REPLACED: {
    code: "ABORTED",
    field: null,
    call: async (server, queue) => {
      const worker = await connectWorker(server, { workerId: queue, queues: [queue] });
      await connectWorker(server, { workerId: queue, queues: [queue] });
      throw await worker.ended;
    },
  },
  STREAM_REPLACED: {
    code: "ABORTED",
    field: null,
    call: async (server, queue) => {
      const hello = { workerId: queue, queues: [queue], incarnation: "1" };
      const worker = await connectWorker(server, hello);
      await connectWorker(server, hello);
      throw await worker.ended;
    },
  },
  EVENT_NOT_FOUND: {
    code: "NOT_FOUND",
    field: "event_id",
    call: ({ event }) => event.getEvent({ eventId: "nothing" }),
  },
  EVENT_ID_REUSED: {
    code: "ALREADY_EXISTS",
    field: "event.id",
    call: async (server, queue) => {
      await publish(server, { id: queue });
      return publish(server, { id: queue, subject: "another" });
    },
  },
  SUBSCRIPTION_NOT_FOUND: {
    code: "NOT_FOUND",
    field: "name",
    call: ({ event }, name) => event.deleteSubscription({ name }),
  },
  SUBSCRIPTION_EXISTS: {
    code: "ALREADY_EXISTS",
    field: "subscription.queue",
    call: async (server, name) => {
      await subscribe(server, { name });
      return subscribe(server, { name, queue: "another" });
    },
  },
  SUBSCRIPTION_BEHIND: {
    code: "FAILED_PRECONDITION",
    field: "subscription.filter",
    call: async (server, name) => {
      const change = (subscription: SubscriptionInit) => server.event.updateSubscription({ subscription });
      await subscribe(server, { name });
      await change({ name, paused: true });
      for (let n = 0; n <= 100; n++) {
        await publish(server, { id: `${name}-${n}` });
        await change({ name, filter: { types: [`t${n}`] } });
      }
    },
  },
  POSITION_EXPIRED: {
    code: "FAILED_PRECONDITION",
    field: "start",
    call: ({ event }) =>
      event
        .subscribe({ start: { start: { case: "position", value: "nowhere" } } })
        [Symbol.asyncIterator]()
        .next(),
  },
  MALFORMED_MESSAGE: "elsewhere",
  DATA_LOSS: "elsewhere",
  MESSAGE_TOO_LARGE: "elsewhere",
  HEADERS_TOO_LARGE: "elsewhere",
  UNSUPPORTED_OVER_HTTP: "elsewhere",
  BACKUP_UNSUPPORTED: "elsewhere",
  CROSS_ORIGIN: "elsewhere",
  TOO_MANY_WATCHERS: "elsewhere",
  TOO_MANY_CONNECTIONS: "elsewhere",
  TOO_MANY_IDLE_MESSAGES: "elsewhere",
  OVERLOADED: "elsewhere",
  BATCH_REFUSED: "elsewhere",
  UNKNOWN_METHOD: "elsewhere",
  UNSUPPORTED_ENCODING: "elsewhere",
  WATCH_TOO_SLOW: "elsewhere",
  DRAINING: "elsewhere",
  NO_HEALTHY_INSTANCE: "elsewhere",
  FIRST_MESSAGE_TIMEOUT: "elsewhere",
  TOO_MANY_UNFINISHED_BYTES: "elsewhere",
  HEARTBEAT_TIMEOUT: "elsewhere",
  DISK_FULL: "elsewhere",
  DISK_LOW: "elsewhere",
  STORE_FAILED: "elsewhere",
  STORE_UNREACHABLE: "elsewhere",
  READ_ONLY: "elsewhere",
  CREDENTIALS_REQUIRED: "elsewhere",
  INVALID_CREDENTIALS: "elsewhere",
  CREDENTIALS_EXPIRED: "elsewhere",
  CREDENTIALS_REVOKED: "elsewhere",
  CREDENTIALS_DISAGREE: "elsewhere",
  ROLE_REQUIRED: "elsewhere",
  OUT_OF_SCOPE: "elsewhere",
  PRINCIPAL_NOT_FOUND: "elsewhere",
  TOKEN_NOT_FOUND: "elsewhere",
  PRINCIPAL_EXISTS: "elsewhere",
  CERTIFICATE_IN_USE: "elsewhere",
  AUTHENTICATION_OFF: "elsewhere",
  ISSUER_UNAVAILABLE: "elsewhere",
  TOO_MANY_FAILED_SIGN_INS: "elsewhere",
};

const shown = Object.entries(examples).flatMap(([reason, example]) =>
  example === "elsewhere" ? [] : [[reason, example] as const],
);

it.each(shown)("says what is wrong, stably and in full: %s", async (reason, { code, field, call }) => {
  const refusal = await refusalOf(call(shared(), freshQueue()));
  expect(refusal).toMatchObject({ code, reason, domain: "sitq", field });
  expect(refusal.message).not.toBe("");
  if (field === "task_id" || field === "workflow_id") {
    expect(refusal.message).toMatch(/(task|workflow) ("x"|0[0-9a-z]{10})/);
  }
  // Waiting helps with what is full, and with nothing else here.
  const waits: Record<string, number> = { QUEUE_FULL: 1_000, SERVICE_FULL: 100 };
  expect(refusal.retryAfterMs).toBe(waits[reason] ?? null);
});
