import { TaskOrder } from "../../../../gen/sitq/v1/queue_service_pb.js";
import { type Task, TaskState } from "../../../../gen/sitq/v1/task_pb.js";
import { rpc } from "../../rpc/clients.ts";
import { Age } from "../../ui/age.tsx";
import { FailureNote } from "../../ui/failure-note.tsx";
import { TaskLink, TraceLink } from "../../ui/links.tsx";
import { ShortName } from "../../ui/short-name.tsx";
import { TaskStateMark } from "../../ui/state-mark.tsx";
import { type Column, Table } from "../../ui/table.tsx";
import { useLoad } from "../../ui/use-load.ts";
import { tasksHref } from "../tasks/task-query.ts";

const mostTasks = 20;

/** The tasks that share a task's correlation id: what caused it, and what it set off. */
export function RelatedTasks({ task: { id, correlationId } }: { readonly task: Task }) {
  const { value, failure, reload } = useLoad(`related ${correlationId}`, (signal) =>
    rpc.queues.listTasks(
      { filter: { correlationId }, order: TaskOrder.OLDEST_FIRST, pageSize: mostTasks + 1 },
      { signal },
    ),
  );
  const others = value?.tasks.filter((task) => task.id !== id) ?? [];
  const columns: readonly Column<Task>[] = [
    { title: "Task", cell: (task) => <TaskLink id={task.id} /> },
    { title: "Queue", cell: (task) => <ShortName text={task.queue} /> },
    { title: "Type", cell: (task) => <ShortName text={task.type} /> },
    { title: "State", cell: (task) => <TaskStateMark state={task.state} /> },
    { title: "Age", cell: (task) => <Age at={task.createTime} />, align: "end", isExtra: true },
    { title: "Relation", cell: (task) => relationOf(task, id) },
  ];
  return (
    <section>
      <h2>With the same correlation id</h2>
      <p>
        Everything, with events and workflows: <TraceLink correlationId={correlationId} />
      </p>
      <FailureNote failure={failure} onRetry={reload} />
      {value !== null && (
        <Table
          caption="Tasks with the same correlation id"
          columns={columns}
          rows={others.slice(0, mostTasks)}
          rowKey={(task) => task.id}
          empty="No other task has it."
        />
      )}
      {(value?.nextPageToken ?? "") !== "" && (
        <p>
          <a href={tasksHref({ texts: { "correlation-id": correlationId }, oldestFirst: true })}>All of them</a>
        </p>
      )}
    </section>
  );
}

/** What a task is to another one. Ids sort by time of creation. */
function relationOf({ id, origin, state }: Task, of: string): string {
  if (origin?.rerunOfTaskId === of) return "this one, run again";
  const words = id < of ? "before it" : "after it";
  return state === TaskState.BLOCKED ? `${words}, waits for others` : words;
}
