import type { DescService, MessageInitShape } from "@bufbuild/protobuf";
import { Metadata, Server, ServerCredentials, setLogger, status as statusCode } from "@grpc/grpc-js";
import { Health, HealthCheckResponse_ServingStatus as Serving } from "../../gen/grpc/health/v1/health_pb.js";
import { QueueService } from "../../gen/sitq/v1/queue_service_pb.js";
import {
  type Outcome,
  WorkerService,
  type WorkRequest,
  type WorkRequest_Hello,
  type WorkResponse,
} from "../../gen/sitq/v1/worker_service_pb.js";
import { CallError } from "../../src/grpc/client/call-error.ts";
import type { CallContext, Outbound, ServiceHandlers } from "../../src/grpc/handlers.ts";
import { forEachMessage } from "../../src/grpc/inbound-stream.ts";
import { implementation, serviceDefinition } from "../../src/grpc/server/serve.ts";
import { makeStatus, toStatusObject } from "../../src/grpc/status-details.ts";
import type { Transcript } from "../judge/transcript.ts";
import { ScriptedQueue } from "./scripted-queue.ts";
import { type Lease, leaseKey, requestText, ScriptedStream } from "./scripted-stream.ts";

/** How a scripted server behaves. */
export interface ScriptedServerOptions {
  readonly transcript: Transcript;
  /** Called when anything has happened. */
  readonly changed: () => void;
  /** The port. Default: a free one. */
  readonly port?: number;
  /** The interval of heartbeats, in milliseconds. Default 2,000. */
  readonly heartbeatMs?: number;
  /** How connections are secured. Default: plaintext. */
  readonly credentials?: ServerCredentials;
}

type Handler = (request: never, context: CallContext, out: never) => Promise<unknown>;

/**
 * A server that a script plays. Without a script it keeps the protocol: it welcomes every worker, which keeps what it holds, sends heartbeats,
 * settles every outcome and stores every task.
 */
export class ScriptedServer {
  /** All streams on which a `hello` came, in order. */
  readonly streams: ScriptedStream[] = [];
  readonly queue: ScriptedQueue;
  /** What the worker did that is wrong at any time. */
  readonly violations: string[] = [];
  /** How many tasks the worker takes at a time; `null`: any number. */
  capacity: number | null = null;
  /** The attempts that were handed out, over all streams. */
  readonly #handedOut = new Set<string>();
  /** Refuses a call by what it carries; `null`: it is let in. */
  authorize: (metadata: Metadata) => CallError | null = () => null;
  /** Answers a `hello`. */
  onHello: (stream: ScriptedStream) => void = (stream) => stream.welcome();
  /** Answers outcomes. */
  onOutcomes: (stream: ScriptedStream, outcomes: readonly Outcome[]) => void = (stream, outcomes) =>
    stream.settle(outcomes);
  readonly #options: ScriptedServerOptions;
  readonly #server: Server;
  #port = 0;

  constructor(options: ScriptedServerOptions) {
    setLogger({});
    this.#options = options;
    this.queue = new ScriptedQueue(options.transcript, options.changed);
    this.#server = new Server({ "grpc.max_receive_message_length": 4_194_304 });
    this.#serve(QueueService, this.queue.handlers());
    this.#serve(WorkerService, { work: (requests, context, out) => this.#work(requests, context, out) });
    this.#serve(Health, { check: async () => ({ status: Serving.SERVING }) });
  }

  get address(): string {
    return `127.0.0.1:${this.#port}`;
  }

  /** The newest stream. */
  get stream(): ScriptedStream {
    const stream = this.streams.at(-1);
    if (stream === undefined) throw new Error("there is no stream yet");
    return stream;
  }

  /** All outcomes that came, over all streams. */
  get outcomes(): readonly Outcome[] {
    return this.streams.flatMap((stream) => stream.outcomes);
  }

  /** The outcomes of one task. */
  outcomesOf(taskId: string): readonly Outcome[] {
    return this.outcomes.filter((outcome) => outcome.taskId === taskId);
  }

