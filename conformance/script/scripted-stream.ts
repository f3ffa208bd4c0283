import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { durationFromMs, timestampFromMs } from "@bufbuild/protobuf/wkt";
import type { Task } from "../../gen/sitq/v1/task_pb.js";
import {
  CancelCode,
  type DrainReason,
  type Outcome,
  SettledOutcomeSchema,
  SettleStatus,
  type TaskLease,
  type WorkRequest,
  type WorkRequest_Hello,
  type WorkRequest_Progress,
  WorkRequestSchema,
  type WorkResponse,
  WorkResponseSchema,
} from "../../gen/sitq/v1/worker_service_pb.js";
import type { CallError } from "../../src/grpc/client/call-error.ts";
import type { Outbound } from "../../src/grpc/handlers.ts";
import { messageText, type Transcript } from "../judge/transcript.ts";

/** What a server says on a stream. */
export type Said = NonNullable<MessageInitShape<typeof WorkResponseSchema>["message"]>;

/** What a stream needs of its server. */
export interface StreamOptions {
  readonly number: number;
  readonly hello: WorkRequest_Hello;
  readonly out: Outbound<WorkResponse>;
  readonly transcript: Transcript;
  readonly heartbeatMs: number;
  readonly leaseMs: number;
  /** Called with each attempt that is handed out. */
  readonly onHandOut: (lease: Lease) => void;
}

/** An attempt, of a task, an outcome or a lease. */
export type Lease = Pick<TaskLease, "taskId" | "attempt">;

/** One Work stream in the hands of a script that plays the server. */
export class ScriptedStream {
  readonly number: number;
  readonly hello: WorkRequest_Hello;
  /** When `hello` came, by `performance.now()`. */
  readonly openedMs = performance.now();
  /** All outcomes that came over this stream, in order. */
  readonly outcomes: Outcome[] = [];
  /** How many outcomes each message of outcomes held. */
  readonly gathered: number[] = [];
  /** All progress that came over this stream. */
  readonly progress: WorkRequest_Progress[] = [];
  /** When each message came, by `performance.now()`. */
  readonly heardMs: number[] = [];
  /** The capacity that the worker said last. */
  capacity: number;
  /** Whether the worker has ended its half. */
  isHalfClosed = false;
  /** Whether nothing more comes over it. */
  isOver = false;
  /** The attempts of which an outcome came over this stream that was not rejected. */
  readonly #answered = new Set<string>();
  /** Settles when the script ends the stream. */
  readonly ending = Promise.withResolvers<void>();
  readonly #options: StreamOptions;
  #paused: PromiseWithResolvers<void> | null = null;
  #beat: NodeJS.Timeout | undefined;

  constructor(options: StreamOptions) {
    this.#options = options;
    this.number = options.number;
    this.hello = options.hello;
    this.capacity = options.hello.capacity;
    this.ending.promise.catch(() => undefined);
  }

  /** Notes an outcome; false: one of this attempt came over this stream before, and was not rejected. */
  note(lease: Lease): boolean {
    const isFirst = !this.#answered.has(leaseKey(lease));
    this.#answered.add(leaseKey(lease));
    return isFirst;
  }

  /** Takes a message of the worker. */
  hear({ message }: WorkRequest): void {
    this.heardMs.push(performance.now());
    if (message.case === "outcomes") {
      this.outcomes.push(...message.value.outcomes);
      this.gathered.push(message.value.outcomes.length);
    } else if (message.case === "heartbeat") this.progress.push(...message.value.progress);
    else if (message.case === "capacity") this.capacity = message.value.n;
  }

  /** Whether the worker named the attempt in `held`. */
  holds({ taskId, attempt }: Lease): boolean {
    return this.hello.held.some((lease) => lease.taskId === taskId && lease.attempt === attempt);
  }

  say(message: Said, unknown: WorkResponse["$unknown"] = undefined): void {
    if (this.isOver) return;
    const response = create(WorkResponseSchema, { message });
    if (unknown !== undefined) response.$unknown = unknown;
    this.sayAll(response);
  }

