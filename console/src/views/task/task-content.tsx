import { type Task, TaskState } from "../../../../gen/sitq/v1/task_pb.js";
import { mayReadContent } from "../../live/rights.ts";
import { Foreign } from "../../ui/foreign.tsx";
import { PayloadView } from "../../ui/payload-view.tsx";
import { type Column, Table } from "../../ui/table.tsx";

const columns: readonly Column<readonly [string, string]>[] = [
  { title: "Name", cell: ([name]) => <Foreign text={name} /> },
  { title: "Value", cell: ([, value]) => <Foreign text={value} most={2_000} /> },
];

/** What a task holds: its payload, what came of it, its headers. */
export function TaskContent({ task }: { readonly task: Task }) {
  const { id, queue, state, payload, result, damagedFields } = task;
  const isHidden = !mayReadContent(queue);
  const headers = Object.entries(task.headers);
  const isDamaged = damagedFields.includes("payload");
  return (
    <>
      {isHidden && (
        <p class="why-not">
          Your grants do not cover content: payloads, results, headers and texts of errors of this queue are left out.
        </p>
      )}
      <h2>Payload</h2>
      <PayloadView payload={payload} isHidden={isHidden} isDamaged={isDamaged} name={`payload-of-${id}`} />
      {state === TaskState.COMPLETED && (
        <>
          <h2>Result</h2>
          <PayloadView
            payload={result}
            isHidden={isHidden}
            isDamaged={damagedFields.includes("result")}
            name={`result-of-${id}`}
          />
        </>
      )}
      {isDamaged && <p class="failure">Its headers are damaged with it, and left out.</p>}
      {headers.length > 0 && (
        <>
          <h2>Headers</h2>
          <Table caption="Headers" columns={columns} rows={headers} rowKey={([name]) => name} empty="" />
        </>
      )}
    </>
  );
}
