import type { Client as GrpcClient } from "@grpc/grpc-js";
import { EventService } from "../gen/sitq/v1/event_service_pb.js";
import { QueueService } from "../gen/sitq/v1/queue_service_pb.js";
import { SettleStatus } from "../gen/sitq/v1/worker_service_pb.js";
import { callErrorFrom } from "../src/grpc/client/call-error.ts";
import { createChannel } from "../src/grpc/client/channel.ts";
import { createClient } from "../src/grpc/client/client.ts";
import type { Acknowledged } from "../test/crash/harness/offline.ts";
import { startStreamWorker } from "../test/crash/harness/stream-worker.ts";

/** What a client was told, and when, in milliseconds since 1970. */
interface Acknowledgement {
  readonly kind: "task" | "completion" | "event";
  /** The request id, the task's id, or the event's id. */
  readonly id: string;
  readonly atMs: number;
}

/** Producers, a publisher and a worker that keep a server busy and write down what they are told. */
export interface Load {
  /** How many acknowledgements there are. */
  readonly count: number;
  /** How many calls were answered with a refusal or an error, by reason or status. */
  readonly refusals: ReadonlyMap<string, number>;
  /** Since when the oldest call that has no answer waits, in milliseconds; 0: none waits. */
  waitingMs(): number;
  /** What was acknowledged before a time, in milliseconds since 1970. Default: all. */
  acknowledged(beforeMs?: number): Acknowledged;
  /** Ends it; calls that are under way are not waited for. */
  stop(): Promise<void>;
}

/** How many unary enqueues are under way at a time. */
const producers = 4;
/** What one call has, in milliseconds. */
const timeoutMs = 15_000;

/** Starts the load on a server that listens. @param name makes the ids of one load differ from those of another */
export function startLoad(address: string, name: string): Load {
  const channel = createChannel(address, { options: { "grpc.max_reconnect_backoff_ms": 200 } });
  const acknowledgements: Acknowledgement[] = [];
  const refusals = new Map<string, number>();
  const waiting = new Set<number>();
  const leave = new AbortController();
  const note = (kind: Acknowledgement["kind"], id: string) => {
    // One millisecond more, since the clock is cut to whole ones: an acknowledgement never looks earlier than it was.
    acknowledgements.push({ kind, id, atMs: Date.now() + 1 });
  };

  async function repeatedly(act: (number: number) => Promise<void>): Promise<void> {
    for (let number = 0; !leave.signal.aborted; number++) {
      const beganMs = performance.now();
      waiting.add(beganMs);
      try {
        await act(number);
      } catch (thrown) {
        const { reason, codeName } = callErrorFrom(thrown);
        const key = reason ?? codeName;
        refusals.set(key, (refusals.get(key) ?? 0) + 1);
        await new Promise((resume) => setTimeout(resume, 20));
      } finally {
        waiting.delete(beganMs);
      }
    }
  }

  const running = [
    ...Array.from({ length: producers }, (_, index) => repeatedly(enqueueOne(channel, `${name}-${index}`, note))),
    repeatedly(enqueueBatch(channel, `${name}-batch`, note)),
    repeatedly(publishOne(channel, `${name}-event`, note)),
  ];
  const worker = startStreamWorker({
    address,
    workerId: `${name}-worker`,
    queues: ["torture"],
    capacity: 32,
    events: {
      task: ({ id: taskId, attempt }) => worker.settle({ taskId, attempt }, { case: "completed", value: {} }),
      settled({ taskId }, status) {
        if (status === SettleStatus.SETTLED) note("completion", taskId);
      },
    },
  });

  return {
    get count() {
      return acknowledgements.length;
    },
    refusals,
    waitingMs: () => (waiting.size === 0 ? 0 : performance.now() - Math.min(...waiting)),
    acknowledged(beforeMs = Number.POSITIVE_INFINITY) {
      const told = acknowledgements.filter(({ atMs }) => atMs <= beforeMs);
      const idsOf = (kind: Acknowledgement["kind"]) => told.filter((each) => each.kind === kind).map(({ id }) => id);
      return { requestIds: idsOf("task"), completed: new Set(idsOf("completion")).size, eventIds: idsOf("event") };
    },
    async stop() {
      leave.abort();
      channel.close();
      await Promise.all([...running, worker.abandon()]);
    },
  };
}

type Note = (kind: Acknowledgement["kind"], id: string) => void;

function enqueueOne(channel: GrpcClient, name: string, note: Note) {
  const client = createClient(QueueService, channel);
  return async (number: number) => {
    const requestId = `${name}-${number}`;
    await client.enqueue({ requestId, task: taskOf(number) }, { timeoutMs });
    note("task", requestId);
  };
}

function enqueueBatch(channel: GrpcClient, name: string, note: Note) {
  const client = createClient(QueueService, channel);
  return async (number: number) => {
    const requests = Array.from({ length: 20 }, (_, index) => ({
      requestId: `${name}-${number}-${index}`,
      task: taskOf(index),
    }));
    const { results } = await client.enqueueBatch({ requests }, { timeoutMs });
    for (const [index, { task }] of results.entries()) {
      const requestId = requests[index]?.requestId;
      if (task !== undefined && requestId !== undefined) note("task", requestId);
    }
  };
}

function publishOne(channel: GrpcClient, name: string, note: Note) {
  const client = createClient(EventService, channel);
  return async (number: number) => {
    const id = `${name}-${number}`;
    await client.publish({ event: { id, type: "torture.made", sourceService: "torture" } }, { timeoutMs });
    note("event", id);
  };
}

/** Every other task is worked off; the others stay. */
function taskOf(number: number) {
  const queue = number % 2 === 0 ? "torture" : "torture-kept";
  return { queue, type: "t", payload: { kind: { case: "binary", value: new Uint8Array(200) } } } as const;
}