  /** Says a message as it is, whatever it holds. */
  sayAll(response: WorkResponse): void {
    const { transcript, out } = this.#options;
    if (response.message.case === "tasks") for (const task of response.message.value.tasks) this.#handOut(task);
    transcript.note(`stream ${this.number} ▶ worker`, messageText(WorkResponseSchema, response));
    out.send(response);
  }

  /** Welcomes the worker; it keeps what it holds, but for what is lost. From then on heartbeats are sent. */
  welcome({ lost = [] }: { readonly lost?: readonly Lease[] } = {}): void {
    const { heartbeatMs, leaseMs } = this.#options;
    const isLost = (lease: Lease) => lost.some(({ taskId }) => taskId === lease.taskId);
    this.say({
      case: "welcome",
      value: {
        workerId: this.hello.workerId,
        heartbeatInterval: durationFromMs(heartbeatMs),
        leaseDuration: durationFromMs(leaseMs),
        kept: this.hello.held.filter((lease) => !isLost(lease)),
        lost: this.hello.held.filter(isLost),
      },
    });
    this.#beat ??= setInterval(() => this.heartbeat(), heartbeatMs * 0.9);
  }

  heartbeat(atMs = Date.now()): void {
    this.say({ case: "heartbeat", value: { serverTime: timestampFromMs(atMs) } });
  }

  /** Sends no more heartbeats by itself. */
  fallSilent(): void {
    clearInterval(this.#beat);
  }

  tasks(...tasks: readonly Task[]): void {
    this.say({ case: "tasks", value: { tasks: [...tasks] } });
  }

  settle(
    outcomes: readonly Lease[],
    status = SettleStatus.SETTLED,
    error?: MessageInitShape<typeof SettledOutcomeSchema>["error"],
  ): void {
    const settled = outcomes.map(({ taskId, attempt }) =>
      create(SettledOutcomeSchema, { taskId, attempt, status, ...(error && { error }) }),
    );
    if (status === SettleStatus.REJECTED) for (const each of outcomes) this.#answered.delete(leaseKey(each));
    this.say({ case: "settled", value: { outcomes: settled } });
  }

  cancel(taskId: string, attempt = 1, code = CancelCode.CANCELLED): void {
    const reason = CancelCode[code] ?? "A_NEWER_REASON";
    this.say({ case: "cancel", value: { tasks: [{ taskId, attempt, code, reason }] } });
  }

  drain(reason: DrainReason, graceMs: number): void {
    this.say({ case: "drain", value: { grace: durationFromMs(graceMs), reason } });
  }

  /** Ends the stream with a status; `null`: OK. */
  end(error: CallError | null): void {
    const { transcript } = this.#options;
    transcript.note(
      `stream ${this.number} ▶ worker`,
      `ends with ${error === null ? "OK" : `${error.codeName} ${error.reason ?? ""}`}`,
    );
    if (error === null) this.ending.resolve();
    else this.ending.reject(error);
  }

  /** Reads nothing more until `resumeReading`. */
  pauseReading(): void {
    this.#paused ??= Promise.withResolvers();
  }

  resumeReading(): void {
    this.#paused?.resolve();
    this.#paused = null;
  }

  /** Resolves when the stream is to be read. */
  async readable(): Promise<void> {
    await this.#paused?.promise;
  }

  #handOut({ id: taskId, attempt }: Task): void {
    this.#answered.delete(leaseKey({ taskId, attempt }));
    this.#options.onHandOut({ taskId, attempt });
  }

  /** Notes that nothing more comes. */
  over(): void {
    this.isOver = true;
    clearInterval(this.#beat);
    this.resumeReading();
  }
}

/** An attempt as a text. */
export function leaseKey({ taskId, attempt }: Lease): string {
  return `${taskId}/${attempt}`;
}

/** A message of a worker, for a transcript. */
export function requestText(request: WorkRequest): string {
  return messageText(WorkRequestSchema, request);
}
