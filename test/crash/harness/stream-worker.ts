import { setTimeout as pause } from "node:timers/promises";
import type { MessageInitShape } from "@bufbuild/protobuf";
import { durationMs } from "@bufbuild/protobuf/wkt";
import type { Task } from "../../../gen/sitq/v1/task_pb.js";
import {
  type OutcomeSchema,
  type SettleStatus,
  WorkerService,
  type WorkRequestSchema,
  type WorkResponse,
} from "../../../gen/sitq/v1/worker_service_pb.js";
import { type CallError, callErrorFrom } from "../../../src/grpc/client/call-error.ts";
import { createChannel } from "../../../src/grpc/client/channel.ts";
import { type BidiCall, createClient } from "../../../src/grpc/client/client.ts";

/** One attempt of one task. */
export interface Lease {
  readonly taskId: string;
  readonly attempt: number;
}

/** How an attempt ended, as it is sent. */
export type OutcomeInit = NonNullable<MessageInitShape<typeof OutcomeSchema>["outcome"]>;

/** What a worker hears. */
export interface WorkerEvents {
  welcome?(kept: readonly Lease[], lost: readonly Lease[]): void;
  task(task: Task): void;
  settled?(lease: Lease, status: SettleStatus): void;
  cancelled?(lease: Lease, reason: string): void;
  drain?(): void;
  /** The stream ended; `null`: cleanly. */
  disconnected?(error: CallError | null): void;
}

/** Who the worker is. */
export interface StreamWorkerOptions {
  /** Where a server is; of several, it goes to the next one whenever its stream has ended. */
  readonly address: string | readonly string[];
  readonly workerId: string;
  /** Default: all processes of its name count as one. */
  readonly incarnation?: string;
  readonly queues: string[];
  readonly capacity: number;
  readonly events: WorkerEvents;
}

/**
 * A worker that keeps to the protocol to the letter and does nothing by itself: it says what it holds when it reconnects, and
 * sends each outcome until it is settled.
 */
export interface StreamWorker {
  readonly workerId: string;
  /** What it holds and has said nothing of. */
  readonly inHand: ReadonlyMap<string, number>;
  /** Tells the outcome of an attempt that is in hand; told of another one, it sends it all the same. */
  settle(lease: Lease, outcome: OutcomeInit): void;
  /** Says something about what it takes. */
  setCapacity(n: number): void;
  /** Cuts its stream, and reconnects. */
  cut(): void;
  /** Takes nothing more, and ends once nothing is in hand and everything is settled. */
  stop(): Promise<void>;
  /** Ends at once, and says nothing. */
  abandon(): Promise<void>;
}

type Session = BidiCall<typeof WorkRequestSchema, DescOfResponse>;
type DescOfResponse = (typeof WorkerService)["method"]["work"]["output"];

