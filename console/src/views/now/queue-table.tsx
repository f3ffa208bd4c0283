import type { QueueOverview } from "../../../../gen/sitq/v1/monitor_service_pb.js";
import { QueueService } from "../../../../gen/sitq/v1/queue_service_pb.js";
import { whyNot } from "../../live/rights.ts";
import { href } from "../../route.ts";
import { ActionButton } from "../../ui/action-button.tsx";
import { Age } from "../../ui/age.tsx";
import { LoadMeter } from "../../ui/load-meter.tsx";
import { Sparkline } from "../../ui/sparkline.tsx";
import { type Column, Table } from "../../ui/table.tsx";
import { count, rate } from "../../ui/text.ts";
import { askToPause } from "../queue/ask-to-pause.tsx";
import { hindranceOf } from "./hindrance.ts";

const columns: readonly Column<Row>[] = [
  { title: "Queue", cell: ({ queue: { name } }) => <a href={href(["queue", name])}>{name}</a> },
  { title: "Waiting", cell: ({ queue }) => <Tasks of={queue} state="pending" />, align: "end" },
  { title: "Oldest", cell: ({ queue: { oldestWaitTime } }) => <Age at={oldestWaitTime} />, align: "end" },
  { title: "Running", cell: ({ queue }) => <Tasks of={queue} state="running" />, align: "end" },
  {
    title: "In use",
    cell: ({ queue: { inFlight, capacity } }) => <LoadMeter used={inFlight} capacity={capacity} />,
    align: "end",
  },
  { title: "In/s", cell: ({ queue: { enqueueRate } }) => rate(enqueueRate), align: "end" },
  { title: "Done/s", cell: ({ queue: { finishRate } }) => rate(finishRate), align: "end" },
  { title: "Failed/s", cell: ({ queue: { failureRate } }) => rate(failureRate), align: "end", isExtra: true },
  { title: "Failed", cell: ({ queue }) => <Tasks of={queue} state="failed" />, align: "end" },
  { title: "Five minutes", cell: ({ queue: { history } }) => <Sparkline history={history} />, isExtra: true },
  { title: "State", cell: State },
  { title: "Action", cell: ({ queue }) => <PauseButton queue={queue} /> },
];

interface Row {
  readonly queue: QueueOverview;
}

/** Queues as rows. */
export function QueueTable({
  queues,
  empty,
}: {
  readonly queues: readonly QueueOverview[];
  /** Shown where there are none. */
  readonly empty: string;
}) {
  return (
    <Table
      caption="Queues"
      columns={columns}
      rows={queues.map((queue) => ({ queue }))}
      rowKey={({ queue }) => queue.name}
      empty={empty}
    />
  );
}

/** How many tasks of a state a queue has, as a link to them. */
function Tasks({ of, state }: { readonly of: QueueOverview; readonly state: "pending" | "running" | "failed" }) {
  const n = of.statistics?.[state] ?? 0n;
  if (n === 0n) return <span class="muted">0</span>;
  const words = `${count(n)} ${state} tasks of ${of.name}`;
  return (
    <a class="figure" href={href(["tasks"], { queue: of.name, state })} aria-label={words}>
      {count(n)}
    </a>
  );
}

function State({ queue }: Row) {
  const hindrance = hindranceOf(queue);
  return hindrance === null ? null : <span class={`hindrance ${hindrance.severity}`}>{hindrance.words}</span>;
}

function PauseButton({ queue }: { readonly queue: QueueOverview }) {
  const { name, paused } = queue;
  return (
    <ActionButton
      label={paused ? "Resume" : "Pause"}
      of={name}
      why={whyNot(QueueService.method.updateQueue, { queues: [name] })}
      kind="quiet"
      onClick={() => askToPause(queue)}
    />
  );
}
