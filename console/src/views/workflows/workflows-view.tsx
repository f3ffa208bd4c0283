import type { Workflow } from "../../../../gen/sitq/v1/workflow_service_pb.js";
import { parseDuration } from "../../../../src/contract/duration.ts";
import { useLive } from "../../live/use-live.ts";
import { href, navigate, type Route } from "../../route.ts";
import { rpc } from "../../rpc/clients.ts";
import { Age } from "../../ui/age.tsx";
import { FailureNote } from "../../ui/failure-note.tsx";
import { Foreign } from "../../ui/foreign.tsx";
import { TraceLink, WorkflowLink } from "../../ui/links.tsx";
import { Pager, pageOf } from "../../ui/pager.tsx";
import { compensationWords, WorkflowStateMark } from "../../ui/state-mark.tsx";
import { type Column, Table } from "../../ui/table.tsx";
import { msOf, span } from "../../ui/text.ts";
import { useLoad } from "../../ui/use-load.ts";
import { Why } from "../../ui/why.tsx";
import { stateOfWord, type WorkflowQuery, workflowFilterOf, workflowQueryOf } from "./workflow-query.ts";

const pageSize = 50;

const columns: readonly Column<Workflow>[] = [
  { title: "Workflow", cell: ({ id }) => <WorkflowLink id={id} /> },
  { title: "Name", cell: ({ name }) => <Foreign text={name} /> },
  { title: "State", cell: ({ state }) => <WorkflowStateMark state={state} /> },
  { title: "Age", cell: ({ createTime }) => <Age at={createTime} />, align: "end" },
  { title: "Took", cell: Took, align: "end" },
  { title: "Waits for, or why it ended", cell: Remark },
  {
    title: "Correlation",
    cell: ({ id, correlationId }) => (correlationId === id ? "" : <TraceLink correlationId={correlationId} />),
    isExtra: true,
  },
];

/** The columns where only those are listed that are stuck. */
const stuckColumns: readonly Column<Workflow>[] = columns.map((column) =>
  column.title === "Took"
    ? { title: "Stuck for", cell: ({ waitingSinceTime }) => <Age at={waitingSinceTime} />, align: "end" }
    : column,
);

/** Workflows, newest first: how they are, and what each waits for. */
export function WorkflowsView({ route }: { readonly route: Route }) {
  const { query } = route;
  const wanted = workflowQueryOf(query);
  const pageToken = pageOf(route);
  const { value, failure, isLoading, reload } = useLoad(`workflows?${query}`, (signal) =>
    rpc.workflows.listWorkflows({ filter: workflowFilterOf(wanted), pageSize, pageToken }, { signal }),
  );
  // A step that goes on changes the counts of its queue.
  useLive(reload);
  const isStuck = wanted.stuck !== "";
  return (
    <>
      <h1>Workflows</h1>
      <WorkflowFilters query={wanted} />
      {isStuck && parseDuration(wanted.stuck.trim()) === undefined && (
        <p class="failure">“{wanted.stuck}” is no duration: write 10m, 1h30m or 2d. All workflows are shown.</p>
      )}
      <FailureNote failure={failure} onRetry={reload} />
      {value === null ? (
        isLoading && <p class="empty">Loading.</p>
      ) : (
        <>
          <Table
            caption="Workflows"
            columns={isStuck ? stuckColumns : columns}
            rows={value.workflows}
            rowKey={({ id }) => id}
            empty={
              value.nextPageToken === ""
                ? isStuck
                  ? "No workflow is stuck for so long."
                  : "There is no such workflow."
                : "None on this page: go on to the next one."
            }
          />
          <Pager route={route} next={value.nextPageToken} />
        </>
      )}
    </>
  );
}

function WorkflowFilters({ query }: { readonly query: WorkflowQuery }) {
  function change(changed: Partial<WorkflowQuery>): void {
    navigate(href(["workflows"], { ...query, ...changed }), "replace");
  }
  return (
    <search class="filters">
      <label class="filter">
        Name
        <input type="search" value={query.name} onChange={({ currentTarget: { value } }) => change({ name: value })} />
      </label>
      <label class="filter">
        State
        <select
          value={query.state.length === 1 ? query.state[0] : ""}
          onChange={({ currentTarget: { value } }) => change({ state: value === "" ? [] : [value] })}
        >
          <option value="">{query.state.length > 1 ? query.state.join(", ") : "any"}</option>
          {[...stateOfWord.keys()].map((word) => (
            <option key={word} value={word}>
              {word}
            </option>
          ))}
        </select>
      </label>
      <label class="filter">
        Stuck for
        <input
          size={6}
          value={query.stuck}
          placeholder="10m"
          onChange={({ currentTarget: { value } }) => change({ stuck: value.trim() })}
        />
      </label>
      <label class="filter">
        Correlation id
        <input
          type="search"
          value={query.correlation}
          onChange={({ currentTarget: { value } }) => change({ correlation: value })}
        />
      </label>
    </search>
  );
}

function Took({ duration }: Workflow) {
  const ms = msOf(duration);
  return ms === null ? <span class="muted">–</span> : span(ms);
}

function Remark({ failure, compensationState, wait }: Workflow) {
  const compensation = compensationWords(compensationState);
  return (
    <>
      {failure !== undefined && (
        <>
          {failure.stepId !== "" && <strong>{failure.stepId}: </strong>}
          <Foreign text={failure.error?.message || failure.error?.type || "cancelled"} most={160} />
        </>
      )}
      {compensation !== "" && <span class="muted"> {compensation}</span>}
      {wait !== undefined && (
        <div>
          <strong>{wait.isCompensation ? `the compensation of ${wait.stepId}` : wait.stepId}: </strong>
          <Why explanation={wait.explanation} />
        </div>
      )}
    </>
  );
}
