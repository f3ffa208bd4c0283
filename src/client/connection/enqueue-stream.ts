import { status as statusCode } from "@grpc/grpc-js";
import {
  EnqueueBatchRequestSchema,
  type EnqueueResult,
  EnqueueStreamRequestSchema,
  type EnqueueStreamResponse,
  type EnqueueStreamResult,
  EnqueueStreamResultSchema,
  type QueueService,
} from "../../../gen/sitq/v1/queue_service_pb.js";
import { CallError, callErrorFrom, callErrorFromStatus } from "../../grpc/client/call-error.ts";
import type { Client } from "../../grpc/client/client.ts";
import { codecOf } from "../../grpc/message-codec.ts";
import { isOfServer, type ServerChoice, type Stay } from "../servers/server-choice.ts";
import { bytesOf, type EncodedItem, leastMessageBytes, messageOfItems } from "./encoded-items.ts";

const { blank: blankResult } = codecOf(EnqueueStreamResultSchema);

/** Tasks that are stored in one transaction. */
export interface TaskBatch {
  /** The requests, each a `sitq.v1.EnqueueRequest`. */
  readonly items: readonly EncodedItem[];
  /** All of them or none. */
  readonly atomic: boolean;
  /** How long the server may be silent before the batch is given up with DEADLINE_EXCEEDED, in milliseconds. */
  readonly timeoutMs: number;
}

type Calls = Pick<Client<typeof QueueService>, "enqueueBatch" | "enqueueStream">;
/** Which server the stream is opened to. */
type Servers = Pick<ServerChoice, "current" | "leave">;

/** A stream that was not used for so long is closed, in milliseconds. */
const idleMs = 5_000;

/**
 * Sends batches of tasks for all producers of a client: over one stream that is open while it is used, at a fraction of what a call
 * for each costs.
 *
 * A batch that some server may refuse as too large has a call of its own: on the stream it would end all others with it. So has
 * every batch if the server does not know the stream.
 */
export class EnqueueStream {
  readonly #calls: Calls;
  readonly #servers: Servers;
  #open: OpenStream | null = null;
  #isUnknown = false;

  constructor(calls: Calls, servers: Servers) {
    this.#calls = calls;
    this.#servers = servers;
  }

  /**
   * Sends a batch once and answers its results, in order. Where a server is not reached, it goes to the next one that is called.
   *
   * @throws CallError also when the stream broke before the answer came: it may be sent again
   */
  send(batch: TaskBatch): Promise<readonly EnqueueStreamResult[]> {
    return this.#send(batch, []);
  }

  #send(batch: TaskBatch, unreached: readonly string[]): Promise<readonly EnqueueStreamResult[]> {
    if (this.#isUnknown || bytesOf(batch.items) > leastMessageBytes) return this.#sendApart(batch);
    const { current } = this.#servers;
    if (this.#open !== null && this.#open.stay !== current) this.close();
    this.#open ??= new OpenStream(this.#calls.enqueueStream(), current, this.#events);
    return this.#open.send(batch, unreached);
  }

  /** Ends the stream once its batches are answered. */
  close(): void {
    const open = this.#open;
    this.#open = null;
    open?.end();
  }

  async #sendApart({ items, atomic, timeoutMs }: TaskBatch): Promise<readonly EnqueueStreamResult[]> {
    const request = messageOfItems(EnqueueBatchRequestSchema, items);
    request.atomic = atomic;
    return (await this.#calls.enqueueBatch(request, { timeoutMs })).results.map(toStreamResult);
  }

  readonly #onRefusal = (stream: OpenStream, error: CallError): void => {
    if (isOfServer(error)) this.#servers.leave(stream.stay, error);
  };

