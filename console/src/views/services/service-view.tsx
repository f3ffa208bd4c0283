import { useState } from "preact/hooks";
import { type InstanceHealth, RegistryService } from "../../../../gen/sitq/v1/registry_service_pb.js";
import { serverNowMs } from "../../live/clock.ts";
import { whyNot } from "../../live/rights.ts";
import { useLive } from "../../live/use-live.ts";
import { href, type Route } from "../../route.ts";
import { rpc } from "../../rpc/clients.ts";
import { type Failure, failureOf } from "../../rpc/errors.ts";
import { ViewStreamNote } from "../../shell/stream-note.tsx";
import { ActionButton, WhyNot } from "../../ui/action-button.tsx";
import { FailureNote } from "../../ui/failure-note.tsx";
import { Figures } from "../../ui/figures.tsx";
import { count, counted } from "../../ui/text.ts";
import { useLoad } from "../../ui/use-load.ts";
import { isDraining, isHealthy } from "./instance-set.ts";
import { InstanceTable } from "./instance-table.tsx";
import { useInstances } from "./use-instances.ts";

/** How many instances are shown. */
const mostShown = 500;
/** How many have their load read: a page of the server's. */
const mostLoads = 1_000;

/** The instances of one service, as they come and go. */
export function ServiceView({ route }: { readonly route: Route }) {
  const serviceName = route.path[1] ?? "";
  const { instances, stream } = useInstances(serviceName);
  // A watch does not tell of load and heartbeats, which change all the time, nor of what clients by xDS are sent.
  const loads = useLoad(serviceName, async (signal) => {
    const request = { serviceName, includeUnhealthy: true, pageSize: mostLoads };
    const answer = await rpc.registry.discoverInstances(request, { signal });
    return { atMs: serverNowMs(), byId: new Map(answer.instances.map((each) => [each.instanceId, each])) };
  });
  useLive(loads.reload);
  const probes = useProbes(serviceName);
  const whyNotProbe = whyNot(RegistryService.method.checkHealth, { services: [serviceName] });
  const whyNotRemove = whyNot(RegistryService.method.deregisterInstance, { services: [serviceName] });
  const known = instances?.map((each) => {
    const { currentLoad, lastSeenTime, remark } = loads.value?.byId.get(each.instanceId) ?? each;
    return { ...each, currentLoad, lastSeenTime: lastSeenTime ?? each.lastSeenTime, remark };
  });
  const healthy = known?.filter(isHealthy) ?? [];
  const draining = known?.filter(isDraining).length ?? 0;
  const sum = (field: "capacity" | "currentLoad") => healthy.reduce((total, each) => total + each[field], 0);
  return (
    <>
      <p class="crumbs">
        <a href={href(["services"])}>Services</a>
      </p>
      <h1>{serviceName}</h1>
      <ViewStreamNote {...stream} />
      {known === undefined && stream.state.kind !== "refused" && <p class="empty">Loading.</p>}
      {known !== undefined && (
        <>
          <Figures
            figures={[
              ["instances", count(known.length)],
              ["healthy", count(healthy.length)],
              ["draining", count(draining)],
              ["unhealthy", count(known.length - healthy.length - draining)],
              ["load of healthy ones", `${count(sum("currentLoad"))} of ${count(sum("capacity"))}`],
            ]}
          />
          <p class="unseen" role="status">
            {counted(known.length, "instance")}, {count(healthy.length)} healthy, {count(draining)} draining
          </p>
          <div class="buttons bar">
            <ActionButton
              label={probes.isRunning ? "Checking" : "Check all now"}
              why={whyNotProbe}
              onClick={() => probes.run("")}
            />
          </div>
          <FailureNote failure={probes.failure} />
          <FailureNote failure={loads.failure} onRetry={loads.reload} />
          <InstanceTable
            instances={known.slice(0, mostShown)}
            probes={probes.results}
            atMs={loads.value?.atMs ?? serverNowMs()}
            whyNotProbe={whyNotProbe}
            whyNotRemove={whyNotRemove}
            onProbe={probes.run}
          />
          <WhyNot why={whyNotRemove} />
          {known.length > mostShown && (
            <p class="muted">
              {count(mostShown)} of {count(known.length)} instances are shown: unhealthy ones first.
            </p>
          )}
        </>
      )}
    </>
  );
}

/** Probes instances when that is asked for, and keeps what they answered last. */
function useProbes(serviceName: string) {
  const [results, setResults] = useState<ReadonlyMap<string, InstanceHealth>>(new Map());
  const [failure, setFailure] = useState<Failure | null>(null);
  const [isRunning, setRunning] = useState(false);
  async function probe(instanceId: string): Promise<void> {
    setRunning(true);
    try {
      const answer = await rpc.registry.checkHealth({ serviceName, instanceId }, { timeoutMs: 60_000 });
      const answered = answer.results.map((result) => [result.instance?.instanceId ?? "", result] as const);
      setResults((before) => new Map([...before, ...answered]));
      setFailure(null);
    } catch (error) {
      setFailure(failureOf(error));
    } finally {
      setRunning(false);
    }
  }
  return { results, failure, isRunning, run: (instanceId: string) => void probe(instanceId) };
}
