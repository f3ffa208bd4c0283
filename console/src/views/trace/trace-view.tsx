import { useEffect, useMemo, useState } from "preact/hooks";
import type { SubscribeResponse } from "../../../../gen/sitq/v1/event_service_pb.js";
import type { WatchTasksResponse } from "../../../../gen/sitq/v1/queue_service_pb.js";
import { nowMs } from "../../live/clock.ts";
import { everyAtMost } from "../../live/every-at-most.ts";
import { useStream } from "../../live/use-stream.ts";
import { href, navigate, type Route } from "../../route.ts";
import { rpc } from "../../rpc/clients.ts";
import { ViewStreamNote } from "../../shell/stream-note.tsx";
import { CopyButton } from "../../ui/copy-button.tsx";
import { FailureNote } from "../../ui/failure-note.tsx";
import { Foreign } from "../../ui/foreign.tsx";
import { Pager, pageOf } from "../../ui/pager.tsx";
import { count, counted, dateTime } from "../../ui/text.ts";
import { useLoad } from "../../ui/use-load.ts";
import { entryKinds } from "./entries.ts";
import { mostOfAKind, readTrace, type Trace } from "./read-trace.ts";
import { TraceTable } from "./trace-table.tsx";
import { traceTree } from "./trace-tree.ts";
import { useAttempts } from "./use-attempts.ts";
import { axisOf, scaleText } from "./waterfall.ts";

const pageSize = 200;
/** A trace with more entries is not read anew by itself. */
const mostLive = 2_000;
const leastMs = 1_000;

/** Everything that one request caused: `#/trace/CORRELATION_ID?kind=task&state=failed`. */
export function TraceView({ route }: { readonly route: Route }) {
  const correlationId = route.path[1] ?? "";
  const { value, failure, isLoading, reload } = useLoad(`trace ${correlationId}`, (signal) =>
    readTrace(correlationId, signal),
  );
  const isLarge = (value?.entries.length ?? 0) > mostLive;
  const [isOld, setOld] = useState(false);
  const reread = useMemo(() => everyAtMost(leastMs, reload), [reload]);
  useEffect(() => reread.stop, [reread]);
  function onChange(): void {
    if (isLarge) setOld(true);
    else reread.ask();
  }
  function readAnew(): void {
    setOld(false);
    reload();
  }

  const tasks = useStream<WatchTasksResponse>(correlationId, {
    open: (signal) => rpc.queues.watchTasks({ filter: { correlationId } }, { signal, timeoutMs: 0 }),
    onMessage: onChange,
  });
  const events = useStream<SubscribeResponse>(correlationId, {
    open(signal) {
      const start = { start: { case: "now", value: true } } as const;
      return rpc.events.subscribe({ filter: { correlationId }, start }, { signal, timeoutMs: 0 });
    },
    onMessage: onChange,
  });
  const isTasksLive = tasks.state.kind === "live" || tasks.state.kind === "connecting";

  return (
    <>
      <ViewStreamNote {...(isTasksLive ? events : tasks)} />
      <h1>
        Trace <Foreign text={correlationId} />
      </h1>
      <FailureNote failure={failure} onRetry={reload} />
      {isOld && (
        <p class="notice">
          It has changed since it was read.{" "}
          <button type="button" onClick={readAnew}>
            Read it anew
          </button>
        </p>
      )}
      {value === null
        ? isLoading && <p class="empty">Loading.</p>
        : value.entries.length === 0
          ? value.missing.length === 0 && (
              <p class="empty">Nothing has this correlation id. What is past its retention is deleted.</p>
            )
          : null}
      {value !== null && <Shown trace={value} route={route} />}
    </>
  );
}

function Shown({ trace, route }: { readonly trace: Trace; readonly route: Route }) {
  const { entries, cut, missing } = trace;
  const kind = route.query.get("kind") ?? "";
  const state = route.query.get("state") ?? "";
  const nodes = useMemo(() => traceTree(entries), [entries]);
  const matching = nodes.filter(
    ({ entry }) => (kind === "" || entry.kind === kind) && (state === "" || entry.state === state),
  );
  const page = Math.max(0, Math.trunc(Number(pageOf(route))) || 0);
  const shown = matching.slice(page * pageSize, (page + 1) * pageSize);
  const attempts = useAttempts(shown.map(({ entry }) => entry));
  // Of what is shown: a filter or a page makes room for it.
  const shownEntries = shown.map(({ entry }) => entry);
  // Where nothing runs the clock changes nothing.
  const now = shownEntries.some(({ isRunning }) => isRunning) ? nowMs.value : nowMs.peek();
  const axis = axisOf(shownEntries, now);
  if (entries.length === 0) return <Missing texts={missing} />;
  return (
    <>
      <Missing texts={missing} />
      {cut.map((name) => (
        <p key={name} class="muted">
          Only the newest {count(mostOfAKind)} {name} are shown.
        </p>
      ))}
      <TraceFilters route={route} kind={kind} state={state} states={[...new Set(entries.map((each) => each.state))]} />
      <p class="muted">
        {counted(entries.length, "entry", "entries")}
        {matching.length < entries.length && `, ${count(matching.length)} of them match`}
        {matching.length > shown.length &&
          `; ${count(page * pageSize + 1)} to ${count(page * pageSize + shown.length)} are shown`}
        . From {dateTime(axis.fromMs)}, {scaleText(axis.toMs - axis.fromMs)} long.{" "}
        <CopyButton text={route.path[1] ?? ""} label="Copy id" />
      </p>
      <TraceTable nodes={shown} axis={axis} attempts={attempts} now={now} />
      <Pager route={route} next={(page + 1) * pageSize < matching.length ? `${page + 1}` : ""} />
    </>
  );
}

function Missing({ texts }: { readonly texts: readonly string[] }) {
  return (
    <>
      {texts.map((text) => (
        <p key={text} class="failure">
          {text}
        </p>
      ))}
    </>
  );
}

interface TraceFiltersProps {
  readonly route: Route;
  readonly kind: string;
  readonly state: string;
  readonly states: readonly string[];
}

function TraceFilters({ route, kind, state, states }: TraceFiltersProps) {
  function change(changed: { readonly kind?: string; readonly state?: string }): void {
    navigate(href(route.path, { kind, state, ...changed }), "replace");
  }
  return (
    <search class="filters">
      <Choice label="Kind" value={kind} values={entryKinds} onChange={(word) => change({ kind: word })} />
      <Choice
        label="State"
        value={state}
        values={states.filter((word) => word !== "").sort()}
        onChange={(word) => change({ state: word })}
      />
    </search>
  );
}

interface ChoiceProps {
  readonly label: string;
  /** Empty: any. */
  readonly value: string;
  readonly values: readonly string[];
  onChange(value: string): void;
}

function Choice({ label, value, values, onChange }: ChoiceProps) {
  return (
    <label class="filter">
      {label}
      <select value={value} onChange={({ currentTarget }) => onChange(currentTarget.value)}>
        <option value="">any</option>
        {values.map((each) => (
          <option key={each} value={each}>
            {each}
          </option>
        ))}
      </select>
    </label>
  );
}
