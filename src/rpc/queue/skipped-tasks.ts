import { create } from "@bufbuild/protobuf";
import { SkippedTasksSchema, type SkippedTasks as WireSkipped } from "../../../gen/sitq/v1/queue_service_pb.js";
import type { BatchTotal } from "../../queue/tasks/in-batches.ts";

/** What an operation on many tasks left as it is, as it goes out. */
export function toSkippedTasks({ reason, count, sampleIds }: BatchTotal["skipped"][number]): WireSkipped {
  return create(SkippedTasksSchema, { reason, taskCount: BigInt(count), sampleTaskIds: [...sampleIds] });
}
