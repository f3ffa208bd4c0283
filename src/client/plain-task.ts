import { type DescField, toBinary } from "@bufbuild/protobuf";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { type Payload, PayloadSchema } from "../../gen/sitq/v1/payload_pb.js";
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
export function encodePlainTask(task: NewTask<unknown>, requestId: string, sourceService: string): EncodedItem {
  try {
    write(task, requestId, sourceService);
  } catch (error) {
    // It begins the next request anew.
    writer.finish();
    throw error;
  }
  return writer.finish();
}

/** One for all: it keeps what it has grown to. */
const writer = new BinaryWriter();

function write({ queue, definition, payload, options }: NewTask<unknown>, requestId: string, sourceService: string) {
  writer.fork();
  writer.tag(taskField.number, WireType.LengthDelimited).fork();
  text(fields.queue, queue);
  text(fields.type, definition.type);
  writer.tag(fields.payload.number, WireType.LengthDelimited);
  writePayload(payload);
  const { priority = 0, correlationId = "" } = options;
  if (priority !== 0) writer.tag(fields.priority.number, WireType.Varint).int32(priority);
  text(fields.correlationId, correlationId);
  text(fields.sourceService, sourceService);
  writer.join();
  text(requestIdField, requestId);
  writer.tag(policyField.number, WireType.Varint).int32(DuplicatePolicy.RETURN_EXISTING);
  writer.join();
}

function writePayload(payload: Payload): void {
  const { kind } = payload;
  if (kind.case !== "binary") writer.bytes(toBinary(PayloadSchema, payload));
  else writer.fork().tag(PayloadSchema.field.binary.number, WireType.LengthDelimited).bytes(kind.value).join();
}

function text(field: DescField, value: string): void {
  if (value !== "") writer.tag(field.number, WireType.LengthDelimited).string(value);
}
