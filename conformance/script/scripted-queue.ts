import { create } from "@bufbuild/protobuf";
import type { Status } from "../../gen/google/rpc/status_pb.js";
import {
  type EnqueueBatchResponse,
  EnqueueBatchResponseSchema,
  type EnqueueRequest,
  type EnqueueResponse,
  EnqueueResponseSchema,
  type EnqueueStreamRequest,
  type EnqueueStreamResponse,
  EnqueueStreamResponseSchema,
  type QueueService,
} from "../../gen/sitq/v1/queue_service_pb.js";
import { TaskState } from "../../gen/sitq/v1/task_pb.js";
import { CallError, callErrorFromStatus } from "../../src/grpc/client/call-error.ts";
import type { ServiceHandlers } from "../../src/grpc/handlers.ts";
import { forEachMessage } from "../../src/grpc/inbound-stream.ts";
import type { Transcript } from "../judge/transcript.ts";

/** Tasks that a producer sent in one request, by whichever method. */
export interface ScriptedBatch {
  readonly number: number;
  readonly requests: readonly EnqueueRequest[];
  /** When it came, by `performance.now()`. */
  readonly heardMs: number;
}

/**
 * What a script answers to a batch: `store` stores it; `silence` never answers; a status refuses all of it; an error ends the call; a function
 * refuses single tasks, by a status or `null`.
 */
export type BatchAnswer = "store" | "silence" | Status | CallError | ((request: EnqueueRequest) => Status | null);

/** The calls of producers in the hands of a script. */
export class ScriptedQueue {
  readonly batches: ScriptedBatch[] = [];
  /** The id of each stored task by its request id. */
  readonly stored = new Map<string, string>();
  /** Answers the batches. Default: stores all. */
  answer: (batch: ScriptedBatch) => BatchAnswer | Promise<BatchAnswer> = () => "store";
  readonly #transcript: Transcript;
  readonly #changed: () => void;
  #tasks = 0;

  constructor(transcript: Transcript, changed: () => void) {
    this.#transcript = transcript;
    this.#changed = changed;
  }

  /** The handlers of QueueService that producers call. */
  handlers(): Pick<ServiceHandlers<typeof QueueService>, "enqueue" | "enqueueBatch" | "enqueueStream"> {
    return {
      enqueue: async (request, { signal }) => (await this.#unary([request], signal, "Enqueue")).one(),
      enqueueBatch: async ({ requests }, { signal }) => (await this.#unary(requests, signal, "EnqueueBatch")).all(),
      enqueueStream: async (requests, { signal }, out) => {
        const answers: Promise<void>[] = [];
        const failure = Promise.withResolvers<never>();
        const answered = forEachMessage(requests, (request: EnqueueStreamRequest) => {
          const answer = this.#answer(request.requests, signal, "EnqueueStream");
          const before = answers.at(-1);
          const sent = (async () => {
            const response = (await answer).stream();
            await before;
            if (!signal.aborted) out.send(response);
          })();
          sent.catch(failure.reject);
          answers.push(sent);
        }).then(() => Promise.all(answers));
        await Promise.race([answered, failure.promise]);
      },
    };
  }

  async #unary(requests: readonly EnqueueRequest[], signal: AbortSignal, method: string): Promise<Answered> {
    const answered = await this.#answer(requests, signal, method);
    if (answered.refusal !== null) throw callErrorFromStatus(answered.refusal);
    return answered;
  }

  async #answer(requests: readonly EnqueueRequest[], signal: AbortSignal, method: string): Promise<Answered> {
    const batch = { number: this.batches.length + 1, requests, heardMs: performance.now() };
    this.batches.push(batch);
    this.#transcript.note("producer ▶", `${method} ${requests.map(({ requestId }) => requestId).join(" ")}`);
    this.#changed();
    const answer = await this.answer(batch);
    if (answer === "silence") await aborted(signal);
    if (answer instanceof CallError) {
      this.#transcript.note("▶ producer", `ends the call of request ${batch.number}: ${answer.message}`);
      throw answer;
    }
    if (answer !== "store" && answer !== "silence" && typeof answer !== "function") {
      this.#transcript.note("▶ producer", `refuses request ${batch.number}: ${answer.message}`);
      return new Answered([], answer);
    }
    const refusalOf = typeof answer === "function" ? answer : () => null;
    return new Answered(
      requests.map((request) => this.#store(request, refusalOf(request))),
      null,
    );
  }

  #store(request: EnqueueRequest, error: Status | null): Item {
    const { requestId } = request;
    if (error !== null) return { request, taskId: "", created: false, error };
    const known = requestId === "" ? undefined : this.stored.get(requestId);
    const taskId = known ?? `task-${++this.#tasks}`;
    if (requestId !== "") this.stored.set(requestId, taskId);
    return { request, taskId, created: known === undefined, error: null };
  }
}

interface Item {
  readonly request: EnqueueRequest;
  readonly taskId: string;
  readonly created: boolean;
  readonly error: Status | null;
}

/** The answer to a batch in the form of each method. */
class Answered {
  readonly #items: readonly Item[];
  readonly refusal: Status | null;

  constructor(items: readonly Item[], refusal: Status | null) {
    this.#items = items;
    this.refusal = refusal;
  }

  one(): EnqueueResponse {
    const [item] = this.#items;
    if (item?.error) throw callErrorFromStatus(item.error);
    return create(EnqueueResponseSchema, item === undefined ? {} : { task: taskOf(item), created: item.created });
  }

  all(): EnqueueBatchResponse {
    const results = this.#items.map((item) =>
      item.error === null ? { task: taskOf(item), created: item.created } : { error: item.error },
    );
    return create(EnqueueBatchResponseSchema, { results });
  }

  stream(): EnqueueStreamResponse {
    if (this.refusal !== null) return create(EnqueueStreamResponseSchema, { error: this.refusal });
    const results = this.#items.map(({ request, taskId, created, error }) =>
      error === null ? { taskId, created, requestId: request.requestId } : { error },
    );
    return create(EnqueueStreamResponseSchema, { results });
  }
}

function taskOf({ request, taskId }: Item) {
  const { queue = "", type = "" } = request.task ?? {};
  return { id: taskId, queue, type, requestId: request.requestId, state: TaskState.PENDING };
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(new Error("the call is over")), { once: true });
  });
}
