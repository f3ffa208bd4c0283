import type { Duration } from "@bufbuild/protobuf/wkt";
import { type Worker, WorkerService, WorkerState } from "../../../../gen/sitq/v1/worker_service_pb.js";
import { whyNot } from "../../live/rights.ts";
import { href } from "../../route.ts";
import { ActionButton, WhyNot } from "../../ui/action-button.tsx";
import { Age } from "../../ui/age.tsx";
import { Foreign } from "../../ui/foreign.tsx";
import { Labels } from "../../ui/labels.tsx";
import { LoadMeter } from "../../ui/load-meter.tsx";
import { type Column, Table } from "../../ui/table.tsx";
import { count, enumName, msOf, took } from "../../ui/text.ts";
import { tasksHref } from "../tasks/task-query.ts";
import { askToDrain } from "./drain.tsx";

/** Workers as rows. `atMs`: when they were read. */
export function WorkerTable(props: {
  readonly workers: readonly Worker[];
  readonly atMs: number;
  readonly empty: string;
}) {
  const { workers, atMs, empty } = props;
  const reasons = new Set(workers.filter(canDrain).map((worker) => whyNotDrain(worker)));
  const [reason = null] = reasons;
  return (
    <>
      <Table caption="Workers" columns={columnsAt(atMs)} rows={workers} rowKey={({ id }) => id} empty={empty} />
      {reasons.size === 1 && <WhyNot why={reason} />}
    </>
  );
}

function columnsAt(atMs: number): readonly Column<Worker>[] {
  return [
    { title: "Worker", cell: Name },
    { title: "State", cell: State },
    {
      title: "In use",
      cell: ({ inFlight, capacity }) => <LoadMeter used={inFlight} capacity={capacity} />,
      align: "end",
    },
    { title: "Queues", cell: Work },
    { title: "Done", cell: ({ statistics }) => count(statistics?.completed ?? 0n), align: "end" },
    { title: "Failed", cell: ({ statistics }) => <Bad n={statistics?.failed} />, align: "end" },
    { title: "Lost", cell: ({ statistics }) => <Bad n={statistics?.lost} />, align: "end" },
    { title: "Median", cell: ({ statistics }) => duration(statistics?.medianDuration), align: "end", isExtra: true },
    { title: "95 %", cell: ({ statistics }) => duration(statistics?.p95Duration), align: "end", isExtra: true },
    { title: "Oldest", cell: Oldest, align: "end" },
    // As of when it was read: what a worker says meanwhile, the page does not hear.
    {
      title: "Last seen",
      cell: ({ lastSeenTime }) => <Age at={lastSeenTime} asOfMs={atMs} suffix=" ago" />,
      align: "end",
      isExtra: true,
    },
    { title: "Metadata", cell: ({ metadata }) => <Labels labels={metadata} />, isExtra: true },
    { title: "Action", cell: Actions },
  ];
}

function Name({ id, service, address, serverId }: Worker) {
  return (
    <>
      <Foreign text={id} />
      <div class="sub">
        {service !== "" && <a href={href(["service", service])}>{service}</a>} <Foreign text={address} />{" "}
        <a href={tasksHref({ texts: { worker: id } })} aria-label={`tasks of ${id}`}>
          tasks
        </a>
        {serverId !== 0 && ` at server ${serverId}`}
      </div>
    </>
  );
}

function State({ state, lostTime, connectTime, replacementCount, replacedInFlight }: Worker) {
  const isLost = state === WorkerState.LOST;
  return (
    <>
      <span class={`worker-state ${enumName(WorkerState, state)}`}>{enumName(WorkerState, state)}</span>
      <div class="sub">
        {isLost ? <Age at={lostTime} suffix=" ago" /> : <Age at={connectTime} />}
        {!isLost && lostTime !== undefined && (
          <>
            , was lost <Age at={lostTime} suffix=" ago" />
          </>
        )}
        {replacementCount > 0 &&
          `, id taken over ${replacementCount === 1 ? "once" : `${count(replacementCount)} times`}`}
        {replacedInFlight > 0 && `, ${count(replacedInFlight)} still leased to the former`}
      </div>
    </>
  );
}

/** How many types of tasks a row names. */
const mostTypes = 5;

function Work({ queues, types }: Worker) {
  const more = types.length - mostTypes;
  return (
    <>
      {queues.map((queue, at) => (
        <span key={queue}>
          {at > 0 && ", "}
          <a href={href(["queue", queue])}>{queue}</a>
        </span>
      ))}
      <div class="sub" title={types.join(", ")}>
        {types.length === 0 ? "all types" : types.slice(0, mostTypes).join(", ")}
        {more > 0 && ` and ${more} more`}
      </div>
    </>
  );
}

function Bad({ n = 0n }: { readonly n: bigint | undefined }) {
  return n === 0n ? "0" : <strong class="bad">{count(n)}</strong>;
}

function duration(of: Duration | undefined) {
  const ms = msOf(of);
  return ms === null ? <span class="muted">–</span> : took(ms);
}

function Oldest({ oldestTaskId, oldestStartTime }: Worker) {
  if (oldestTaskId === "") return <span class="muted">–</span>;
  return (
    <a href={href(["task", oldestTaskId])} title={`The task ${oldestTaskId}`}>
      <Age at={oldestStartTime} />
    </a>
  );
}

function Actions(worker: Worker) {
  if (!canDrain(worker)) return null;
  return <ActionButton label="Drain" of={worker.id} why={whyNotDrain(worker)} onClick={() => askToDrain(worker)} />;
}

function canDrain({ state }: Worker): boolean {
  return state === WorkerState.CONNECTED;
}

function whyNotDrain({ queues }: Worker): string | null {
  return whyNot(WorkerService.method.drainWorker, { queues });
}