  async start(): Promise<void> {
    const { port = 0, credentials = ServerCredentials.createInsecure() } = this.#options;
    this.#port = await new Promise((resolve, reject) => {
      this.#server.bindAsync(`127.0.0.1:${port}`, credentials, (error, bound) =>
        error === null ? resolve(bound) : reject(error),
      );
    });
  }

  /** Sends GOAWAY on every connection, and closes them after a grace. It goes on listening. */
  goAway(graceMs: number): void {
    this.#options.transcript.note("server", `GOAWAY on every connection, which close after ${graceMs} ms`);
    this.#server.drain(this.address, graceMs);
  }

  stop(): void {
    for (const stream of this.streams) stream.over();
    this.#server.forceShutdown();
  }

  #serve<S extends DescService>(desc: S, handlers: Partial<ServiceHandlers<S>>): void {
    const missing = Object.fromEntries(
      desc.methods.map(({ localName, name }) => [
        localName,
        () => Promise.reject(new CallError(`${name} has no part in this script`, { code: statusCode.UNIMPLEMENTED })),
      ]),
    );
    const guarded = Object.entries<Handler>({ ...missing, ...handlers }).map(([name, handler]) => [
      name,
      async (...[request, context, out]: Parameters<Handler>) => {
        const refused = this.authorize(context.metadata);
        if (refused !== null) {
          this.#options.transcript.note("server", `refuses a call: ${refused.codeName} ${refused.reason}`);
          throw refused;
        }
        return handler(request, context, out);
      },
    ]);
    const implemented = implementation(desc, Object.fromEntries(guarded), { onError: statusObjectOf });
    this.#server.addService(serviceDefinition(desc), implemented);
  }

  async #work(
    requests: AsyncIterable<WorkRequest>,
    { signal }: CallContext,
    out: Outbound<MessageInitShape<(typeof WorkerService)["method"]["work"]["output"]>>,
  ): Promise<void> {
    const { transcript, changed } = this.#options;
    const opened: { stream: ScriptedStream | null } = { stream: null };
    const ended = Promise.withResolvers<void>();
    const reading = forEachMessage(requests, async (request) => {
      const { message } = request;
      transcript.note(`stream ${opened.stream?.number ?? this.streams.length + 1} ◀ worker`, requestText(request));
      if (opened.stream === null) {
        if (message.case !== "hello") this.#violated(`the first message of a stream is ${message.case}, not hello`);
        else opened.stream = this.#open(message.value, out as Outbound<WorkResponse>, ended);
        changed();
        return;
      }
      const { stream } = opened;
      stream.hear(request);
      if (message.case === "hello") this.#violated("a second hello came over one stream");
      if (message.case === "capacity") this.#checkCapacity(message.value.n);
      if (message.case === "outcomes") this.#outcomes(stream, message.value.outcomes);
      changed();
      await stream.readable();
    });
    const aborted = new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
    try {
      await Promise.race([
        reading.then(() => {
          if (opened.stream !== null) opened.stream.isHalfClosed = true;
          transcript.note(`stream ${opened.stream?.number} ◀ worker`, "ends its half");
        }),
        ended.promise,
        aborted,
      ]);
    } finally {
      opened.stream?.over();
      if (signal.aborted) transcript.note(`stream ${opened.stream?.number}`, "is cut");
      reading.catch(() => undefined);
      changed();
    }
  }

  #open(hello: WorkRequest_Hello, out: Outbound<WorkResponse>, ended: PromiseWithResolvers<void>): ScriptedStream {
    const { transcript, heartbeatMs = 2_000 } = this.#options;
    const number = this.streams.length + 1;
    const leaseMs = heartbeatMs * 3;
    const onHandOut = (lease: Lease) => this.#handedOut.add(leaseKey(lease));
    const stream = new ScriptedStream({ number, hello, out, transcript, heartbeatMs, leaseMs, onHandOut });
    stream.ending.promise.then(ended.resolve, ended.reject);
    const [first] = this.streams;
    if (hello.incarnation === "") this.#violated("hello has no incarnation");
    if (first !== undefined && first.hello.incarnation !== hello.incarnation) {
      this.#violated("the incarnation is another one after a reconnect");
    }
    if (first !== undefined && first.hello.workerId !== hello.workerId) {
      this.#violated("the worker id is another one after a reconnect");
    }
    const held = hello.held.map(leaseKey);
    if (new Set(held).size < held.length) this.#violated("held names an attempt twice");
    const unknown = held.find((lease) => !this.#handedOut.has(lease));
    if (unknown !== undefined) this.#violated(`held names ${unknown}, which was not handed out`);
    this.#checkCapacity(hello.capacity);
    this.streams.push(stream);
    this.onHello(stream);
    return stream;
  }

  #outcomes(stream: ScriptedStream, outcomes: readonly Outcome[]): void {
    for (const each of outcomes) {
      const key = leaseKey(each);
      if (each.outcome.case === undefined) this.#violated(`the outcome of ${key} says nothing`);
      if (!this.#handedOut.has(key)) this.#violated(`an outcome came of ${key}, which was not handed out`);
      if (!stream.note(each)) this.#violated(`the outcome of ${key} came twice over one stream`);
    }
    this.onOutcomes(stream, outcomes);
  }

  #checkCapacity(n: number): void {
    if (this.capacity !== null && n > this.capacity) this.#violated(`the capacity is ${n}, not ${this.capacity}`);
  }

  #violated(text: string): void {
    this.violations.push(text);
    this.#options.transcript.note("VIOLATION", text);
  }
}

/** A refusal with a reason, as a server of sitq makes it. */
export function refusal(
  code: number,
  reason: string,
  details: {
    readonly message?: string;
    readonly retryAfterMs?: number;
    readonly field?: string;
    readonly metadata?: Record<string, string>;
  } = {},
): CallError {
  const { message = reason, ...rest } = details;
  return new CallError(message, { code, reason, ...rest });
}

/** The status of a refusal, as it stands in an answer to a batch. */
export function statusOf({ code, message, reason, field, retryAfterMs, metadata }: CallError) {
  return makeStatus(code, message, {
    reason: reason ?? "UNKNOWN",
    metadata,
    ...(field !== null && { field }),
    ...(retryAfterMs !== null && { retryAfterMs }),
  });
}

function statusObjectOf(error: unknown) {
  if (!(error instanceof CallError))
    return { code: statusCode.INTERNAL, details: String(error), metadata: new Metadata() };
  if (error.reason === null) return { code: error.code, details: error.message, metadata: new Metadata() };
  return toStatusObject(statusOf(error));
}
