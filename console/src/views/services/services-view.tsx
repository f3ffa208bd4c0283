import { useRef } from "preact/hooks";
import {
  RegistryService,
  type ServiceLoad,
  type WatchInstancesResponse,
} from "../../../../gen/sitq/v1/registry_service_pb.js";
import { serverNowMs } from "../../live/clock.ts";
import { useLive, useReread } from "../../live/use-live.ts";
import { useStream } from "../../live/use-stream.ts";
import { href, navigate, type Route } from "../../route.ts";
import { rpc } from "../../rpc/clients.ts";
import { FailureNote } from "../../ui/failure-note.tsx";
import { LoadMeter } from "../../ui/load-meter.tsx";
import { type Column, Table } from "../../ui/table.tsx";
import { count, dateTime } from "../../ui/text.ts";
import { useLoad } from "../../ui/use-load.ts";

/** The most services that the server answers. */
const mostServices = 1_000;

const columns: readonly Column<ServiceLoad>[] = [
  { title: "Service", cell: ({ serviceName }) => <a href={href(["service", serviceName])}>{serviceName}</a> },
  { title: "Health", cell: Health },
  { title: "Instances", cell: ({ instanceCount }) => count(instanceCount), align: "end" },
  { title: "Healthy", cell: ({ healthyInstanceCount }) => count(healthyInstanceCount), align: "end" },
  { title: "Draining", cell: ({ drainingInstanceCount }) => count(drainingInstanceCount), align: "end" },
  { title: "Unhealthy", cell: (load) => count(unhealthy(load)), align: "end" },
  {
    title: "Load",
    cell: ({ currentLoad, capacity }) => <LoadMeter used={currentLoad} capacity={capacity} />,
    align: "end",
  },
  { title: "In use", cell: ({ utilization, capacity }) => share(utilization, capacity), align: "end" },
];

/** All services with how healthy and how loaded they are. */
export function ServicesView({ route }: { readonly route: Route }) {
  const name = route.query.get("name") ?? "";
  const { value, failure, isLoading, reload } = useLoad("services", async (signal) => {
    const { services } = await rpc.registry.getLoadStatistics({}, { signal });
    return { services, atMs: serverNowMs() };
  });
  useLive(reload);
  useComingAndGoing(value?.services, reload);
  const shown = value?.services.filter(({ serviceName }) => serviceName.toLowerCase().includes(name.toLowerCase()));
  return (
    <>
      <h1>Services</h1>
      <div class="filters">
        <label class="filter">
          Name contains
          <input
            type="search"
            value={name}
            maxLength={100}
            spellcheck={false}
            onInput={(event) => navigate(href(["services"], { name: event.currentTarget.value.trim() }), "replace")}
          />
        </label>
      </div>
      <FailureNote failure={failure} onRetry={reload} />
      {value === null && isLoading && <p class="empty">Loading.</p>}
      {value !== null && shown !== undefined && (
        <>
          <Table
            caption="Services"
            columns={columns}
            rows={shown}
            rowKey={({ serviceName }) => serviceName}
            empty={name === "" ? noServices : "No service has such a name."}
          />
          {value.services.length >= mostServices && (
            <p class="muted">The first {count(mostServices)} services by name are shown.</p>
          )}
          <p class="muted">
            Load and capacity are those of healthy instances, as of {dateTime(value.atMs)}.{" "}
            <button type="button" class="quiet" onClick={reload}>
              Read again
            </button>
          </p>
        </>
      )}
    </>
  );
}

/** Of more instances than that a stream of all would cost more than it tells. */
const mostWatched = 2_000;

/** Reads the services anew when an instance comes, goes or changes its state, which the page's stream does not tell. */
function useComingAndGoing(services: readonly ServiceLoad[] | undefined, reload: () => void): void {
  const reread = useReread(reload);
  const resumeToken = useRef("");
  const instances = services?.reduce((sum, { instanceCount }) => sum + instanceCount, 0) ?? Number.POSITIVE_INFINITY;
  useStream<WatchInstancesResponse>(instances > mostWatched ? null : "instances", {
    open: (signal) => rpc.registry.watchInstances({ resumeToken: resumeToken.current }, { signal, timeoutMs: 0 }),
    onMessage(message) {
      resumeToken.current = message.resumeToken || resumeToken.current;
      // What the services were when they were read.
      if (!message.snapshot && message.changes.length > 0) reread();
    },
  });
}

const noServices = `There is no instance. Services register theirs by ${RegistryService.method.registerInstance.name}, workers by their stream.`;

function unhealthy({ instanceCount, healthyInstanceCount, drainingInstanceCount }: ServiceLoad): number {
  return instanceCount - healthyInstanceCount - drainingInstanceCount;
}

function Health(load: ServiceLoad) {
  if (load.healthyInstanceCount === 0) return <span class="health none">none is healthy</span>;
  if (unhealthy(load) > 0) return <span class="health some">some are not</span>;
  if (load.drainingInstanceCount > 0) return <span class="health draining">some drain</span>;
  return <span class="health all">all are healthy</span>;
}

function share(utilization: number, capacity: bigint) {
  return capacity === 0n ? <span class="muted">–</span> : `${Math.round(utilization * 100)} %`;
}
