import type { Task } from "../../../gen/sitq/v1/task_pb.js";
import { fromPayload } from "../values/payload.ts";
import { type EventInfo, ReceivedEvent } from "./event-info.ts";
import { LazyView } from "./lazy-view.ts";
import { plainSpan, plainTime } from "./plain.ts";

/** The task of an attempt, as its handler sees it; the payload is the handler's first argument. */
export interface TaskInfo {
  readonly id: string;
  readonly queue: string;
  readonly type: string;
  /** The number of this attempt, from 1. */
  readonly attempt: number;
  /** How many attempts there are in all. */
  readonly maxAttempts: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly priority: number;
  /** Empty: none. */
  readonly correlationId: string;
  /** The service that enqueued it; empty: it did not say. */
  readonly sourceService: string;
  /** Empty: none. */
  readonly deduplicationKey: string;
  readonly createTime: Date | null;
  readonly scheduleTime: Date | null;
  readonly expireTime: Date | null;
  /** How long this attempt may run, in milliseconds; `null`: no bound. */
  readonly attemptTimeoutMs: number | null;
  /** The event that it delivers, whose data is the payload; `null`: it delivers none. */
  readonly event: EventInfo | null;
  /** The workflow whose step it is; `null`: it belongs to none. */
  readonly workflow: WorkflowInfo | null;
  /**
   * What the steps before it answered, by step id, as plain values: of those that it depends on, and those that its
   * parameters name. Of a compensation also what the step answered that it undoes. Empty outside of workflows.
   */
  readonly results: Readonly<Record<string, unknown>>;
}

/** Where in a workflow a task stands. */
export interface WorkflowInfo {
  readonly workflowId: string;
  readonly stepId: string;
  /** It undoes the step. */
  readonly isCompensation: boolean;
}

/** A task that was received. */
export class ReceivedTask extends LazyView implements TaskInfo {
  readonly #task: Task;

  constructor(task: Task) {
    super();
    this.#task = task;
  }

  get id() {
    return this.#task.id;
  }
  get queue() {
    return this.#task.queue;
  }
  get type() {
    return this.#task.type;
  }
  get attempt() {
    return this.#task.attempt;
  }
  get maxAttempts() {
    return this.#task.maxAttempts;
  }
  get headers() {
    return this.#task.headers;
  }
  get priority() {
    return this.#task.priority;
  }
  get correlationId() {
    return this.#task.correlationId;
  }
  get sourceService() {
    return this.#task.sourceService;
  }
  get deduplicationKey() {
    return this.#task.deduplicationKey;
  }
  get createTime() {
    return plainTime(this.#task.createTime);
  }
  get scheduleTime() {
    return plainTime(this.#task.scheduleTime);
  }
  get expireTime() {
    return plainTime(this.#task.expireTime);
  }
  get attemptTimeoutMs() {
    return plainSpan(this.#task.attemptTimeout);
  }
  get event() {
    const { event } = this.#task;
    return event === undefined ? null : new ReceivedEvent(event);
  }
  get workflow() {
    const { workflowId = "", stepId = "", isCompensation = false } = this.#task.origin ?? {};
    return workflowId === "" ? null : { workflowId, stepId, isCompensation };
  }
  get results() {
    const entries = Object.entries(this.#task.results);
    return Object.fromEntries(entries.map(([stepId, result]) => [stepId, fromPayload(result)]));
  }
}
