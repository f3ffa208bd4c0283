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
import { MalformedMessage, tolerantDecoder } from "../../grpc/codec.ts";
import { codecOf, encodedIn } from "../../grpc/message-codec.ts";
import { WireReader } from "../../grpc/wire-reader.ts";
import { type BatchContext, refuseOutOfScope } from "../calls/batch.ts";
import { checkCount } from "../convert/checks.ts";
import { shownRequestId } from "../convert/request-id.ts";
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

const decode = tolerantDecoder(EnqueueRequestSchema, "opaque");

/** Walks over the requests of an encoded batch. */
class RequestReader {
  atomic = false;
  /** How many requests it came to. */
  count = 0;
  /** Where the request of now begins and ends. */
  begin = 0;
  end = 0;
  readonly #reader = new WireReader();
  #length = 0;

  start(bytes: Buffer): void {
    this.atomic = false;
    this.count = 0;
    this.#length = bytes.length;
    this.#reader.begin(bytes, true, 0);
  }

  /** Goes on to the next request. False: there is none. @throws on what does not parse */
  next(): boolean {
    const reader = this.#reader;
    while (reader.pos < this.#length) {
      const tag = reader.tag();
      switch (tag >>> 3) {
        case fields.requests: {
          const length = reader.uint32();
          this.begin = reader.pos;
          this.end = this.begin + length;
          if (this.end > this.#length) throw new RangeError("a request that ends too late");
          reader.pos = this.end;
          this.count++;
          return true;
        }
        case fields.atomic:
          this.atomic = reader.bool();
          break;
        default:
          reader.skip(tag);
      }
    }
    reader.finish();
    return false;
  }
}

// One serves for all batches, one at a time.
const reader = new RequestReader();

/**
 * The tasks that a batch asks for. It is read from its encoding, without a message for each request.
 *
 * @param context tasks of queues that are not in its scope are refused
 * @throws SitqError if it has none, or too many
 * @throws MalformedMessage
 */
export function fromEnqueueBatch<D extends BatchSchema>(
  desc: D,
  message: MessageShape<D>,
  rules: NewTaskRules,
  context: BatchContext,
): EnqueueBatch {
  const encoded = encodedIn(message) ?? codecOf<DescMessage>(desc).encode(message);
  const bytes = Buffer.from(encoded.buffer, encoded.byteOffset, encoded.byteLength);
  const tasks: (NewTask | SitqError)[] = [];
  const goesOn = () => {
    try {
      return reader.next();
    } catch (cause) {
      throw new MalformedMessage(desc, { cause });
    }
  };
  reader.start(bytes);
  while (goesOn()) {
    const { begin, end, count } = reader;
    // Of too many only their number is of interest.
    if (count > limits.batchSize) continue;
    tasks.push(readPlainRequest(bytes, begin, end, rules) ?? readRequest(bytes, begin, end, rules));
  }
  const { atomic, count } = reader;
  if (count === 0) throw invalidField("requests", "at least one is required");
  checkCount("requests", count, limits.batchSize, "items");
  refuseOutOfScope(tasks, context, { kind: "queue", field: "task.queue" }, ({ queue }) => queue);
  if (atomic) refuseTogether(tasks);
  return { tasks, atomic };
}

function readRequest(bytes: Buffer, begin: number, end: number, rules: NewTaskRules): NewTask | SitqError {
  const request = decode(bytes.subarray(begin, end));
  if (request instanceof MalformedMessage) throw request;
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
      ["request_id", requestId && shownRequestId(requestId), JSON.stringify(requestId)],
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
