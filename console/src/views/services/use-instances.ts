import { useEffect, useMemo, useState } from "preact/hooks";
import type { Instance, WatchInstancesResponse } from "../../../../gen/sitq/v1/registry_service_pb.js";
import { type FollowedStream, useStream } from "../../live/use-stream.ts";
import { rpc } from "../../rpc/clients.ts";
import { InstanceSet } from "./instance-set.ts";

/** The instances of a service, as they are. */
export interface WatchedInstances {
  /** `null`: not known yet. */
  readonly instances: readonly Instance[] | null;
  readonly stream: FollowedStream;
}

/** Watches the instances of a service for as long as a view is shown. */
export function useInstances(serviceName: string): WatchedInstances {
  const [instances, setInstances] = useState<readonly Instance[] | null>(null);
  const known = useMemo(() => new InstanceSet(), [serviceName]);
  useEffect(() => setInstances(null), [serviceName]);
  const stream = useStream<WatchInstancesResponse>(serviceName, {
    open: (signal) =>
      rpc.registry.watchInstances({ serviceName, resumeToken: known.resume() }, { signal, timeoutMs: 0 }),
    onMessage(message) {
      if (known.take(message)) setInstances(known.list());
    },
  });
  return { instances, stream };
}
