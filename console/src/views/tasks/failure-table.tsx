import { useState } from "preact/hooks";
import { type FailureGroup, QueueService } from "../../../../gen/sitq/v1/queue_service_pb.js";
import { TaskState } from "../../../../gen/sitq/v1/task_pb.js";
import { whyNot } from "../../live/rights.ts";
import { type Failure, failureOf } from "../../rpc/errors.ts";
import { ActionButton } from "../../ui/action-button.tsx";
import { Age } from "../../ui/age.tsx";
import { FailureNote } from "../../ui/failure-note.tsx";
import { Foreign } from "../../ui/foreign.tsx";
import { TaskLink } from "../../ui/links.tsx";
import { ShortName } from "../../ui/short-name.tsx";
import { type Column, Table } from "../../ui/table.tsx";
import { count } from "../../ui/text.ts";
import { useGone } from "../../ui/use-gone.ts";
import { askForMatching } from "./bulk-question.tsx";
import { tasksHref } from "./task-query.ts";

/** What a table of kinds of error shows. */
export interface FailureTableProps {
  readonly failures: readonly FailureGroup[];
  /** The queue that all are of, which then has no column. Empty: they are of several. */
  readonly queue: string;
  onChanged(): void;
}

/** Kinds of error as rows, each of which can be retried as a whole. */
export function FailureTable({ failures, queue, onChanged }: FailureTableProps) {
  const [failure, setFailure] = useState<Failure | null>(null);
  const gone = useGone();

  async function retry({ queue: name, taskType, errorType }: FailureGroup): Promise<void> {
    setFailure(null);
    const words = (
      <>
        All of <Foreign text={name} />, of the type <Foreign text={taskType} />, that failed{" "}
        {errorType === "" ? "without a type of error" : <Foreign text={`with ${errorType}`} />}.
      </>
    );
    const filter = { queue: name, type: taskType, errorType, states: [TaskState.FAILED] };
    try {
      await askForMatching("retry", filter, words, onChanged, gone);
    } catch (error) {
      setFailure(failureOf(error));
    }
  }

  const columns: readonly Column<FailureGroup>[] = [
    { title: "Error", cell: ErrorType, isName: true },
    {
      title: "Tasks",
      cell: (group) => <a href={hrefOf(group)}>{count(group.taskCount)}</a>,
      align: "end",
    },
    ...(queue === "" ? [{ title: "Queue", cell: (group: FailureGroup) => <ShortName text={group.queue} /> }] : []),
    { title: "Type", cell: ({ taskType }) => <ShortName text={taskType} /> },
    { title: "First", cell: ({ firstTime }) => <Age at={firstTime} />, align: "end", isExtra: true },
    { title: "Last", cell: ({ lastTime }) => <Age at={lastTime} />, align: "end" },
    { title: "Example", cell: Sample },
    {
      title: "Action",
      cell: (group) => (
        <ActionButton
          label="Retry"
          of={`all with ${group.errorType === "" ? "an error without a type" : group.errorType}`}
          why={whyNot(QueueService.method.retryTasks, { queues: [group.queue] })}
          onClick={() => void retry(group)}
        />
      ),
    },
  ];
  return (
    <>
      <FailureNote failure={failure} />
      <Table
        caption="Kinds of error"
        columns={columns}
        rows={failures}
        rowKey={({ queue: name, taskType, errorType }) => `${name} ${taskType} ${errorType}`}
        empty="No task that is kept has failed."
      />
    </>
  );
}

function hrefOf({ queue, taskType, errorType }: FailureGroup): string {
  return tasksHref({ texts: { queue, type: taskType }, states: ["failed"], error: errorType });
}

function ErrorType(group: FailureGroup) {
  return <a href={hrefOf(group)}>{group.errorType === "" ? "without a type" : <ShortName text={group.errorType} />}</a>;
}

function Sample({ sampleTaskId, sampleMessage }: FailureGroup) {
  return (
    <>
      <TaskLink id={sampleTaskId} /> <Foreign text={sampleMessage} most={160} />
    </>
  );
}
