import { useEffect, useState } from "preact/hooks";
import type { Instance, WatchInstancesResponse } from "../../../../gen/sitq/v1/registry_service_pb.js";
import { followStream, type StreamState } from "../../live/stream.ts";
import { rpc } from "../../rpc/clients.ts";
import { InstanceSet } from "./instance-set.ts";

/** The instances of a service, as they are. */
export interface WatchedInstances {
  /** `null`: not known yet. */
  readonly instances: readonly Instance[] | null;
  readonly state: StreamState;
}

/** Watches the instances of a service for as long as a view is shown. */
export function useInstances(serviceName: string): WatchedInstances {
  const [instances, setInstances] = useState<readonly Instance[] | null>(null);
  const [state, setState] = useState<StreamState>({ kind: "connecting" });
  useEffect(() => {
    const known = new InstanceSet();
    setInstances(null);
    return followStream<WatchInstancesResponse>({
      open: (signal) =>
        rpc.registry.watchInstances({ serviceName, resumeToken: known.resumeToken }, { signal, timeoutMs: 0 }),
      onState: setState,
      onMessage(message) {
        if (known.take(message)) setInstances(known.list());
      },
    });
  }, [serviceName]);
  return { instances, state };
}
