import {
  HealthStatus,
  type Instance,
  type InstanceHealth,
  InstanceSource,
  InstanceState,
} from "../../../../gen/sitq/v1/registry_service_pb.js";
import { href } from "../../route.ts";
import { ActionButton } from "../../ui/action-button.tsx";
import { Age } from "../../ui/age.tsx";
import { Foreign } from "../../ui/foreign.tsx";
import { Labels } from "../../ui/labels.tsx";
import { LoadMeter } from "../../ui/load-meter.tsx";
import { type Column, Table } from "../../ui/table.tsx";
import { count, enumName, msOf, span } from "../../ui/text.ts";
import { askToDeregister } from "./deregister.tsx";

/** What a table of instances shows. */
export interface InstanceTableProps {
  readonly instances: readonly Instance[];
  /** What probes answered, by the ids of the instances. */
  readonly probes: ReadonlyMap<string, InstanceHealth>;
  /** When loads and heartbeats were read. */
  readonly atMs: number;
  readonly whyNotProbe: string | null;
  readonly whyNotRemove: string | null;
  onProbe(instanceId: string): void;
}

/** Instances as rows. */
export function InstanceTable(props: InstanceTableProps) {
  return (
    <Table
      caption="Instances"
      columns={columnsOf(props)}
      rows={props.instances}
      rowKey={({ instanceId }) => instanceId}
      empty="The service has no instance."
    />
  );
}

function columnsOf(props: InstanceTableProps): readonly Column<Instance>[] {
  const { probes, atMs, whyNotProbe, whyNotRemove, onProbe } = props;
  return [
    { title: "Instance", cell: ({ instanceId }) => <Foreign text={instanceId} /> },
    { title: "Address", cell: ({ address }) => (address === "" ? none : <Foreign text={address} />) },
    { title: "Health", cell: Health },
    ...(probes.size === 0
      ? []
      : [{ title: "Probe", cell: ({ instanceId }: Instance) => <Probe result={probes.get(instanceId)} /> }]),
    { title: "Weight", cell: ({ weight }) => count(weight), align: "end" as const },
    {
      title: "Load",
      cell: ({ currentLoad, capacity }: Instance) => <LoadMeter used={currentLoad} capacity={capacity} />,
      align: "end",
    },
    {
      title: "Last heartbeat",
      cell: ({ lastSeenTime }) => <Age at={lastSeenTime} asOfMs={atMs} suffix=" ago" />,
      align: "end",
    },
    { title: "Kept by", cell: Source, isExtra: true },
    { title: "Metadata", cell: ({ metadata }) => <Labels labels={metadata} />, isExtra: true },
    {
      title: "Actions",
      cell: (instance) => (
        <span class="buttons">
          <ActionButton
            label="Check now"
            of={instance.instanceId}
            why={whyNotProbe}
            onClick={() => onProbe(instance.instanceId)}
          />
          {instance.source === InstanceSource.REGISTRATION && (
            <ActionButton
              label="Deregister"
              of={instance.instanceId}
              why={whyNotRemove}
              onClick={() => askToDeregister(instance)}
            />
          )}
        </span>
      ),
    },
  ];
}

const none = <span class="muted">–</span>;

function Health({ state, remark }: Instance) {
  return (
    <>
      <span class={`health ${healthClass(state)}`}>{enumName(InstanceState, state)}</span>
      {remark !== "" && (
        <div class="sub">
          <Foreign text={remark} most={200} />
        </div>
      )}
    </>
  );
}

function healthClass(state: InstanceState): string {
  switch (state) {
    case InstanceState.HEALTHY:
      return "all";
    case InstanceState.DRAINING:
      return "draining";
    default:
      return "none";
  }
}

function Probe({ result }: { readonly result: InstanceHealth | undefined }) {
  if (result === undefined) return none;
  const { status, message, latency } = result;
  const ms = msOf(latency);
  return (
    <>
      <span class={`health ${status === HealthStatus.SERVING ? "all" : "none"}`}>{enumName(HealthStatus, status)}</span>
      {ms !== null && ` in ${span(ms)}`}
      {message !== "" && (
        <div class="sub">
          <Foreign text={message} most={200} />
        </div>
      )}
    </>
  );
}

function Source({ source, ttl }: Instance) {
  if (source === InstanceSource.WORKER) return <a href={href(["workers"])}>the worker’s stream</a>;
  const ms = msOf(ttl);
  return ms === null ? "heartbeats" : `heartbeats, within ${span(ms)}`;
}
