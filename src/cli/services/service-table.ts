import type { ServiceLoad } from "../../client/index.ts";
import type { Layout } from "../terminal/layout.ts";
import type { Paint } from "../terminal/paint.ts";
import { printable } from "../terminal/printable.ts";
import { type Column, tableText } from "../terminal/table.ts";

/** Services with their load, one a line. */
export function serviceTable(services: readonly ServiceLoad[], layout: Layout): string {
  const { paint } = layout;
  const columns: readonly Column<ServiceLoad>[] = [
    { title: "SERVICE", cell: ({ serviceName }) => printable(serviceName) },
    { title: "HEALTHY", cell: (service) => healthy(service, paint), align: "right" },
    { title: "LOAD", cell: ({ currentLoad }) => String(currentLoad), align: "right" },
    { title: "CAPACITY", cell: ({ capacity }) => String(capacity), align: "right" },
    { title: "UTILIZATION", cell: (service) => utilization(service, paint), align: "right" },
  ];
  return tableText(columns, services, layout);
}

function healthy({ healthyInstanceCount, instanceCount }: ServiceLoad, paint: Paint): string {
  const text = `${healthyInstanceCount}/${instanceCount}`;
  if (healthyInstanceCount === 0) return paint.bad(text);
  return healthyInstanceCount < instanceCount ? paint.warning(text) : text;
}

function utilization({ utilization: share, capacity }: ServiceLoad, paint: Paint): string {
  if (capacity === 0n) return "-";
  const text = `${Math.round(share * 100)}%`;
  return share >= 1 ? paint.warning(text) : text;
}
