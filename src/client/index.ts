/**
 * The TypeScript SDK: `import { connect, createProducer, createWorker } from "sitq/client"`. See docs/sdk-typescript.md.
 */

// Public: the contract's messages, for calls of the typed clients.
export { HealthCheckResponse_ServingStatus as ServingStatus } from "../../gen/grpc/health/v1/health_pb.js";
export { type Grant, Role } from "../../gen/sitq/v1/access_pb.js";
export {
  type AuditEntry,
  AuditEntrySchema,
  GetIdentityResponseSchema,
  type Principal,
  PrincipalSchema,
  type Token,
  TokenSchema,
} from "../../gen/sitq/v1/access_service_pb.js";
export {
  type Server as ServerView,
  type ServerInfo,
  ServerSchema as ServerViewSchema,
} from "../../gen/sitq/v1/admin_service_pb.js";
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
export { type Explanation, ExplanationSchema, WaitReason } from "../../gen/sitq/v1/explanation_pb.js";
export {
  GetStatusResponseSchema,
  type OverviewTotals,
  type Problem,
  ProblemKind,
  ProblemSeverity,
  QueueOrder,
  type QueueOverview,
  QueueOverviewSchema,
  type WatchOverviewResponse,
  WatchOverviewResponseSchema,
} from "../../gen/sitq/v1/monitor_service_pb.js";
export type { Payload } from "../../gen/sitq/v1/payload_pb.js";
export { BalancingStrategy, type Queue, QueueSchema, type QueueSettingChange } from "../../gen/sitq/v1/queue_pb.js";
export {
  DuplicatePolicy,
  type ErrorTypeCount,
  type FailureGroup,
  FailureGroupSchema,
  type SkippedTasks,
  type TaskChange,
  TaskChangeSchema,
  type TaskFilter,
  TaskOrder,
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
  type Service,
  type ServiceLoad,
  ServiceLoadSchema,
  ServiceSchema,
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
  type WorkflowWait,
} from "../../gen/sitq/v1/workflow_service_pb.js";
export type { AttributeValue, JsonValue } from "../contract/json-value.ts";
// Public: errors.
export { CallError } from "../grpc/client/call-error.ts";
export type { BidiCall, CallOptions, Client } from "../grpc/client/client.ts";
export type { FieldViolation } from "../grpc/status-details.ts";
export { type ClientLog, type ClientLogLevel, type ClientLogMethod, createTextLog } from "./connection/client-log.ts";
// Public: connecting.
export { type ConnectOptions, connect, type SitqClient } from "./connection/connection.ts";
export type { IssuedToken, TokenProvider } from "./credentials/bearer-token.ts";
export type { TlsOptions } from "./credentials/tls.ts";
// Public: reading as plain objects.
export { type CheckHealthOptions, checkHealth, type HealthRecord } from "./discovery/check-health.ts";
export { type DiscoverOptions, discover, type InstanceRecord } from "./discovery/discover.ts";
// Public: discovery.
export { type InstanceWatch, type InstanceWatchOptions, watchInstances } from "./discovery/instance-watch.ts";
export { createLoadReports, type LoadReportOptions, type LoadReports } from "./discovery/load-reports.ts";
export { type PickedInstance, type PickOptions, pickInstance } from "./discovery/pick-instance.ts";
export { createRegistration, type Registration, type RegistrationOptions } from "./discovery/registration.ts";
export { type ResolverOptions, registerSitqResolver } from "./discovery/resolver.ts";
export {
  type AbortCause,
  AttemptAborted,
  PayloadMismatchError,
  ReleaseError,
  RetryLaterError,
  TaskFailedError,
  TerminalError,
  WorkflowFailedError,
} from "./errors/errors.ts";
// Public: workflows.
export { type AwaitDeliveryOptions, awaitDelivery } from "./events/await-delivery.ts";
// Public: events.
export { type Cause, causedBy } from "./events/caused-by.ts";
export { type CloudEvent, type CloudEventLike, fromCloudEvent, toCloudEvent } from "./events/cloud-event.ts";
export { type EventType, type EventTypeOptions, eventType } from "./events/event-type.ts";
export { type EventDefinition, type EventOptions, newEvent } from "./events/new-event.ts";
export {
  createPublisher,
  type PublishAnswer,
  type PublishedEvent,
  type Publisher,
  type PublisherOptions,
  type PublishOptions,
} from "./events/publisher.ts";
export { type RunningSubscription, type SubscribeOptions, subscribe } from "./events/subscribe.ts";
export { type EventStartOption, eventStart, type WatchEventsOptions, watchEvents } from "./events/watch-events.ts";
export type { EnumOption, EnumText } from "./options/enum-texts.ts";
// Public: producing.
export type { AwaitOptions } from "./tasks/await-end.ts";
export { type AwaitTaskOptions, awaitTask } from "./tasks/await-task.ts";
export type { CompletedTask } from "./tasks/completed-task.ts";
export {
  type DispatchOptions,
  type NewTask,
  newTask,
  type RetryPolicyOptions,
  type TaskOptions,
} from "./tasks/new-task.ts";
export {
  createProducer,
  type DistributeOptions,
  type EnqueueAllOptions,
  type EnqueueOptions,
  type Producer,
  type ProducerOptions,
} from "./tasks/producer.ts";
// Public: tasks, with types or without.
export {
  type DefinitionOptions,
  defineTask,
  type JsonTaskOptions,
  jsonTask,
  type MessageTask,
  type TaskDefinition,
} from "./tasks/task-definition.ts";
export type { EnqueueAnswer, TaskHandle } from "./tasks/task-handle.ts";
export { fromPayload, toPayload } from "./values/payload.ts";
export type { EventInfo, WatchedEvent } from "./views/event-info.ts";
export type { PlainOptions } from "./views/from-plain.ts";
export type { ListOptions, ReadOptions } from "./views/pages.ts";
export type { Plain } from "./views/plain.ts";
export type {
  DeliveryRecord,
  EventListOptions,
  EventReader,
  EventReadOptions,
  EventRecord,
  EventReport,
  SubscriptionReader,
  SubscriptionRecord,
} from "./views/read-events.ts";
export type { QueueReader, QueueRecord, QueueSettings, QueueUpdateOptions } from "./views/read-queues.ts";
export type {
  ProblemRecord,
  ProblemSubject,
  QueueOverviewOptions,
  QueueOverviewRecord,
  StatusOptions,
  StatusReader,
  StatusRecord,
} from "./views/read-status.ts";
export type {
  BulkOptions,
  BulkRecord,
  CancelAllOptions,
  CancelTaskOptions,
  ExplanationRecord,
  FailureListOptions,
  FailureRecord,
  RerunOptions,
  TaskChanges,
  TaskFilterOptions,
  TaskListOptions,
  TaskReader,
  TaskRecord,
} from "./views/read-tasks.ts";
export type { WorkerListOptions, WorkerReader, WorkerRecord } from "./views/read-workers.ts";
export type {
  CancelWorkflowOptions,
  WorkflowListOptions,
  WorkflowReader,
  WorkflowRecord,
} from "./views/read-workflows.ts";
export type { TaskInfo, WorkflowInfo } from "./views/task-info.ts";
// Public: working.
export { type Handler, type HandlerContext, type HandlerEntry, type Handlers, handle } from "./worker/handlers.ts";
export type { ProcessedTask } from "./worker/process-task.ts";
export {
  createWorker,
  type Worker,
} from "./worker/worker.ts";
export type { WorkerEvents, WorkerOptions } from "./worker/worker-options.ts";
export type { WorkerState, WorkerStatus } from "./worker/worker-status.ts";
export { type AwaitWorkflowOptions, awaitWorkflow, type CompletedWorkflow } from "./workflows/await-workflow.ts";
export {
  createWorkflow,
  type ExecuteWorkflowOptions,
  executeWorkflow,
  type StartWorkflowOptions,
  startWorkflow,
  type WorkflowHandle,
} from "./workflows/start-workflow.ts";
export { type WatchWorkflowOptions, type WorkflowUpdate, watchWorkflow } from "./workflows/watch-workflow.ts";
export {
  type StepOptions,
  type StepResults,
  type Templated,
  type WorkflowDefinition,
  workflow,
} from "./workflows/workflow-definition.ts";

// Internal: nothing. What is not listed here may change with any version.