  readonly #onEnd = (stream: OpenStream, unanswered: readonly Unanswered[], error: CallError): void => {
    if (this.#open === stream) this.#open = null;
    if (error.code === statusCode.UNIMPLEMENTED) this.#isUnknown = true;
    const isInVain = error.code === statusCode.UNAVAILABLE && error.unreached?.maybeSent === false;
    for (const { batch, unreached, resolve, reject } of unanswered) {
      const tried = [...unreached, stream.stay.address];
      if (this.#isUnknown) resolve(this.#sendApart(batch));
      else if (isInVain && !tried.includes(this.#servers.current.address)) resolve(this.#send(batch, tried));
      else reject(error);
    }
  };

  readonly #events: StreamEvents = { onRefusal: this.#onRefusal, onEnd: this.#onEnd };
}

/** What the stream would have answered. */
function toStreamResult({ task, created, error }: EnqueueResult): EnqueueStreamResult {
  const result = blankResult();
  result.taskId = task?.id ?? "";
  result.requestId = task?.requestId ?? "";
  result.created = created;
  if (error !== undefined) result.error = error;
  return result;
}

interface Unanswered {
  readonly batch: TaskBatch;
  /** The addresses that it was not sent to, since they were not reached. */
  readonly unreached: readonly string[];
  resolve(results: readonly EnqueueStreamResult[] | Promise<readonly EnqueueStreamResult[]>): void;
  reject(error: CallError): void;
}

interface StreamEvents {
  /** The server refused a batch. */
  onRefusal(stream: OpenStream, error: CallError): void;
  onEnd(stream: OpenStream, unanswered: readonly Unanswered[], error: CallError): void;
}

/** One stream, from its opening to its end. */
class OpenStream {
  /** The server that it is open to. */
  readonly stay: Stay;
  readonly #call: ReturnType<Calls["enqueueStream"]>;
  readonly #events: StreamEvents;
  /** What was sent and not answered, in order. */
  #unanswered: Unanswered[] = [];
  /** When the last answer came, or something was sent while nothing was unanswered; by `performance.now()`. */
  #heardMs = performance.now();
  #timer: NodeJS.Timeout | undefined;
  #isOver = false;

  constructor(call: ReturnType<Calls["enqueueStream"]>, stay: Stay, events: StreamEvents) {
    this.#call = call;
    this.stay = stay;
    this.#events = events;
    void this.#read();
  }

  send(batch: TaskBatch, unreached: readonly string[]): Promise<readonly EnqueueStreamResult[]> {
    return new Promise((resolve, reject) => {
      if (this.#unanswered.length === 0) {
        this.#call.ref();
        this.#heardMs = performance.now();
        this.#lookAfter(batch.timeoutMs);
      }
      this.#unanswered.push({ batch, unreached, resolve, reject });
      const request = messageOfItems(EnqueueStreamRequestSchema, batch.items);
      request.atomic = batch.atomic;
      this.#call.send(request);
    });
  }

  /** Half-closes: the server answers what it was sent, and ends the stream. */
  end(): void {
    this.#call.end();
  }

  async #read(): Promise<void> {
    try {
      for await (const response of this.#call.responses) this.#answered(response);
      this.#over(null);
    } catch (error) {
      this.#over(callErrorFrom(error));
    }
  }

  #answered({ results, error }: EnqueueStreamResponse): void {
    const first = this.#unanswered.shift();
    if (error === undefined) {
      first?.resolve(results);
    } else {
      const refusal = callErrorFromStatus(error);
      this.#events.onRefusal(this, refusal);
      first?.reject(refusal);
    }
    this.#heardMs = performance.now();
    // A process that has nothing else to do may end.
    if (this.#unanswered.length === 0) this.#call.unref();
  }

  #lookAfter(delayMs: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#look, delayMs).unref();
  }

  /** If this process stood still, what came meanwhile is read first: the next poll phase, and then it is judged. */
  readonly #look = (): void => void setImmediate(() => setImmediate(this.#judge));

  readonly #judge = (): void => {
    if (this.#isOver) return;
    const [first] = this.#unanswered;
    const leftMs = this.#heardMs + (first?.batch.timeoutMs ?? idleMs) - performance.now();
    if (leftMs > 0) {
      this.#lookAfter(Math.ceil(leftMs));
    } else if (first === undefined) {
      this.end();
      this.#over(null);
    } else {
      this.#over(this.#lost(statusCode.DEADLINE_EXCEEDED, "it does not answer"));
      this.#call.cancel();
    }
  };

  #over(error: CallError | null): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#timer);
    const unanswered = this.#unanswered;
    this.#unanswered = [];
    // A proxy cancels what was silent for too long.
    const isLost = error === null || error.code === statusCode.CANCELLED;
    this.#events.onEnd(this, unanswered, isLost ? this.#lost(statusCode.UNAVAILABLE, "the stream has ended") : error);
  }

  #lost(code: number, why: string): CallError {
    return new CallError(`cannot reach ${this.stay.address}: ${why}`, { code, unreached: { why, maybeSent: true } });
  }
}
