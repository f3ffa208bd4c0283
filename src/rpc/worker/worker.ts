import { create } from "@bufbuild/protobuf";
import {
  type Worker,
  WorkerSchema,
  WorkerState,
  WorkerStatisticsSchema,
} from "../../../gen/sitq/v1/worker_service_pb.js";
import { protoEnum } from "../../contract/enums.ts";
import type { WorkerFigures } from "../../queue/workers/worker-statistics.ts";
import type { ListedWorker, WorkerActivity, WorkerView } from "../../queue/workers/worker-view.ts";
import { toDuration, toTimestamp, toTimestamps } from "../convert/times.ts";

const { values: workerStates } = protoEnum<WorkerView["state"], WorkerState>()({
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
