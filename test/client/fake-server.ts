import { create, type DescService, type MessageInitShape } from "@bufbuild/protobuf";
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import {
  Metadata,
  Server,
  ServerCredentials,
  type ServerInterceptor,
  setLogger,
  status as statusCode,
} from "@grpc/grpc-js";
import { onTestFinished } from "vitest";
import { type Status, StatusSchema } from "../../gen/google/rpc/status_pb.js";
import {
  EnqueueBatchRequestSchema,
  type EnqueueStreamRequest,
  EnqueueStreamResponseSchema,
  EnqueueStreamResultSchema,
  QueueService,
} from "../../gen/sitq/v1/queue_service_pb.js";
import { type Task, TaskSchema } from "../../gen/sitq/v1/task_pb.js";
import {
  type Outcome,
  OutcomeSchema,
  type SettledOutcome,
  SettledOutcomeSchema,
  SettleStatus,
  WorkerService,
  type WorkRequest,
  type WorkRequest_Hello,
  WorkResponseSchema,
} from "../../gen/sitq/v1/worker_service_pb.js";
import { type ConnectOptions, connect, type SitqClient } from "../../src/client/index.ts";
import { systemClock } from "../../src/domain/clock.ts";
import { silentLog } from "../../src/domain/log.ts";
import { CallError } from "../../src/grpc/client/call-error.ts";
import type { ServiceHandlers } from "../../src/grpc/handlers.ts";
import { callGuard } from "../../src/grpc/server/call-guard.ts";
import { createDecompression } from "../../src/grpc/server/decompression.ts";
import type { ServeOptions } from "../../src/grpc/server/serve.ts";
import { makeStatus, toStatusObject } from "../../src/grpc/status-details.ts";
import { answerInOrder } from "../../src/rpc/calls/answer-in-order.ts";
import { createLargeMessages } from "../../src/rpc/large-messages.ts";
import { rpcService } from "../../src/rpc/server.ts";
import { createMailbox, type Mailbox } from "./mailbox.ts";

type Said = WorkRequest["message"];
type Case = NonNullable<Said["case"]>;
type ValueOf<C extends Case> = Extract<Said, { case: C }>["value"];

/** One Work stream, in the hands of a test that plays the server. */
export interface FakeStream {
  readonly hello: WorkRequest_Hello;
  /** All that the worker said after `hello`, heartbeats without news left out. */
  readonly said: Mailbox<Said>;
  /** How many heartbeats without news there were. */
  readonly beats: Mailbox<true>;
  /** The next thing that the worker says, which must be of this kind. */
  next<C extends Case>(kind: C): Promise<ValueOf<C>>;
  /** The outcomes of the next message. */
  nextOutcomes(): Promise<Outcome[]>;
  say(message: NonNullable<MessageInitShape<typeof WorkResponseSchema>["message"]>): void;
  welcome(overrides?: { heartbeatMs?: number; lost?: readonly { taskId: string; attempt: number }[] }): void;
  tasks(...tasks: readonly Task[]): void;
  settle(outcomes: readonly Outcome[], status?: SettleStatus): void;
  /** Ends the stream with a status; `null`: well. */
  end(error?: CallError | null): void;
  /** Welcomes the worker, and settles all that it said and says. */
  runByItself(): void;
  /** Resolves when the stream is over: "ended" if the worker said that it has nothing more to say, "cut" otherwise. */
  readonly over: Promise<"ended" | "cut">;
}

/** A server that a test plays. It is stopped at the end of the test. */
export interface FakeServer {
  readonly address: string;
  readonly client: SitqClient;
  readonly streams: Mailbox<FakeStream>;
  /** The next stream, welcomed. */
  nextStream(): Promise<FakeStream>;
  /** From now on answers for itself: it welcomes every stream and settles every outcome, so that workers can stop. */
  runByItself(): void;
}

/** Handlers of which a test needs only some. What comes over EnqueueStream is EnqueueBatch's too, unless it has a handler. */
export type SomeHandlers = Partial<ServiceHandlers<typeof QueueService>>;

