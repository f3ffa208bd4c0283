import { useRef } from "preact/hooks";
import { BalancingStrategy } from "../../../../gen/sitq/v1/queue_pb.js";
import {
  RegistryService,
  type Service,
  type ServiceLoad,
  type WatchInstancesResponse,
} from "../../../../gen/sitq/v1/registry_service_pb.js";
import { serverNowMs } from "../../live/clock.ts";
import { useLive, useReread } from "../../live/use-live.ts";
import { useStream } from "../../live/use-stream.ts";
import { href, navigate, type Route } from "../../route.ts";
import { rpc } from "../../rpc/clients.ts";
import { FailureNote } from "../../ui/failure-note.tsx";
import { Foreign } from "../../ui/foreign.tsx";
import { LoadMeter } from "../../ui/load-meter.tsx";
import { type Column, Table } from "../../ui/table.tsx";
import { count, dateTime, enumName } from "../../ui/text.ts";
import { useLoad } from "../../ui/use-load.ts";

/** The most services that the server answers. */
const mostServices = 1_000;

const columns: readonly Column<Service>[] = [
  { title: "Service", cell: ({ name }) => <a href={href(["service", name])}>{name}</a> },
  { title: "Health", cell: Health },
  { title: "Instances", cell: ({ load }) => count(load?.instanceCount ?? 0), align: "end" },
  { title: "Healthy", cell: ({ load }) => count(load?.healthyInstanceCount ?? 0), align: "end" },
  { title: "Draining", cell: ({ load }) => count(load?.drainingInstanceCount ?? 0), align: "end" },
  { title: "Unhealthy", cell: ({ load }) => count(unhealthy(load)), align: "end" },
  {
    title: "Load",
    cell: ({ load }) => <LoadMeter used={load?.currentLoad ?? 0n} capacity={load?.capacity ?? 0n} />,
    align: "end",
  },
  { title: "In use", cell: ({ load }) => share(load), align: "end" },
  { title: "Strategy", cell: Strategy },
  { title: "Clients by xDS", cell: XdsClients, align: "end" },
];

/** All services with how healthy and how loaded they are, and how calls to them are balanced. */
export function ServicesView({ route }: { readonly route: Route }) {
  const name = route.query.get("name") ?? "";
  const { value, failure, isLoading, reload } = useLoad("services", async (signal) => {
    const { services } = await rpc.registry.listServices({ pageSize: mostServices }, { signal });
    return { services, atMs: serverNowMs() };
  });
  useLive(reload);
  useComingAndGoing(value?.services, reload);
  const shown = value?.services.filter((service) => service.name.toLowerCase().includes(name.toLowerCase()));
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
            rowKey={(service) => service.name}
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
function useComingAndGoing(services: readonly Service[] | undefined, reload: () => void): void {
  const reread = useReread(reload);
  const resumeToken = useRef("");
  const instances =
    services?.reduce((sum, { load }) => sum + (load?.instanceCount ?? 0), 0) ?? Number.POSITIVE_INFINITY;
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

function unhealthy(load: ServiceLoad | undefined): number {
  return load === undefined ? 0 : load.instanceCount - load.healthyInstanceCount - load.drainingInstanceCount;
}

function Health({ load }: Service) {
  if (load === undefined) return <span class="muted">no instances</span>;
  if (load.healthyInstanceCount === 0) return <span class="health none">none is healthy</span>;
  if (unhealthy(load) > 0) return <span class="health some">some are not</span>;
  if (load.drainingInstanceCount > 0) return <span class="health draining">some drain</span>;
  return <span class="health all">all are healthy</span>;
}

function share(load: ServiceLoad | undefined) {
  if (load === undefined || load.capacity === 0n) return <span class="muted">–</span>;
  return `${Math.round(load.utilization * 100)} %`;
}

function Strategy({ strategy, hashHeader }: Service) {
  if (strategy === BalancingStrategy.UNSPECIFIED) return <span class="muted">default</span>;
  return `${enumName(BalancingStrategy, strategy)}${hashHeader === "" ? "" : ` by ${hashHeader}`}`;
}

function XdsClients({ xds }: Service) {
  const { watchers = 0, refusals = 0n, lastRefusal = "" } = xds ?? {};
  return (
    <>
      {count(watchers)}
      {refusals > 0n && (
        <div class="sub">
          refused {count(refusals)}: <Foreign text={lastRefusal} most={200} />
        </div>
      )}
    </>
  );
}
