import { useEffect, useRef } from "preact/hooks";
import type { OverviewTotals } from "../../../../gen/sitq/v1/monitor_service_pb.js";
import { firstShown, overview, overviewState, showQueues } from "../../live/overview.ts";
import { href, navigate, type Route } from "../../route.ts";
import { Figures } from "../../ui/figures.tsx";
import { count, rate } from "../../ui/text.ts";
import { type StateWord, tasksHref } from "../tasks/task-query.ts";
import { inOrder } from "./hindrance.ts";
import { ProblemList } from "./problem-list.tsx";
import { QueueTable } from "./queue-table.tsx";
import { ServerList } from "./server-list.tsx";

/** The server shows at most so many. */
const mostQueues = 1_000;
/** The longest part of a name that the server takes, in bytes. */
const mostNameBytes = 100;
/** How long one pauses between two letters, in milliseconds: a part of a name is not looked for meanwhile. */
const typingMs = 200;

/** Everything at a glance: what is wrong, and the queues, those with problems first. The address: `#/now?name=PART&show=400`. */
export function NowView({ route: { query } }: { readonly route: Route }) {
  const name = query.get("name") ?? "";
  const most = shownOf(query.get("show"));
  const wanted = withinBytes(name.trim(), mostNameBytes);
  const isFirst = useRef(true);

  useEffect(() => {
    const timer = setTimeout(() => showQueues({ most, nameContains: wanted }), isFirst.current ? 0 : typingMs);
    isFirst.current = false;
    return () => clearTimeout(timer);
  }, [most, wanted]);

  const { totals, problems, queues, matching } = overview.value;
  if (totals === null) {
    return <p class="empty">{overviewState.value.kind === "broken" ? "Waiting for the server." : "Loading."}</p>;
  }
  // Those of another part of a name stay until the first of these come.
  const named = [...queues.values()].filter((queue) => queue.name.toLowerCase().includes(wanted.toLowerCase()));
  const shown = inOrder(named).slice(0, most);
  return (
    <>
      <h1>Now</h1>
      <Totals totals={totals} />
      <ProblemList problems={problems} />
      <ServerList />
      <h2>Queues</h2>
      <label class="filter">
        Name contains
        <input
          type="search"
          value={name}
          maxLength={mostNameBytes}
          onInput={({ currentTarget: { value } }) => navigate(href(["now"], { name: value }), "replace")}
        />
      </label>
      <QueueTable
        queues={shown}
        empty={
          wanted === ""
            ? "There is no queue yet. A queue is created by its first task or worker."
            : "There is no queue of such a name."
        }
      />
      {matching > shown.length && shown.length > 0 && (
        <p class="more">
          {count(shown.length)} of {count(matching)} queues are shown, those with problems first, then those with most
          to do.{" "}
          {most < mostQueues && <a href={href(["now"], { name, show: Math.min(most * 2, mostQueues) })}>Show more</a>}
        </p>
      )}
    </>
  );
}

function Totals({ totals }: { readonly totals: OverviewTotals }) {
  return (
    <Figures
      figures={[
        ["queues", count(totals.queues)],
        ["waiting", <TaskCount n={totals.pending} state="pending" />],
        ["running", <TaskCount n={totals.running} state="running" />],
        ["scheduled", <TaskCount n={totals.scheduled} state="scheduled" />],
        ["blocked", <TaskCount n={totals.blocked} state="blocked" />],
        ["failed", <TaskCount n={totals.failed} state="failed" />],
        ["in a second", rate(totals.enqueueRate)],
        ["done a second", rate(totals.finishRate)],
        ["failed a second", rate(totals.failureRate)],
        ["workers", <a href={href(["workers"])}>{count(totals.workers)}</a>],
        ["in use", `${count(totals.inFlight)} of ${count(totals.capacity)}`],
      ]}
    />
  );
}

/** How many tasks are in a state, as a link to them. */
function TaskCount({ n, state }: { readonly n: bigint; readonly state: StateWord }) {
  return <a href={tasksHref({ states: [state] })}>{count(n)}</a>;
}

function shownOf(text: string | null): number {
  const wanted = Number(text);
  return Number.isInteger(wanted) && wanted > firstShown.most ? Math.min(wanted, mostQueues) : firstShown.most;
}

function withinBytes(text: string, most: number): string {
  return text.slice(0, new TextEncoder().encodeInto(text, new Uint8Array(most)).read);
}