/** How it is reached. */
export interface FakeServerOptions {
  /** Default: plaintext. */
  readonly credentials?: ServerCredentials;
  /** Sees each call before its handler. Default: none. */
  readonly interceptor?: ServerInterceptor;
  /** Other services, whose methods all fail. Default: none. */
  readonly others?: readonly DescService[];
  /** Options of its client, over the address. */
  readonly connect?: ConnectOptions;
}

/** Starts one. */
export async function startFakeServer(
  queue: SomeHandlers = {},
  {
    credentials = ServerCredentials.createInsecure(),
    interceptor,
    others = [],
    connect: connecting = {},
  }: FakeServerOptions = {},
): Promise<FakeServer> {
  setLogger({});
  const streams = createMailbox<FakeStream>("stream");
  let isByItself = false;
  const descs: readonly DescService[] = [QueueService, WorkerService, ...others];
  const failing = descs.flatMap(({ methods }) =>
    methods.map(({ localName, name }) => [
      localName,
      () => Promise.reject(new Error(`${name} has no part in this test`)),
    ]),
  );
  const missing = Object.fromEntries(failing);
  const worker: Partial<ServiceHandlers<typeof WorkerService>> = {
    async work(requests, { signal }, out) {
      const { stream, serve } = createStream((message) => void out.send(create(WorkResponseSchema, { message })));
      await serve(requests, signal, (hello) => {
        streams.put(Object.assign(stream, { hello }));
        if (isByItself) stream.runByItself();
      });
    },
  };
  const bounds = { firstMessageTimeoutMs: 10_000, maxReceiveBytes: 4_194_304, maxUnfinishedBytes: 67_108_864 };
  const largeMessages = createLargeMessages(bounds, new Map(), silentLog);
  const decompress = createDecompression(bounds.maxReceiveBytes);
  const guard = callGuard({ ...bounds, clock: systemClock, largeMessages, decompress });
  const server = new Server({ interceptors: [...(interceptor ? [interceptor] : []), guard] });
  const options: ServeOptions = { onError: statusObjectOf };
  const services = [
    rpcService(QueueService, { ...missing, ...streamOf(queue), ...queue }),
    rpcService(WorkerService, { ...missing, ...worker }),
    ...others.map((desc) => rpcService(desc, missing)),
  ];
  for (const { definition, implement } of services) server.addService(definition, implement(options));
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", credentials, (error, bound) => (error === null ? resolve(bound) : reject(error)));
  });
  const address = `127.0.0.1:${port}`;
  const client = connect({ address, service: "test", ...connecting });
  onTestFinished(() => {
    client.close();
    server.forceShutdown();
  });
  return {
    address,
    client,
    streams,
    async nextStream() {
      const stream = await streams.next();
      stream.welcome();
      return stream;
    },
    runByItself() {
      isByItself = true;
      for (const stream of streams.all) stream.runByItself();
    },
  };
}

/** EnqueueStream by the handler of EnqueueBatch. What that throws is the answer. */
function streamOf({ enqueueBatch }: SomeHandlers): SomeHandlers {
  if (enqueueBatch === undefined) return {};
  return {
    enqueueStream(requests, context, out) {
      const answer = async ({ requests, atomic }: EnqueueStreamRequest) => {
        try {
          const { results } = await enqueueBatch(create(EnqueueBatchRequestSchema, { requests, atomic }), context);
          const named = (results ?? []).map(({ task, created = false, error }) => {
            const result = create(EnqueueStreamResultSchema, { created });
            if (error !== undefined) result.error = create(StatusSchema, error);
            return Object.assign(result, { taskId: task?.id ?? "", requestId: task?.requestId ?? "" });
          });
          return create(EnqueueStreamResponseSchema, { results: named });
        } catch (error) {
          return create(EnqueueStreamResponseSchema, { error: statusOf(error) });
        }
      };
      return answerInOrder(requests, answer, out, new AbortController().signal);
    },
  };
}

