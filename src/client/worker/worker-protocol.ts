import { create } from "@bufbuild/protobuf";
import {
  CancelCode,
  TaskLeaseSchema,
  type WorkRequest,
  WorkRequest_CapacitySchema,
  WorkRequest_HeartbeatSchema,
  type WorkRequest_Hello,
  WorkRequest_HelloSchema,
  type WorkResponse,
  type WorkResponse_CancelledTask,
} from "../../../gen/sitq/v1/worker_service_pb.js";
import { limits } from "../../contract/limits.ts";
import { AttemptAborted } from "../errors/errors.ts";
import type { OutcomeOutbox } from "./outcome-outbox.ts";
import type { ProgressReporter } from "./progress-reporter.ts";
import type { TaskRunner } from "./task-runner.ts";

/** What the protocol stands on. */
export interface WorkerProtocolOptions {
  /** The part of `hello` that is always the same. */
  readonly identity: Pick<
    WorkRequest_Hello,
    "workerId" | "incarnation" | "service" | "queues" | "types" | "address" | "weight" | "metadata"
  >;
  readonly capacity: number;
  readonly tasks: TaskRunner;
  readonly outcomes: OutcomeOutbox;
  readonly progress: ProgressReporter;
}

/** Outcomes that are sent without waiting for more of the same turn: half of what the worker takes, within these bounds. */
const leastMuch = 16;
const mostMuch = 64;

/** What a worker sends and does over any number of streams: it outlives them, and each speaks it in turn. */
export class WorkerProtocol {
  readonly #options: WorkerProtocolOptions;
  /** How many outcomes are sent without waiting for more. */
  readonly #much: number;
  /** The capacity last sent to the server. */
  #announced = 0;
  #closed = false;

  constructor(options: WorkerProtocolOptions) {
    this.#options = options;
    // While the server stores one half, the worker is at the other: together they would take turns.
    this.#much = Math.min(Math.max(Math.ceil(options.capacity / 2), leastMuch), mostMuch);
  }

  /** The first message of a stream: who the worker is, and what it holds. */
  hello(): WorkRequest {
    this.#announced = this.#capacity();
    const capacity = this.#announced;
    const value = create(WorkRequest_HelloSchema, { ...this.#options.identity, capacity, held: this.#heldLeases() });
    return requestOf({ case: "hello", value });
  }

  /** What is to be sent next, once the server has welcomed the worker; `null`: nothing. */
  next(): WorkRequest | null {
    const n = this.#capacity();
    if (n !== this.#announced) {
      this.#announced = n;
      return requestOf({ case: "capacity", value: create(WorkRequest_CapacitySchema, { n }) });
    }
    const finished = this.#options.outcomes.take();
    if (finished !== null) return requestOf({ case: "outcomes", value: finished });
    const progress = this.#options.progress.take();
    if (progress.length === 0) return null;
    return requestOf({ case: "heartbeat", value: create(WorkRequest_HeartbeatSchema, { progress }) });
  }

  /** Whether there is so much to send that it should not wait for more. */
  hasMuch(): boolean {
    return this.#options.outcomes.unsent >= this.#much;
  }

  /** Takes a message of the server. */
  onMessage(message: WorkResponse["message"]): void {
    const { tasks, outcomes, progress } = this.#options;
    switch (message.case) {
      case "welcome":
        for (const lease of message.value.lost) {
          tasks.giveUp(lease, new AttemptAborted("LEASE_LOST"));
          outcomes.lost(lease);
        }
        progress.sendAgain();
        return;
      case "tasks":
        // What was said of it before has been applied, or it would not be handed out.
        for (const { id } of message.value.tasks) outcomes.forget(id);
        tasks.accept(message.value.tasks);
        return;
      case "settled":
        outcomes.settled(message.value.outcomes);
        return;
      case "cancel":
        for (const cancelled of message.value.tasks) tasks.giveUp(cancelled, abortedBy(cancelled));
        return;
      case "drain":
      case "heartbeat":
      case undefined:
        return;
    }
  }

  /** Takes no more tasks from now on. */
  close(): void {
    this.#closed = true;
    this.#options.tasks.close();
  }

  /** A handler that goes on after its lease is gone still takes a slot, which the server cannot know. */
  #capacity(): number {
    const { capacity, tasks } = this.#options;
    return this.#closed ? 0 : Math.max(0, capacity - tasks.overstaying);
  }

  #heldLeases() {
    const { outcomes, tasks } = this.#options;
    const leases = [
      ...Array.from(outcomes.keys(), ({ taskId, attempt }) => create(TaskLeaseSchema, { taskId, attempt })),
      ...Array.from(tasks.held(), ({ taskId, attempt }) => create(TaskLeaseSchema, { taskId, attempt })),
    ];
    return leases.slice(0, limits.heldTasks);
  }
}

function requestOf(message: WorkRequest["message"]): WorkRequest {
  return { $typeName: "sitq.v1.WorkRequest", message };
}

function abortedBy({ code, reason, message }: WorkResponse_CancelledTask): AttemptAborted {
  switch (code) {
    case CancelCode.CANCELLED:
      return new AttemptAborted("CANCELLED", message);
    case CancelCode.ATTEMPT_TIMEOUT:
      return new AttemptAborted("ATTEMPT_TIMEOUT");
    case CancelCode.LEASE_LOST:
      return new AttemptAborted("LEASE_LOST");
    case CancelCode.UNSPECIFIED:
      // A server from before there was a code.
      if (reason === "ATTEMPT_TIMEOUT" || reason === "LEASE_LOST") return new AttemptAborted(reason);
      return new AttemptAborted("CANCELLED", reason);
  }
}
