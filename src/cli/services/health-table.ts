import { durationMs } from "@bufbuild/protobuf/wkt";
import { HealthStatus, type InstanceHealth } from "../../client/index.ts";
import { formatDuration } from "../../contract/duration.ts";
import type { Layout } from "../terminal/layout.ts";
import type { Paint } from "../terminal/paint.ts";
import { printable } from "../terminal/printable.ts";
import { type Column, tableText } from "../terminal/table.ts";

/** The health of instances, one per line. @param ofAllServices shows the service of each */
export function healthTable(results: readonly InstanceHealth[], layout: Layout, ofAllServices = false): string {
  const { paint } = layout;
  const service: Column<InstanceHealth> = {
    title: "SERVICE",
    cell: ({ instance }) => printable(instance?.serviceName ?? ""),
    least: 10,
  };
  const columns: readonly Column<InstanceHealth>[] = [
    ...(ofAllServices ? [service] : []),
    { title: "INSTANCE", cell: ({ instance }) => printable(instance?.instanceId ?? ""), least: 12 },
    { title: "ADDRESS", cell: ({ instance }) => printable(instance?.address ?? "") || "-" },
    { title: "STATUS", cell: ({ status }) => paintedStatus(status, paint) },
    {
      title: "TOOK",
      cell: ({ latency }) => (latency ? formatDuration(Math.round(durationMs(latency))) : ""),
      align: "right",
    },
    { title: "", cell: ({ message }) => printable(message), least: 20 },
  ];
  return tableText(columns, results, layout);
}

function paintedStatus(status: HealthStatus, paint: Paint): string {
  const word = HealthStatus[status] ?? String(status);
  switch (status) {
    case HealthStatus.SERVING:
      return paint.good(word);
    case HealthStatus.NOT_SERVING:
    case HealthStatus.UNREACHABLE:
      return paint.bad(word);
    case HealthStatus.UNKNOWN:
      return paint.warning(word);
    case HealthStatus.UNSPECIFIED:
      return word;
  }
}
