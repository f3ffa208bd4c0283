import type { DescEnum } from "@bufbuild/protobuf";
import type { HealthCheckResponse_ServingStatus } from "../../../gen/grpc/health/v1/health_pb.js";
import type { SubscriptionState } from "../../../gen/sitq/v1/event_service_pb.js";
import type { WaitReason } from "../../../gen/sitq/v1/explanation_pb.js";
import type { ProblemKind, ProblemSeverity, QueueOrder } from "../../../gen/sitq/v1/monitor_service_pb.js";
import type { BalancingStrategy } from "../../../gen/sitq/v1/queue_pb.js";
import type { DuplicatePolicy, TaskOrder, TaskView } from "../../../gen/sitq/v1/queue_service_pb.js";
import type {
  HealthStatus,
  InstanceChangeType,
  InstanceSource,
  InstanceState,
} from "../../../gen/sitq/v1/registry_service_pb.js";
import type { AttemptOutcome, TaskState } from "../../../gen/sitq/v1/task_pb.js";
import type { SettleStatus, WorkerState } from "../../../gen/sitq/v1/worker_service_pb.js";
import type { CompensationState, WorkflowState } from "../../../gen/sitq/v1/workflow_service_pb.js";
import { invalid } from "../../grpc/client/invalid.ts";

/** Each enum of the contract as it is written in code. An enum that is missing here is `never` where it is read. */
interface Enums {
  readonly attemptOutcome: typeof AttemptOutcome;
  readonly balancingStrategy: typeof BalancingStrategy;
  readonly compensationState: typeof CompensationState;
  readonly duplicatePolicy: typeof DuplicatePolicy;
  readonly healthStatus: typeof HealthStatus;
  readonly instanceChangeType: typeof InstanceChangeType;
  readonly instanceSource: typeof InstanceSource;
  readonly instanceState: typeof InstanceState;
  readonly problemKind: typeof ProblemKind;
  readonly problemSeverity: typeof ProblemSeverity;
  readonly queueOrder: typeof QueueOrder;
  readonly servingStatus: typeof HealthCheckResponse_ServingStatus;
  readonly settleStatus: typeof SettleStatus;
  readonly subscriptionState: typeof SubscriptionState;
  readonly taskOrder: typeof TaskOrder;
  readonly taskState: typeof TaskState;
  readonly taskView: typeof TaskView;
  readonly waitReason: typeof WaitReason;
  readonly workerState: typeof WorkerState;
  readonly workflowState: typeof WorkflowState;
}

/** The texts of an enum of the contract: `EnumText<TaskState>` is `"PENDING" | "RUNNING" | …`. */
export type EnumText<E> = {
  [K in keyof Enums]: E extends Enums[K][keyof Enums[K]] ? keyof Enums[K] : never;
}[keyof Enums];

/** What is taken where a value of an enum is wanted: its text, in capitals or not, or the enum's own value. */
export type EnumOption<E> = E | Exclude<EnumText<E>, "UNSPECIFIED"> | Lowercase<Exclude<EnumText<E>, "UNSPECIFIED">>;

/** The text of a value: `COMPLETED`. A value that a newer server has made is its number. */
export function enumText({ value: byNumber }: DescEnum, value: number): string {
  return byNumber[value]?.localName ?? String(value);
}

/**
 * The value that an option means.
 *
 * @param field what is refused if it is none of the enum
 * @throws CallError INVALID_ARGUMENT with all texts that there are
 */
export function enumValue({ values }: DescEnum, field: string, option: unknown): number {
  const wanted = typeof option === "string" ? option.toUpperCase() : option;
  const known = values.filter(({ number }) => number !== 0);
  for (const { localName, number } of known) if (wanted === number || wanted === localName) return number;
  if (option === 0) return 0;
  const texts = known.map(({ localName }) => localName.toLowerCase());
  throw invalid(field, `${JSON.stringify(option)} is none of ${texts.join(", ")}`);
}
