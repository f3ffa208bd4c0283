import { create } from "@bufbuild/protobuf";
import { DeliverySchema, type Delivery as WireDelivery } from "../../../gen/sitq/v1/event_service_pb.js";
import { limits } from "../../contract/limits.ts";
import type { Delivery } from "../../events/event-reads.ts";
import { toListedPayloads } from "../convert/payload.ts";
import { toTaskError, toTaskState } from "../convert/task.ts";
import { toTimestamps } from "../convert/times.ts";

/** What a delivery takes in a message beside its result and its error, at the most. */
const fieldBytes = 512;

/**
 * The deliveries of an event as they go out. Results, and the traces of errors, are left out where the message would grow too
 * large to send: GetTask has them.
 *
 * @param eventBytes what the event takes in the same message
 */
export function toDeliveries(deliveries: readonly Delivery[], eventBytes: number): WireDelivery[] {
  let room = limits.messageBytes - eventBytes - deliveries.length * (fieldBytes + limits.errorTypeBytes);
  const take = (bytes: number) => {
    if (bytes > room) return false;
    room -= bytes;
    return true;
  };
  return deliveries.map(({ subscription, task }) => {
    const { result, error } = task;
    const hasResult = result !== null && take(result.length);
    const hasTrace = error !== null && take(Buffer.byteLength(error.message) + Buffer.byteLength(error.stackTrace));
    const { payloads, damagedFields } = toListedPayloads({ result: hasResult ? result : null }, task.damagedFields);
    return create(DeliverySchema, {
      subscription,
      taskId: task.id,
      state: toTaskState(task.state),
      attempt: task.attempt,
      maxAttempts: task.maxAttempts,
      ...payloads,
      damagedFields,
      ...(error !== null && { lastError: toTaskError(hasTrace ? error : { ...error, message: "", stackTrace: "" }) }),
      workerId: task.workerId ?? "",
      ...toTimestamps({
        scheduleTime: task.state === "scheduled" ? task.scheduleMs : null,
        startTime: task.startMs,
        finishTime: task.finishMs,
      }),
    });
  });
}

/** A delivery for those who may not read the content of its queue. */
export function withoutContent({ subscription, task }: Delivery): Delivery {
  const error = task.error && { ...task.error, message: "", stackTrace: "" };
  return { subscription, task: { ...task, result: null, error } };
}
