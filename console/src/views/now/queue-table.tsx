import type { QueueOverview } from "../../../../gen/sitq/v1/monitor_service_pb.js";
import { href } from "../../route.ts";
import { Age } from "../../ui/age.tsx";
import { LoadMeter } from "../../ui/load-meter.tsx";
import { Sparkline } from "../../ui/sparkline.tsx";
import { type Column, Table } from "../../ui/table.tsx";
import { count, rate } from "../../ui/text.ts";
import { hindranceOf } from "./queue-order.ts";

const columns: readonly Column<QueueOverview>[] = [
  { title: "Queue", cell: ({ name }) => <a href={href(["queue", name])}>{name}</a> },
  { title: "Waiting", cell: ({ statistics }) => count(statistics?.pending ?? 0n), align: "end" },
  { title: "Oldest", cell: ({ oldestWaitTime }) => <Age at={oldestWaitTime} />, align: "end" },
  { title: "Running", cell: ({ statistics }) => count(statistics?.running ?? 0n), align: "end" },
  {
    title: "In use",
    cell: ({ inFlight, capacity }) => <LoadMeter used={inFlight} capacity={capacity} />,
    align: "end",
  },
  { title: "In/s", cell: ({ enqueueRate }) => rate(enqueueRate), align: "end" },
  { title: "Done/s", cell: ({ finishRate }) => rate(finishRate), align: "end" },
  {
    title: "Five minutes",
    cell: ({ history }) => <Sparkline steps={history?.finished ?? []} label="done" />,
    isExtra: true,
  },
  { title: "Failed", cell: ({ statistics }) => count(statistics?.failed ?? 0n), align: "end" },
  { title: "State", cell: Hindered },
];

/** Queues as rows. */
export function QueueTable({ queues }: { readonly queues: readonly QueueOverview[] }) {
  return (
    <Table
      caption="Queues"
      columns={columns}
      rows={queues}
      rowKey={({ name }) => name}
      empty="There is no queue of such a name. A queue is created by its first task."
    />
  );
}

function Hindered(queue: QueueOverview) {
  const hindrance = hindranceOf(queue);
  if (hindrance === null) return "";
  return <span class={`hindrance ${hindrance.replaceAll(" ", "-")}`}>{hindrance}</span>;
}
