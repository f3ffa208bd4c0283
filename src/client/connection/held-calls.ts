import type { DescMethod } from "@bufbuild/protobuf";
import { QueueService } from "../../../gen/sitq/v1/queue_service_pb.js";
import { RegistryService } from "../../../gen/sitq/v1/registry_service_pb.js";
import { WorkerService } from "../../../gen/sitq/v1/worker_service_pb.js";

/** Methods with one answer, which may come much later: when a task is finished or there, when instances have said how they are. */
const lateAnswers: ReadonlySet<DescMethod> = new Set([
  QueueService.method.awaitTask,
  WorkerService.method.claimTasks,
  RegistryService.method.checkHealth,
]);

/**
 * Whether calls of a method stay open: streams, and what is answered late. The server bounds the calls of a connection, so that
 * these would keep others waiting for their turn.
 */
export function isHeld(method: DescMethod): boolean {
  return method.methodKind !== "unary" || lateAnswers.has(method);
}
