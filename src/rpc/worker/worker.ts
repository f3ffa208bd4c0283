import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import type { Duration, Timestamp } from "@bufbuild/protobuf/wkt";
import {
  type Worker,
  WorkerSchema,
  WorkerState,
  type WorkerStatistics,
  WorkerStatisticsSchema,
} from "../../../gen/sitq/v1/worker_service_pb.js";
import type { ValueCodec } from "../../cluster/shared-maps.ts";
import { protoEnum } from "../../contract/enums.ts";
import type { WorkerReport } from "../../queue/all-workers.ts";
import { unknownHello } from "../../queue/workers/worker-channel.ts";
import type { WorkerFigures } from "../../queue/workers/worker-statistics.ts";
import type { ListedWorker, WorkerActivity, WorkerView } from "../../queue/workers/worker-view.ts";
import { toDuration, toTimestamp, toTimestamps } from "../convert/times.ts";

const { values: workerStates, words: stateWords } = protoEnum<WorkerView["state"], WorkerState>()({
  connected: WorkerState.CONNECTED,
  draining: WorkerState.DRAINING,
  disconnected: WorkerState.DISCONNECTED,
  lost: WorkerState.LOST,
  claiming: WorkerState.CLAIMING,
});

/** A worker with what it does, as it goes out. */
export function toWorker(worker: ListedWorker, { figures, oldest }: WorkerActivity): Worker {
  const { hello, state, capacity, inFlight, connectMs, lastSeenMs, replacements, replacedInFlight, lostMs } = worker;
  return create(WorkerSchema, {
    id: hello.workerId,
    service: hello.service,
    queues: [...hello.queues],
    types: [...hello.types],
    capacity,
    inFlight,
    address: hello.address,
    metadata: { ...hello.metadata },
    state: workerStates[state],
    connectTime: toTimestamp(connectMs),
    lastSeenTime: toTimestamp(lastSeenMs),
    incarnation: hello.incarnation,
    replacementCount: replacements.count,
    replacedInFlight,
    statistics: toStatistics(figures),
    oldestTaskId: oldest?.taskId ?? "",
    serverId: worker.serverId ?? 0,
    ...toTimestamps({
      lastReplacementTime: replacements.lastMs,
      oldestStartTime: oldest?.startMs ?? null,
      lostTime: lostMs,
    }),
  });
}

function toStatistics({ windowMs, completed, failed, released, lost, medianMs, p95Ms }: WorkerFigures) {
  return create(WorkerStatisticsSchema, {
    window: toDuration(Math.round(windowMs)),
    completed: BigInt(completed),
    failed: BigInt(failed),
    released: BigInt(released),
    lost: BigInt(lost),
    ...(medianMs !== null && { medianDuration: toDuration(Math.round(medianMs)) }),
    ...(p95Ms !== null && { p95Duration: toDuration(Math.round(p95Ms)) }),
  });
}

/** How the servers of a database show each other their workers: as clients are shown them. */
export const workerCodec: ValueCodec<WorkerReport> = {
  encode: ({ worker, activity }) => toBinary(WorkerSchema, toWorker(worker, activity)),
  decode: (bytes) => fromWorker(fromBinary(WorkerSchema, bytes)),
};

function fromWorker(worker: Worker): WorkerReport {
  const { id: workerId, service, queues, types, capacity, inFlight, address, metadata, incarnation } = worker;
  const oldestMs = msOf(worker.oldestStartTime);
  return {
    worker: {
      hello: { ...unknownHello, workerId, service, queues, types, capacity, address, metadata, incarnation },
      state: stateWords[worker.state] ?? "disconnected",
      capacity,
      inFlight,
      connectMs: msOf(worker.connectTime) ?? 0,
      lastSeenMs: msOf(worker.lastSeenTime) ?? 0,
      replacements: { count: worker.replacementCount, lastMs: msOf(worker.lastReplacementTime) },
      replacedInFlight: worker.replacedInFlight,
      serverId: worker.serverId,
      lostMs: msOf(worker.lostTime),
    },
    activity: {
      figures: fromStatistics(worker.statistics),
      oldest: oldestMs === null ? null : { taskId: worker.oldestTaskId, startMs: oldestMs },
    },
  };
}

function fromStatistics(statistics: WorkerStatistics | undefined): WorkerFigures {
  const { window, medianDuration, p95Duration } = statistics ?? {};
  const { completed = 0n, failed = 0n, released = 0n, lost = 0n } = statistics ?? {};
  return {
    windowMs: msOf(window) ?? 0,
    completed: Number(completed),
    failed: Number(failed),
    released: Number(released),
    lost: Number(lost),
    medianMs: msOf(medianDuration),
    p95Ms: msOf(p95Duration),
  };
}

function msOf(value: Timestamp | Duration | undefined): number | null {
  return value === undefined ? null : Number(value.seconds) * 1_000 + value.nanos / 1_000_000;
}
