import type { DescService, MessageInitShape } from "@bufbuild/protobuf";
import type { AccessService } from "../../../gen/sitq/v1/access_service_pb.js";
import type { AdminService } from "../../../gen/sitq/v1/admin_service_pb.js";
import type { EventService } from "../../../gen/sitq/v1/event_service_pb.js";
import type { MonitorService } from "../../../gen/sitq/v1/monitor_service_pb.js";
import type { QueueService } from "../../../gen/sitq/v1/queue_service_pb.js";
import type { RegistryService } from "../../../gen/sitq/v1/registry_service_pb.js";
import type { WorkerService } from "../../../gen/sitq/v1/worker_service_pb.js";
import type { WorkflowService } from "../../../gen/sitq/v1/workflow_service_pb.js";
import { fromEarliest } from "../../harness/calls/events.ts";
import { as } from "../../harness/calls/principals.ts";
import type { TestServer } from "../../harness/server.ts";

/** What every name in the examples begins with. */
export const prefix = "in.";
/** What stands in all content of users. */
export const canary = "canary-secret";

/** A request for each method, all of whose names begin with `prefix`. What its ids stand for is made first. */
export type ExampleRequests<S extends DescService> = {
  readonly [K in keyof S["method"]]: () =>
    | MessageInitShape<S["method"][K]["input"]>
    | Promise<MessageInitShape<S["method"][K]["input"]>>;
};

const admin = as("root", { role: "admin" });
/** The principal that makes the calls, while it makes what its ids stand for. */
const caller = as("caller", { role: "admin" });
const payload = { kind: { case: "binary", value: Buffer.from(canary) } } as const;
const start = { start: fromEarliest };
let count = 0;

