import type { DescMessage, MessageShape } from "@bufbuild/protobuf";
import {
  type EnqueueBatchRequestSchema,
  EnqueueRequestSchema,
  type EnqueueStreamRequestSchema,
} from "../../../gen/sitq/v1/queue_service_pb.js";
import { limits } from "../../contract/limits.ts";
import { invalidField, SitqError } from "../../domain/errors.ts";
import { batchRefused } from "../../domain/refusals/tasks.ts";
import type { NewTask } from "../../domain/tasks/task.ts";
import { MalformedMessage } from "../../grpc/codec.ts";
import { codecOf, encodedIn } from "../../grpc/message-codec.ts";
import { WireReader } from "../../grpc/wire-reader.ts";
import { checkCount } from "../convert/checks.ts";
import { fromEnqueueRequest, type NewTaskRules } from "./new-task.ts";
import { readPlainRequest } from "./plain-request.ts";

/** What a batch asks for: each task, or in its place why it is refused. */
export interface EnqueueBatch {
  readonly tasks: readonly (NewTask | SitqError)[];
  /** All of them or none. */
  readonly atomic: boolean;
}

/** Its two forms, which have the same fields. */
export type BatchSchema = typeof EnqueueBatchRequestSchema | typeof EnqueueStreamRequestSchema;

const fields = { requests: 1, atomic: 2 } as const;

// One serves for all batches, one at a time.
const reader = new WireReader();
const { decodeOpaque } = codecOf(EnqueueRequestSchema);

/**
 * The tasks that a batch asks for. It is read from its encoding, without a message for each request.
 *
 * @throws SitqError if it has none, or too many
 * @throws MalformedMessage
 */
export function fromEnqueueBatch<D extends BatchSchema>(
  desc: D,
  message: MessageShape<D>,
  rules: NewTaskRules,
): EnqueueBatch {
  const encoded = encodedIn(message) ?? codecOf<DescMessage>(desc).encode(message);
  const bytes = Buffer.from(encoded.buffer, encoded.byteOffset, encoded.byteLength);
  try {
    const { bounds, atomic } = split(bytes);
    if (bounds.length === 0) throw invalidField("requests", "at least one is required");
    checkCount("requests", bounds.length / 2, limits.batchSize, "items");
    const tasks: (NewTask | SitqError)[] = [];
    for (let at = 0; at < bounds.length; at += 2) {
      const [begin, end] = [bounds[at] as number, bounds[at + 1] as number];
      tasks.push(readPlainRequest(bytes, begin, end, rules.maxPayloadBytes) ?? fromRequest(bytes, begin, end, rules));
    }
    if (atomic) refuseTogether(tasks);
    return { tasks, atomic };
  } catch (error) {
    throw error instanceof SitqError ? error : new MalformedMessage(desc, { cause: error });
  }
}

/** Where each request begins and ends, one after the other. */
function split(bytes: Buffer): { readonly bounds: readonly number[]; readonly atomic: boolean } {
  const bounds: number[] = [];
  let atomic = false;
  reader.begin(bytes, true, 0);
  try {
    while (reader.pos < bytes.length) {
      const tag = reader.tag();
      if (tag >>> 3 === fields.requests) {
        const length = reader.uint32();
        bounds.push(reader.pos, reader.pos + length);
        reader.pos += length;
      } else if (tag >>> 3 === fields.atomic) {
        atomic = reader.bool();
      } else {
        reader.skip(tag);
      }
    }
    if (reader.pos > bytes.length) throw new RangeError("a request that ends too late");
    return { bounds, atomic };
  } finally {
    reader.finish();
  }
}

function fromRequest(bytes: Buffer, begin: number, end: number, rules: NewTaskRules): NewTask | SitqError {
  const request = decodeOpaque(bytes.subarray(begin, end));
  try {
    return fromEnqueueRequest(request, rules);
  } catch (error) {
    if (error instanceof SitqError) return error;
    throw error;
  }
}

/**
 * Of an atomic batch: two items that stand in each other's way are refused, and if one is refused, all are.
 *
 * @param checked changed in place
 */
function refuseTogether(checked: (NewTask | SitqError)[]): void {
  const taken = new Set<string>();
  for (const [index, each] of checked.entries()) {
    if (each instanceof SitqError) continue;
    const { requestId, deduplicationKey, queue } = each;
    const names = [
      ["request_id", requestId, JSON.stringify(requestId)],
      ["task.deduplication_key", deduplicationKey, JSON.stringify([queue, deduplicationKey])],
    ] as const;
    for (const [field, value, name] of names) {
      if (value === null) continue;
      if (taken.has(name)) checked[index] = invalidField(field, "appears twice in an atomic batch", value);
      taken.add(name);
    }
  }
  if (!checked.some((each) => each instanceof SitqError)) return;
  for (const [index, each] of checked.entries()) if (!(each instanceof SitqError)) checked[index] = batchRefused();
}
