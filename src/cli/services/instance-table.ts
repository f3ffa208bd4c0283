import { type Instance, InstanceSource, InstanceState } from "../../client/index.ts";
import type { Layout } from "../terminal/layout.ts";
import type { Paint } from "../terminal/paint.ts";
import { printable } from "../terminal/printable.ts";
import { type Column, tableText } from "../terminal/table.ts";
import { ago, msOf } from "../terminal/times.ts";

/** Instances, one a line. @param nowMs what ages are counted from, in milliseconds since 1970 */
export function instanceTable(instances: readonly Instance[], layout: Layout, nowMs: number = Date.now()): string {
  const { paint } = layout;
  const columns: readonly Column<Instance>[] = [
    { title: "SERVICE", cell: ({ serviceName }) => printable(serviceName), least: 10 },
    { title: "INSTANCE", cell: ({ instanceId }) => printable(instanceId), least: 12 },
    { title: "ADDRESS", cell: ({ address }) => printable(address) || "-" },
    { title: "STATE", cell: ({ state }) => paintedState(state, paint) },
    { title: "SOURCE", cell: ({ source }) => InstanceSource[source] ?? String(source), leaveOut: 3 },
    { title: "LOAD", cell: ({ currentLoad, capacity }) => `${currentLoad}/${capacity}`, align: "right" },
    { title: "WEIGHT", cell: ({ weight }) => String(weight), align: "right", leaveOut: 2 },
    { title: "LAST SEEN", cell: (instance) => lastSeen(instance, nowMs), align: "right" },
    { title: "METADATA", cell: ({ metadata }) => metadataText(metadata), least: 10, leaveOut: 1 },
    { title: "", cell: ({ remark }) => paint.warning(printable(remark)), least: 10 },
  ];
  return tableText(columns, instances, layout);
}

function paintedState(state: InstanceState, paint: Paint): string {
  const word = InstanceState[state] ?? String(state);
  switch (state) {
    case InstanceState.HEALTHY:
      return paint.good(word);
    case InstanceState.DRAINING:
      return paint.warning(word);
    case InstanceState.UNHEALTHY:
      return paint.bad(word);
    case InstanceState.UNSPECIFIED:
      return word;
  }
}

function lastSeen({ lastSeenTime }: Instance, nowMs: number): string {
  const atMs = msOf(lastSeenTime);
  return atMs === null ? "" : ago(atMs, nowMs);
}

function metadataText(metadata: Readonly<Record<string, string>>): string {
  return Object.entries(metadata)
    .map(([key, value]) => printable(`${key}=${value}`))
    .sort()
    .join(" ");
}
