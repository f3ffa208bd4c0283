import { useState } from "preact/hooks";
import { overview, overviewState } from "../../live/overview.ts";
import { count, rate } from "../../ui/text.ts";
import { ProblemList } from "./problem-list.tsx";
import { inOrder } from "./queue-order.ts";
import { QueueTable } from "./queue-table.tsx";

/** How many queues are shown. */
const mostQueues = 200;

/** Everything at a glance: what is wrong, and the queues, those first that stand still. */
export function NowView() {
  const [name, setName] = useState("");
  const { totals, problems, queues } = overview.value;
  if (totals === null) {
    return <p class="empty">{overviewState.value.kind === "broken" ? "Waiting for the server." : "Loading."}</p>;
  }
  const wanted = name.trim().toLowerCase();
  const matching = [...queues.values()].filter((queue) => queue.name.toLowerCase().includes(wanted));
  const shown = inOrder(matching).slice(0, mostQueues);
  return (
    <>
      <h1>Now</h1>
      <dl class="figures">
        <Figure name="waiting" value={count(totals.pending)} />
        <Figure name="running" value={count(totals.running)} />
        <Figure name="scheduled" value={count(totals.scheduled)} />
        <Figure name="failed" value={count(totals.failed)} />
        <Figure name="in a second" value={rate(totals.enqueueRate)} />
        <Figure name="done a second" value={rate(totals.finishRate)} />
        <Figure name="workers" value={count(totals.workers)} />
        <Figure name="in use" value={`${count(totals.inFlight)} of ${count(totals.capacity)}`} />
      </dl>
      <ProblemList problems={problems} />
      <h2>Queues</h2>
      <label class="filter">
        Name contains
        <input type="search" value={name} maxLength={100} onInput={(event) => setName(event.currentTarget.value)} />
      </label>
      <QueueTable queues={shown} />
      {matching.length > shown.length && (
        <p class="muted">
          {count(shown.length)} of {count(matching.length)} queues are shown: those that stand still first, then those
          in which most waits.
        </p>
      )}
    </>
  );
}

function Figure({ name, value }: { readonly name: string; readonly value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}