/** Starts a worker; it reconnects until it is stopped. */
export function startStreamWorker(options: StreamWorkerOptions): StreamWorker {
  const { address, workerId, incarnation = "", queues, capacity, events } = options;
  const channels = [address].flat().map((each) =>
    createChannel(each, {
      options: { "grpc.initial_reconnect_backoff_ms": 50, "grpc.max_reconnect_backoff_ms": 200 },
    }),
  );
  const clients = channels.map((channel) => createClient(WorkerService, channel));
  const closeAll = () => {
    for (const channel of channels) channel.close();
  };
  let streams = 0;
  const inHand = new Map<string, number>();
  const unsettled = new Map<string, Lease & { readonly outcome: OutcomeInit }>();
  /** The stream that is being opened, or is open. */
  let current: Session | null = null;
  /** The stream that is open. */
  let session: Session | null = null;
  let stopping = false;
  let abandoned = false;

  async function run(): Promise<void> {
    while (!(stopping && isIdle()) && !abandoned) {
      const error = await connectOnce().then(
        () => null,
        (thrown: unknown) => callErrorFrom(thrown),
      );
      session = null;
      events.disconnected?.(error);
      if (!abandoned) await pause(20 + Math.random() * 80);
    }
    closeAll();
  }

  async function connectOnce(): Promise<void> {
    const call = clients[streams++ % clients.length]?.work();
    if (call === undefined) throw new Error("no address");
    current = call;
    const held = [...inHand].map(([taskId, attempt]) => ({ taskId, attempt }));
    const said = [...unsettled.values()].map(({ taskId, attempt }) => ({ taskId, attempt }));
    const hello = { workerId, incarnation, queues, capacity: stopping ? 0 : capacity, held: [...held, ...said] };
    call.send({ message: { case: "hello", value: hello } });
    const timers: NodeJS.Timeout[] = [];
    try {
      for await (const { message } of call.responses) {
        if (message.case === "welcome") {
          welcomed(call, message.value.kept, message.value.lost);
          const beatMs = message.value.heartbeatInterval ? durationMs(message.value.heartbeatInterval) : 1_000;
          timers.push(setInterval(() => call.send({ message: { case: "heartbeat", value: {} } }), beatMs * 0.6));
        } else {
          heard(message);
        }
        if (stopping && isIdle()) return;
      }
    } finally {
      timers.forEach(clearInterval);
      call.cancel();
    }
  }

  function welcomed(call: Session, kept: readonly Lease[], lost: readonly Lease[]): void {
    session = call;
    for (const { taskId, attempt } of lost) {
      if (inHand.get(taskId) === attempt) inHand.delete(taskId);
      // What was given back and is not held any more was given back. Said again it could end the next lease: its number is the same.
      const said = unsettled.get(keyOf({ taskId, attempt }));
      if (said?.outcome.case === "released") unsettled.delete(keyOf(said));
    }
    events.welcome?.(kept, lost);
    for (const each of unsettled.values()) send(each);
  }

  function heard(message: WorkResponse["message"]): void {
    switch (message.case) {
      case "tasks":
        for (const task of message.value.tasks) {
          inHand.set(task.id, task.attempt);
          // It was given back, and its number is used again.
          unsettled.delete(keyOf({ taskId: task.id, attempt: task.attempt }));
          events.task(task);
        }
        return;
      case "settled":
        for (const { taskId, attempt, status } of message.value.outcomes) {
          unsettled.delete(keyOf({ taskId, attempt }));
          events.settled?.({ taskId, attempt }, status);
        }
        return;
      case "cancel":
        for (const { taskId, attempt, reason } of message.value.tasks) {
          if (inHand.get(taskId) === attempt) inHand.delete(taskId);
          events.cancelled?.({ taskId, attempt }, reason);
        }
        return;
      case "drain":
        events.drain?.();
        return;
      case "welcome":
      case "heartbeat":
      case undefined:
    }
  }

  function send({ taskId, attempt, outcome }: Lease & { readonly outcome: OutcomeInit }): void {
    session?.send({ message: { case: "outcomes", value: { outcomes: [{ taskId, attempt, outcome }] } } });
  }

  const isIdle = () => inHand.size === 0 && unsettled.size === 0;
  const running = run();

  return {
    workerId,
    inHand,

    settle(lease, outcome) {
      if (inHand.get(lease.taskId) === lease.attempt) inHand.delete(lease.taskId);
      const told = { ...lease, outcome };
      unsettled.set(keyOf(lease), told);
      send(told);
    },

    setCapacity(n) {
      session?.send({ message: { case: "capacity", value: { n } } });
    },

    cut: () => session?.cancel(),

    async stop() {
      stopping = true;
      this.setCapacity(0);
      if (isIdle()) current?.cancel();
      await running;
    },

    async abandon() {
      abandoned = true;
      current?.cancel();
      closeAll();
      await running;
    },
  };
}

function keyOf({ taskId, attempt }: Lease): string {
  return `${taskId}/${attempt}`;
}
