/**
 * The TypeScript SDK: `import { connect, createProducer, createWorker } from "sitq/client"`. See docs/sdk-typescript.md.
 */

// Public: connecting.
export { credentials } from "@grpc/grpc-js";
// Public: the contract's messages, for calls of the typed clients.
export { HealthCheckResponse_ServingStatus as ServingStatus } from "../../gen/grpc/health/v1/health_pb.js";
export type { ServerInfo } from "../../gen/sitq/v1/admin_service_pb.js";
export {
  type Event,
  type EventFilter,
  EventFilterSchema,
  EventSchema,
  type EventStart,
} from "../../gen/sitq/v1/event_pb.js";
export {
  type Delivery,
  DeliverySchema,
  type Subscription,
  SubscriptionSchema,
  SubscriptionState,
} from "../../gen/sitq/v1/event_service_pb.js";
export type { Payload } from "../../gen/sitq/v1/payload_pb.js";
export { BalancingStrategy, type Queue, QueueSchema } from "../../gen/sitq/v1/queue_pb.js";
export {
  DuplicatePolicy,
  type SkippedTasks,
  type TaskChange,
  TaskChangeSchema,
  TaskView,
} from "../../gen/sitq/v1/queue_service_pb.js";
export {
  HealthStatus,
  type Instance,
  type InstanceHealth,
  InstanceHealthSchema,
  InstanceSchema,
  InstanceSource,
  InstanceState,
  PickInstanceResponseSchema,
  type ServiceLoad,
  ServiceLoadSchema,
} from "../../gen/sitq/v1/registry_service_pb.js";
export {
  AttemptOutcome,
  type Task,
  type TaskAttempt,
  type TaskError,
  TaskSchema,
  TaskState,
} from "../../gen/sitq/v1/task_pb.js";
export {
  SettleStatus,
  type Worker as WorkerView,
  WorkerSchema,
  WorkerState as WorkerConnectionState,
} from "../../gen/sitq/v1/worker_service_pb.js";
export {
  type Compensation,
  CompensationSchema,
  CompensationState,
  StartWorkflowRequestSchema,
  type StepWait,
  type Workflow,
  type WorkflowChange,
  WorkflowChangeSchema,
  WorkflowSchema,
  WorkflowState,
  type WorkflowStep,
  WorkflowStepSchema,
} from "../../gen/sitq/v1/workflow_service_pb.js";
// Public: errors.
export { CallError } from "../rpc/adapter/call-error.ts";
export type { BidiCall, CallOptions, Client } from "../rpc/adapter/client.ts";
export type { FieldViolation } from "../rpc/adapter/status-details.ts";
// Public: workflows.
export { type AwaitDeliveryOptions, awaitDelivery } from "./await-delivery.ts";
// Public: producing.
export type { AwaitOptions } from "./await-result.ts";
export { type AwaitWorkflowOptions, awaitWorkflow, type CompletedWorkflow } from "./await-workflow.ts";
// Public: events.
export { type Cause, causedBy } from "./caused-by.ts";
export { type ClientLog, type ClientLogLevel, type ClientLogMethod, createTextLog } from "./client-log.ts";
export { type CloudEvent, type CloudEventLike, fromCloudEvent, toCloudEvent } from "./cloud-event.ts";
export type { CompletedTask } from "./completed-task.ts";
export { type ConnectOptions, connect, type SitqClient } from "./connection.ts";
export type { EnqueueAnswer, EnqueuedTask } from "./enqueued-task.ts";
export {
  type AbortCause,
  AttemptAborted,
  PayloadMismatchError,
  ReleaseError,
  RetryLaterError,
  TaskFailedError,
  TerminalError,
  WorkflowFailedError,
} from "./errors.ts";
export type { AttributeValue } from "./event-attributes.ts";
export type { EventInfo, WatchedEvent } from "./event-info.ts";
export { type EventType, type EventTypeOptions, eventType } from "./event-type.ts";
// Public: working.
export { type Handler, type HandlerContext, type HandlerEntry, type Handlers, handle } from "./handlers.ts";
// Public: discovery.
export { type InstanceWatch, type InstanceWatchOptions, watchInstances } from "./instance-watch.ts";
export { type EventDefinition, type EventOptions, newEvent } from "./new-event.ts";
export { type DispatchOptions, type NewTask, newTask, type RetryPolicyOptions, type TaskOptions } from "./new-task.ts";
export { fromPayload, type JsonValue, toPayload } from "./payload.ts";
export { type PickedInstance, type PickOptions, pickInstance } from "./pick-instance.ts";
// Public: reading as plain objects.
export { type CheckHealthOptions, checkHealth, type HealthRecord } from "./plain/check-health.ts";
export { type DiscoverOptions, discover, type InstanceRecord } from "./plain/discover.ts";
export type { EnumOption, EnumText } from "./plain/enum-texts.ts";
export type { PlainOptions } from "./plain/from-plain.ts";
export type { ListOptions, ReadOptions } from "./plain/pages.ts";
export type { Plain } from "./plain/plain.ts";
export type {
  DeliveryRecord,
  EventListOptions,
  EventReader,
  EventReadOptions,
  EventRecord,
  EventReport,
  SubscriptionReader,
  SubscriptionRecord,
} from "./plain/read-events.ts";
export type { QueueReader, QueueRecord, QueueSettings } from "./plain/read-queues.ts";
export type { CancelTaskOptions, TaskListOptions, TaskReader, TaskRecord } from "./plain/read-tasks.ts";
export type { WorkerListOptions, WorkerReader, WorkerRecord } from "./plain/read-workers.ts";
export type {
  CancelWorkflowOptions,
  WorkflowListOptions,
  WorkflowReader,
  WorkflowRecord,
} from "./plain/read-workflows.ts";
export type { ProcessedTask } from "./process-task.ts";
export {
  createProducer,
  type DistributeOptions,
  type EnqueueAllOptions,
  type EnqueueOptions,
  type Producer,
  type ProducerOptions,
} from "./producer.ts";
export {
  createPublisher,
  type PublishAnswer,
  type PublishedEvent,
  type Publisher,
  type PublisherOptions,
  type PublishOptions,
} from "./publisher.ts";
export { createRegistration, type Registration, type RegistrationOptions } from "./registration.ts";
export { type ResolverOptions, registerSitqResolver } from "./resolver.ts";
export {
  createWorkflow,
  type ExecuteWorkflowOptions,
  executeWorkflow,
  type StartedWorkflow,
  type StartWorkflowOptions,
  startWorkflow,
} from "./start-workflow.ts";
export { type RunningSubscription, type SubscribeOptions, subscribe } from "./subscribe.ts";
// Public: tasks, with types or without.
export {
  type DefinitionOptions,
  defineTask,
  type JsonTaskOptions,
  jsonTask,
  type MessageTask,
  type TaskDefinition,
} from "./task-definition.ts";
export type { TaskInfo, WorkflowInfo } from "./task-info.ts";
export { type EventStartOption, eventStart, type WatchEventsOptions, watchEvents } from "./watch-events.ts";
export { type WatchWorkflowOptions, type WorkflowUpdate, watchWorkflow } from "./watch-workflow.ts";
export {
  createWorker,
  type Worker,
} from "./worker.ts";
export type { WorkerEvents, WorkerOptions } from "./worker-options.ts";
export type { WorkerState, WorkerStatus } from "./worker-status.ts";
export {
  type StepOptions,
  type StepResults,
  type Templated,
  type WorkflowDefinition,
  workflow,
} from "./workflow-definition.ts";

// Internal: nothing. What is not listed here may change with any version.
