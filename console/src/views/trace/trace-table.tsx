import type { TaskAttempt } from "../../../../gen/sitq/v1/task_pb.js";
import { href } from "../../route.ts";
import { Foreign } from "../../ui/foreign.tsx";
import { eventHref } from "../../ui/links.tsx";
import { StateMark } from "../../ui/state-mark.tsx";
import { type Column, Table } from "../../ui/table.tsx";
import { dateTime } from "../../ui/text.ts";
import { Why } from "../../ui/why.tsx";
import type { Entry } from "./entries.ts";
import type { TraceNode } from "./trace-tree.ts";
import { type Axis, segmentsOf } from "./waterfall.ts";
import { WaterfallBar, WaterfallScale } from "./waterfall-bar.tsx";

interface TraceTableProps {
  readonly nodes: readonly TraceNode[];
  readonly axis: Axis;
  /** Now, in milliseconds since 1970. */
  readonly now: number;
  /** The attempts of tasks that had several, by their ids. */
  readonly attempts: ReadonlyMap<string, readonly TaskAttempt[]>;
}

/** A trace as a waterfall: each entry a row with its bar on the common axis of time. */
export function TraceTable({ nodes, axis, attempts, now }: TraceTableProps) {
  const columns: readonly Column<TraceNode>[] = [
    { title: "What", cell: What },
    { title: "State", cell: State },
    {
      title: "Time",
      head: (
        <>
          <span class="unseen">Time</span>
          <WaterfallScale axis={axis} />
        </>
      ),
      cell: ({ entry }) => <WaterfallBar axis={axis} segments={segmentsOf(entry, axis, now, attempts.get(entry.id))} />,
    },
    { title: "Worker", cell: ({ entry }) => <Foreign text={entry.worker} most={40} />, isExtra: true },
  ];
  return (
    <div class="waterfall">
      <Table
        caption="Trace"
        columns={columns}
        rows={nodes}
        rowKey={({ entry }) => `${entry.kind} ${entry.key}`}
        empty="Nothing of this trace is of this kind or state."
      />
    </div>
  );
}

function What({ entry, depth }: TraceNode) {
  return (
    <div class={`indent-${depth}`}>
      <span class={`kind kind-${entry.kind}`}>{entry.kind}</span>{" "}
      <a href={hrefOf(entry)} title={dateTime(entry.createMs)}>
        <Foreign text={entry.what} most={120} />
      </a>
    </div>
  );
}

function State({ entry }: TraceNode) {
  const { state, error, explanation, endMs } = entry;
  return (
    <>
      {state !== "" && <StateMark word={state} />}
      {error !== "" && (
        <div>
          <Foreign text={error} most={100} />
        </div>
      )}
      {endMs === null && (
        <div>
          <Why explanation={explanation} />
        </div>
      )}
    </>
  );
}

function hrefOf({ kind, id, sourceService }: Entry): string {
  if (kind === "event") return eventHref(sourceService, id);
  return href([kind === "workflow" ? "workflow" : "task", id]);
}
