import type { FailureGroup } from "../../../../gen/sitq/v1/queue_service_pb.js";
import { useLive } from "../../live/use-live.ts";
import { href } from "../../route.ts";
import { rpc } from "../../rpc/clients.ts";
import { Age } from "../../ui/age.tsx";
import { FailureNote } from "../../ui/failure-note.tsx";
import { Foreign } from "../../ui/foreign.tsx";
import { type Column, Table } from "../../ui/table.tsx";
import { count } from "../../ui/text.ts";
import { useLoad } from "../../ui/use-load.ts";
import { tasksHref } from "../tasks/task-query.ts";

/** How many kinds are shown. */
const mostShown = 20;

const columns: readonly Column<FailureGroup>[] = [
  { title: "Task type", cell: ({ taskType }) => taskType },
  {
    title: "Error",
    cell: ({ errorType }) => (errorType === "" ? <em>without a type</em> : <Foreign text={errorType} />),
  },
  { title: "Tasks", cell: Count, align: "end" },
  { title: "First", cell: ({ firstTime }) => <Age at={firstTime} suffix=" ago" />, align: "end", isExtra: true },
  { title: "Last", cell: ({ lastTime }) => <Age at={lastTime} suffix=" ago" />, align: "end" },
  { title: "For example", cell: Sample },
];

/** The kinds of failures of a queue's tasks, largest first. */
export function QueueFailures({ name }: { readonly name: string }) {
  const { value, failure, reload } = useLoad(name, async (signal) => {
    const { failures, nextPageToken } = await rpc.queues.listFailures({ queue: name, pageSize: mostShown }, { signal });
    return { failures, hasMore: nextPageToken !== "" };
  });
  useLive(reload);
  return (
    <>
      <h2>Failures</h2>
      <FailureNote failure={failure} onRetry={reload} />
      {value !== null && (
        <Table
          caption="Kinds of failures"
          columns={columns}
          rows={value.failures}
          rowKey={({ taskType, errorType }) => `${taskType} ${errorType}`}
          empty="No failed task is kept."
        />
      )}
      {value?.hasMore && (
        <p>
          <a href={href(["failures"], { queue: name })}>All kinds of failures</a>
        </p>
      )}
    </>
  );
}

function Count({ queue, taskType, errorType, taskCount }: FailureGroup) {
  const to = tasksHref({ texts: { queue, type: taskType }, states: ["failed"], error: errorType });
  return <a href={to}>{count(taskCount)}</a>;
}

function Sample({ sampleTaskId, sampleMessage }: FailureGroup) {
  if (sampleTaskId === "") return <span class="muted">–</span>;
  return (
    <a href={href(["task", sampleTaskId])}>
      <Foreign text={sampleMessage === "" ? sampleTaskId : sampleMessage} most={160} />
    </a>
  );
}