/** The examples of each service. A method without one does not pass the types. */
export function exampleRequests({ queue, event, registry, workflow, worker }: TestServer) {
  const name = () => `${prefix}${++count}`;
  const newTask = (queueName = name()) => ({
    task: { queue: queueName, type: "act", payload, headers: { note: canary }, maxAttempts: 1 },
  });
  const newEvent = () => ({ event: { id: name(), type: name(), sourceService: "shop", data: payload } });
  const newSteps = () => ({
    name: "flow",
    steps: [{ stepId: "a", serviceName: name(), action: "act", parameters: payload }],
  });
  const newInstance = () => ({ serviceName: name(), instanceId: "i", registrationId: "r", address: "127.0.0.1:1" });

  async function taskId(queueName = name()) {
    return { taskId: (await queue.enqueue(newTask(queueName), admin)).task?.id ?? "" };
  }
  async function failedTask() {
    const queueName = name();
    const { taskId: id } = await taskId(queueName);
    const lease = { workerId: "w", queues: [queueName] };
    await worker.claimTasks(lease, admin);
    const error = { message: canary, stackTrace: canary, type: "Broken" };
    await worker.failTask({ workerId: "w", taskId: id, attempt: 1, error, terminal: true }, admin);
    return { taskId: id, queueName };
  }
  async function workflowId(pending = false) {
    const { workflow: made } = await workflow.startWorkflow({ ...newSteps(), input: payload, pending }, admin);
    return { workflowId: made?.id ?? "" };
  }
  async function subscription() {
    const made = { name: name(), queue: name(), filter: { types: [name()] } };
    await event.createSubscription({ subscription: made, start }, admin);
    return made;
  }
  async function instance() {
    const made = newInstance();
    await registry.registerInstance(made, admin);
    return made;
  }
  async function queueName() {
    const made = name();
    await taskId(made);
    return made;
  }

  async function knownWorker() {
    const [workerId, queueName] = [name(), name()];
    const stream = worker.work(admin);
    const hello = { workerId, queues: [queueName], capacity: 1, metadata: { note: canary } };
    stream.send({ message: { case: "hello", value: hello } });
    // It is listed, disconnected, once the stream has ended.
    for await (const { message } of stream.responses) if (message.case === "welcome") break;
    return { workerId: `root/${workerId}`, queueName };
  }

  const outcome = { outcome: { case: "completed", value: {} } } as const;
  return {
    queue: {
      enqueue: () => newTask(),
      enqueueBatch: () => ({ requests: [newTask()] }),
      enqueueStream: () => ({ requests: [newTask()] }),
      getTask: async () => ({ taskId: (await failedTask()).taskId }),
      explainTask: () => taskId(),
      listTasks: async () => ({
        filter: { queue: (await failedTask()).queueName },
        view: 2,
        pageSize: 1_000,
        explain: true,
      }),
      listFailures: async () => ({ queue: (await failedTask()).queueName }),
      awaitTask: async () => ({ taskId: (await failedTask()).taskId }),
      watchTasks: () => ({ filter: { queue: name() } }),
      cancelTask: () => taskId(),
      cancelTasks: async () => ({ filter: { queue: await queueName() } }),
      retryTask: async () => ({ taskId: (await failedTask()).taskId }),
      retryTasks: async () => ({ filter: { queue: (await failedTask()).queueName } }),
      updateTask: async () => ({ task: { id: (await taskId()).taskId, queue: name(), priority: 1 } }),
      rerunTask: async () => ({ taskId: (await failedTask()).taskId }),
      deleteTask: () => taskId(),
      deleteTasks: async () => ({ filter: { queue: (await failedTask()).queueName } }),
      getQueue: async () => ({ name: await queueName() }),
      listQueues: async () => ({ pageSize: (await queueName()).length }),
      updateQueue: () => ({ queue: { name: name(), paused: true }, allowMissing: true }),
      purgeQueue: async () => ({ name: await queueName() }),
    } satisfies ExampleRequests<typeof QueueService>,
    event: {
      publish: () => newEvent(),
      publishBatch: () => ({ requests: [newEvent()] }),
      createSubscription: () => ({
        subscription: { name: name(), queue: name(), filter: { types: [name()] } },
        start,
      }),
      getSubscription: subscription,
      updateSubscription: async () => ({
        subscription: { name: (await subscription()).name, filter: { types: [`${name()}.**`] } },
        updateMask: { paths: ["filter"] },
      }),
      listSubscriptions: async () => ({ pageSize: (await subscription()).name.length }),
      deleteSubscription: subscription,
      replayEvents: async () => ({ subscription: (await subscription()).name, start }),
      subscribe: async () => {
        const made = newEvent();
        await event.publish(made, admin);
        return { filter: { types: [made.event.type] }, start };
      },
      getEvent: async () => {
        const made = newEvent();
        await event.publish(made, admin);
        return { eventId: made.event.id };
      },
      listEvents: async () => {
        const made = newEvent();
        await event.publish(made, admin);
        return { filter: { types: [made.event.type] } };
      },
    } satisfies ExampleRequests<typeof EventService>,
    registry: {
      registerInstance: () => newInstance(),
      heartbeat: instance,
      deregisterInstance: instance,
      discoverInstances: async () => ({ serviceName: (await instance()).serviceName }),
      watchInstances: async () => ({ serviceName: (await instance()).serviceName }),
      pickInstance: async () => ({ serviceName: (await instance()).serviceName }),
      releaseInstance: async () => {
        const { reservationId } = await registry.pickInstance({ serviceName: (await instance()).serviceName }, caller);
        return { reservationId };
      },
      checkHealth: async () => ({ serviceName: (await instance()).serviceName, timeout: { nanos: 1_000_000 } }),
      getService: async () => ({ name: (await instance()).serviceName }),
      listServices: async () => ({ pageSize: (await instance()).serviceName.length }),
      updateService: async () => ({ service: { name: (await instance()).serviceName } }),
      getLoadStatistics: async () => ({ serviceName: (await instance()).serviceName }),
    } satisfies ExampleRequests<typeof RegistryService>,
    worker: {
      work: () => ({
        message: { case: "hello", value: { workerId: name(), queues: [name()], service: name(), capacity: 1 } },
      }),
      claimTasks: async () => {
        const queueName = name();
        return { workerId: name(), queues: [queueName], taskIds: [(await taskId(queueName)).taskId] };
      },
      completeTask: async () => ({ workerId: name(), ...(await taskId()), attempt: 1 }),
      failTask: async () => ({ workerId: name(), ...(await taskId()), attempt: 1 }),
      releaseTask: async () => ({ workerId: name(), ...(await taskId()), attempt: 1 }),
      settleTasks: async () => ({ workerId: name(), outcomes: [{ ...(await taskId()), attempt: 1, ...outcome }] }),
      extendLease: async () => ({ workerId: name(), ...(await taskId()), attempt: 1 }),
      listWorkers: async () => ({ queue: (await knownWorker()).queueName }),
      drainWorker: async () => ({ workerId: (await knownWorker()).workerId }),
    } satisfies ExampleRequests<typeof WorkerService>,
    workflow: {
      startWorkflow: () => newSteps(),
      executeWorkflow: () => workflowId(true),
      getWorkflow: () => workflowId(),
      listWorkflows: async () => ({ pageSize: (await workflowId()).workflowId.length }),
      cancelWorkflow: () => workflowId(),
      retryWorkflow: () => workflowId(),
      watchWorkflow: () => workflowId(),
    } satisfies ExampleRequests<typeof WorkflowService>,
    monitor: {
      getStatus: async () => ((await failedTask()) ? {} : {}),
      getOverview: async () => ({ pageSize: (await failedTask()).queueName.length }),
      watchOverview: async () => ((await failedTask()) ? {} : {}),
    } satisfies ExampleRequests<typeof MonitorService>,
    admin: {
      getServerInfo: () => ({}),
      listServers: () => ({}),
      backup: () => ({}),
    } satisfies ExampleRequests<typeof AdminService>,
    access: {
      getIdentity: () => ({}),
      createPrincipal: () => ({ principal: { name: `p${++count}` } }),
      getPrincipal: () => ({ name: "p0" }),
      listPrincipals: () => ({}),
      updatePrincipal: () => ({ principal: { name: "p0" } }),
      deletePrincipal: () => ({ name: "p0" }),
      createToken: () => ({ principal: "p0" }),
      listTokens: () => ({}),
      revokeToken: () => ({ tokenId: "t" }),
      listAuditEntries: () => ({}),
    } satisfies ExampleRequests<typeof AccessService>,
  };
}
