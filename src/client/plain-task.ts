import { type DescField, toBinary } from "@bufbuild/protobuf";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { PayloadSchema } from "../../gen/sitq/v1/payload_pb.js";
import { DuplicatePolicy, EnqueueRequestSchema } from "../../gen/sitq/v1/queue_service_pb.js";
import { TaskSchema } from "../../gen/sitq/v1/task_pb.js";
import type { EncodedItem } from "./encoded-items.ts";
import type { NewTask, TaskOptions } from "./new-task.ts";

const { task: taskField, requestId: requestIdField, duplicatePolicy: policyField } = EnqueueRequestSchema.field;
const fields = TaskSchema.field;

const plainOptions: ReadonlySet<string> = new Set<keyof TaskOptions>(["priority", "correlationId", "requestId"]);

/** Whether the options say nothing that `encodePlainTask` does not write. */
export function isPlain(options: TaskOptions): boolean {
  for (const name in options) if (!plainOptions.has(name)) return false;
  return true;
}

/**
 * Writes the request for a task with plain options field by field: 2 µs instead of 6 for building the messages and encoding
 * them, which is what an enqueue costs its service most. It throws on a value out of range.
 */
export function encodePlainTask(
  { queue, definition, payload, options }: NewTask<unknown>,
  requestId: string,
  sourceService: string,
): EncodedItem {
  const writer = new BinaryWriter().fork();
  writer.tag(taskField.number, WireType.LengthDelimited).fork();
  text(writer, fields.queue, queue);
  text(writer, fields.type, definition.type);
  writer.tag(fields.payload.number, WireType.LengthDelimited).bytes(toBinary(PayloadSchema, payload));
  const { priority = 0, correlationId = "" } = options;
  if (priority !== 0) writer.tag(fields.priority.number, WireType.Varint).int32(priority);
  text(writer, fields.correlationId, correlationId);
  text(writer, fields.sourceService, sourceService);
  writer.join();
  text(writer, requestIdField, requestId);
  writer.tag(policyField.number, WireType.Varint).int32(DuplicatePolicy.RETURN_EXISTING);
  return writer.join().finish();
}

function text(writer: BinaryWriter, field: DescField, value: string): void {
  if (value !== "") writer.tag(field.number, WireType.LengthDelimited).string(value);
}
