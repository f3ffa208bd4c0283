import { create } from "@bufbuild/protobuf";
import {
  ExplanationSchema,
  WaitReason,
  type Explanation as WireExplanation,
} from "../../../gen/sitq/v1/explanation_pb.js";
import { protoEnum } from "../../contract/enums.ts";
import type { WaitReason as DomainReason, Explanation } from "../../domain/waits/wait-facts.ts";
import { toTimestamps } from "./times.ts";

const { values: reasons } = protoEnum<DomainReason, WaitReason>()({
  scheduled: WaitReason.SCHEDULED,
  retry: WaitReason.RETRY,
  dependencies: WaitReason.DEPENDENCIES,
  ordering: WaitReason.ORDERING,
  not_executed: WaitReason.NOT_EXECUTED,
  paused: WaitReason.PAUSED,
  no_worker: WaitReason.NO_WORKER,
  no_handler: WaitReason.NO_HANDLER,
  reserved: WaitReason.RESERVED,
  max_running: WaitReason.MAX_RUNNING,
  workers_full: WaitReason.WORKERS_FULL,
  in_line: WaitReason.IN_LINE,
  draining: WaitReason.DRAINING,
});

/** An explanation as it goes out; `null`, of a task that was deleted meanwhile, is one that says nothing. */
export function toExplanation(explanation: Explanation | null): WireExplanation {
  if (explanation === null) return create(ExplanationSchema);
  const { reason, message, sinceMs, taskIds, stepIds, position, rate, expectedStartMs } = explanation;
  return create(ExplanationSchema, {
    reason: reason === null ? WaitReason.UNSPECIFIED : reasons[reason],
    message,
    taskIds: [...taskIds],
    stepIds: [...stepIds],
    position: BigInt(position),
    rate,
    ...toTimestamps({ sinceTime: sinceMs, expectedStartTime: expectedStartMs }),
  });
}