function statusOf(error: unknown): Status {
  if (!(error instanceof CallError)) return create(StatusSchema, { code: statusCode.INTERNAL, message: String(error) });
  const { code, message, reason, retryAfterMs } = error;
  if (reason === null) return create(StatusSchema, { code, message });
  return makeStatus(code, message, { reason, ...(retryAfterMs !== null && { retryAfterMs }) });
}

function statusObjectOf(error: unknown) {
  const { code, message, details } = statusOf(error);
  if (details.length === 0) return { code, details: message, metadata: new Metadata() };
  return toStatusObject(statusOf(error));
}

function createStream(say: FakeStream["say"]) {
  const said = createMailbox<Said>("message of the worker");
  const beats = createMailbox<true>("heartbeat");
  const ending = Promise.withResolvers<void>();
  const over = Promise.withResolvers<"ended" | "cut">();
  // Not every test looks at how it ends.
  ending.promise.catch(() => undefined);

  const stream: Omit<FakeStream, "hello"> = {
    said,
    beats,
    over: over.promise,
    say,
    async next(kind) {
      const message = await said.next();
      if (message.case !== kind) throw new Error(`expected ${kind}, the worker said ${message.case}`);
      return message.value as never;
    },
    async nextOutcomes() {
      return (await stream.next("outcomes")).outcomes;
    },
    welcome({ heartbeatMs = 10_000, lost = [] } = {}) {
      const value = {
        workerId: "w",
        heartbeatInterval: durationFromMs(heartbeatMs),
        leaseDuration: durationFromMs(heartbeatMs * 3),
        lost: [...lost],
      };
      say({ case: "welcome", value });
    },
    tasks: (...tasks) => say({ case: "tasks", value: { tasks: [...tasks] } }),
    settle(outcomes, status = SettleStatus.SETTLED) {
      say({ case: "settled", value: { outcomes: outcomes.map((outcome) => settledOf(outcome, status)) } });
    },
    end: (error = null) => (error === null ? ending.resolve() : ending.reject(error)),
    runByItself() {
      isByItself = true;
      stream.welcome();
      for (const message of said.all) if (message.case === "outcomes") stream.settle(message.value.outcomes);
    },
  };
  let isByItself = false;

  async function serve(
    requests: AsyncIterable<WorkRequest>,
    signal: AbortSignal,
    opened: (hello: WorkRequest_Hello) => void,
  ) {
    signal.addEventListener("abort", () => over.resolve("cut"));
    const reading = read(requests, opened)
      .catch(() => undefined)
      // A call that is cut can end like one that ended well, and be known as cut only then.
      .then(() => new Promise((resolve) => setTimeout(resolve, 20)))
      .then(() => over.resolve("ended"));
    await Promise.race([reading, ending.promise]);
  }

  async function read(requests: AsyncIterable<WorkRequest>, opened: (hello: WorkRequest_Hello) => void) {
    for await (const { message } of requests) {
      if (message.case === "hello") opened(message.value);
      else if (message.case === "heartbeat" && message.value.progress.length === 0) beats.put(true);
      else {
        said.put(message);
        if (isByItself && message.case === "outcomes") stream.settle(message.value.outcomes);
      }
    }
  }

  return { stream, serve };
}

function settledOf({ taskId, attempt }: Outcome, status: SettleStatus): SettledOutcome {
  return create(SettledOutcomeSchema, { taskId, attempt, status });
}

/** A task as a server hands it out. */
export function taskOf(id: string, overrides: MessageInitShape<typeof TaskSchema> = {}): Task {
  return create(TaskSchema, { id, queue: "q", type: "t", attempt: 1, maxAttempts: 5, ...overrides });
}

/** How an outcome that the worker told stands in an assertion: `a/1 completed`. */
export function shortly({ taskId, attempt, outcome }: Outcome): string {
  return `${taskId}/${attempt} ${outcome.case}`;
}

/** An outcome that says no more than which attempt is meant. */
export function outcomeOf(taskId: string, attempt = 1): Outcome {
  return create(OutcomeSchema, { taskId, attempt });
}

/** A promise that a test settles by hand, as a handler's work. */
export function work<T = void>() {
  return Promise.withResolvers<T>();
}
