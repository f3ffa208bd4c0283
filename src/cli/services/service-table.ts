import type { Service, ServiceLoad } from "../../client/index.ts";
import { strategyText } from "../input/strategy.ts";
import type { Layout } from "../terminal/layout.ts";
import type { Paint } from "../terminal/paint.ts";
import { printable } from "../terminal/printable.ts";
import { type Column, tableText } from "../terminal/table.ts";

/** Services with their load, one a line. */
export function serviceTable(services: readonly Service[], layout: Layout): string {
  const { paint } = layout;
  const columns: readonly Column<Service>[] = [
    { title: "SERVICE", cell: ({ name }) => printable(name), least: 10 },
    { title: "HEALTHY", cell: ({ load }) => healthy(load, paint), align: "right" },
    { title: "LOAD", cell: ({ load }) => String(load?.currentLoad ?? 0), align: "right" },
    { title: "CAPACITY", cell: ({ load }) => String(load?.capacity ?? 0), align: "right" },
    { title: "UTILIZATION", cell: ({ load }) => utilization(load, paint), align: "right" },
    { title: "STRATEGY", cell: (service) => strategyText(service), leaveOut: 2 },
    { title: "XDS", cell: ({ xds }) => String(xds?.watchers ?? 0), align: "right", leaveOut: 1 },
    { title: "", cell: (service) => paint.warning(remarks(service).join("; ")), least: 10 },
  ];
  return tableText(columns, services, layout);
}

function healthy(load: ServiceLoad | undefined, paint: Paint): string {
  const { healthyInstanceCount = 0, drainingInstanceCount = 0, instanceCount = 0 } = load ?? {};
  const text = `${healthyInstanceCount}/${instanceCount}`;
  if (healthyInstanceCount === 0) return paint.bad(text);
  return healthyInstanceCount + drainingInstanceCount < instanceCount ? paint.warning(text) : text;
}

function utilization(load: ServiceLoad | undefined, paint: Paint): string {
  const { utilization: share = 0, capacity = 0n } = load ?? {};
  if (capacity === 0n) return "-";
  const text = `${Math.round(share * 100)}%`;
  return share >= 1 ? paint.warning(text) : text;
}

function remarks({ load, xds }: Service): string[] {
  const draining = load?.drainingInstanceCount ?? 0;
  const refusals = xds?.refusals ?? 0n;
  return [
    ...(draining === 0 ? [] : [draining === 1 ? "1 drains" : `${draining} drain`]),
    ...(refusals === 0n ? [] : [`refused ${refusals}: ${printable(xds?.lastRefusal ?? "")}`]),
  ];
}
