import type { MessageInitShape } from "@bufbuild/protobuf";
import type { ListenResponse, ListenResponseSchema } from "../../../gen/peers/v1/peer_service_pb.js";
import { type InstanceHeartbeat, nameOf, type RegistryNews, type WorkerNews } from "../../cluster/registry-news.ts";

/** News of instances as fields of a message. */
export function toRegistryNews({
  registryChanged,
  heartbeats,
  workers,
  allWorkers,
}: RegistryNews): MessageInitShape<typeof ListenResponseSchema> {
  return {
    registryChanged,
    allWorkers,
    heartbeats: Array.from(heartbeats.values(), ({ load, ageMs, ...meant }) => ({
      ...meant,
      ...(load !== null && { load }),
      ageMs: BigInt(Math.round(ageMs)),
    })),
    workers: Array.from(workers.values(), ({ serviceName, workerId, facts }) => {
      if (facts === null) return { serviceName, workerId, isGone: true };
      const { connectMs, lastSeenMs, ...rest } = facts;
      return { ...rest, connectMs: BigInt(Math.round(connectMs)), lastSeenMs: BigInt(Math.round(lastSeenMs)) };
    }),
  };
}

/** News of instances of a message. */
export function fromRegistryNews(message: ListenResponse): RegistryNews {
  const heartbeats = message.heartbeats.map((each): InstanceHeartbeat => {
    const { serviceName, instanceId, registrationId, load, ageMs } = each;
    return { serviceName, instanceId, registrationId, load: load ?? null, ageMs: Number(ageMs) };
  });
  const workers = message.workers.map((each): WorkerNews => {
    const { serviceName, workerId, isGone, address, capacity, weight, metadata, load, connectMs, lastSeenMs } = each;
    if (isGone) return { serviceName, workerId, facts: null };
    const times = { connectMs: Number(connectMs), lastSeenMs: Number(lastSeenMs) };
    return {
      serviceName,
      workerId,
      facts: { serviceName, workerId, address, capacity, weight, metadata, load, ...times },
    };
  });
  return {
    registryChanged: message.registryChanged,
    allWorkers: message.allWorkers,
    heartbeats: new Map(heartbeats.map((each) => [nameOf(each), each])),
    workers: new Map(
      workers.map((each) => [nameOf({ serviceName: each.serviceName, instanceId: each.workerId }), each]),
    ),
  };
}
