import { AttemptOutcome, type TaskAttempt } from "../../../../gen/sitq/v1/task_pb.js";
import { Took } from "../../ui/age.tsx";
import { Foreign } from "../../ui/foreign.tsx";
import { type Column, Table } from "../../ui/table.tsx";
import { TaskErrorView } from "../../ui/task-error.tsx";
import { enumName } from "../../ui/text.ts";
import { TimeOf } from "../../ui/time-of.tsx";

const columns: readonly Column<TaskAttempt>[] = [
  { title: "Attempt", cell: ({ attempt }) => attempt, align: "end" },
  { title: "Outcome", cell: ({ outcome }) => (isRunning(outcome) ? "runs" : enumName(AttemptOutcome, outcome)) },
  { title: "Worker", cell: ({ workerId }) => <Foreign text={workerId} most={100} /> },
  { title: "Started", cell: ({ startTime }) => <TimeOf at={startTime} />, isExtra: true },
  {
    title: "Took",
    cell: ({ startTime, finishTime, outcome }) => (
      <Took from={startTime} to={finishTime} isRunning={isRunning(outcome)} />
    ),
    align: "end",
  },
  { title: "Error", cell: ({ error }) => <TaskErrorView error={error} /> },
];

/** The attempts of a task, the newest first. */
export function AttemptTable({ attempts }: { readonly attempts: readonly TaskAttempt[] }) {
  return (
    <Table
      caption="Attempts"
      columns={columns}
      rows={attempts.toReversed()}
      // The number of a released attempt is used again.
      rowKey={({ attempt, startTime }) => `${attempt} ${startTime?.seconds} ${startTime?.nanos}`}
      empty="It was not handed out yet."
    />
  );
}

function isRunning(outcome: AttemptOutcome): boolean {
  return outcome === AttemptOutcome.UNSPECIFIED;
}
