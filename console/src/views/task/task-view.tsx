import { useEffect, useRef } from "preact/hooks";
import { QueueService, type WatchTasksResponse } from "../../../../gen/sitq/v1/queue_service_pb.js";
import { type Task, TaskState } from "../../../../gen/sitq/v1/task_pb.js";
import { everyAtMost } from "../../live/every-at-most.ts";
import { useLive } from "../../live/use-live.ts";
import { useStream } from "../../live/use-stream.ts";
import type { Route } from "../../route.ts";
import { rpc } from "../../rpc/clients.ts";
import { grpcurlLine } from "../../rpc/grpcurl.ts";
import { ViewStreamNote } from "../../shell/stream-note.tsx";
import { CommandLine } from "../../ui/command-line.tsx";
import { CopyButton } from "../../ui/copy-button.tsx";
import { FailureNote } from "../../ui/failure-note.tsx";
import { Foreign } from "../../ui/foreign.tsx";
import { TaskStateMark } from "../../ui/state-mark.tsx";
import { TaskErrorView } from "../../ui/task-error.tsx";
import { useLoad } from "../../ui/use-load.ts";
import { AttemptTable } from "./attempt-table.tsx";
import { LifeLine } from "./life-line.tsx";
import { RelatedTasks } from "./related-tasks.tsx";
import { stationsOf } from "./stations.ts";
import { TaskActions } from "./task-actions.tsx";
import { TaskContent } from "./task-content.tsx";
import { TaskFacts } from "./task-facts.tsx";
import { TaskProgressBar } from "./task-progress.tsx";
import { isWaiting } from "./task-states.ts";
import { WhyNotRunning } from "./why-not-running.tsx";

/** How often a task is read at most: its handler may report progress many times a second. */
const leastMs = 1_000;

/** One task: `#/task/ID`. It is live. */
export function TaskView({ route: { path } }: { readonly route: Route }) {
  const id = path[1] ?? "";
  const read = useLoad(`task ${id}`, (signal) => rpc.queues.getTask({ taskId: id }, { signal }));
  const why = useLoad(`why ${id}`, (signal) => rpc.queues.explainTask({ taskId: id }, { signal }));
  const task = read.value?.task;
  const reload = useRef<() => void>(() => undefined);
  reload.current = () => {
    read.reload();
    why.reload();
  };
  const reread = useRef(everyAtMost(leastMs, () => reload.current()));
  useEffect(() => () => reread.current.stop(), []);
  const stream = useStream<WatchTasksResponse>(task === undefined ? null : id, {
    open: (signal) => rpc.queues.watchTasks({ taskIds: [id] }, { signal, timeoutMs: 0 }),
    // The first message is empty: the task is read once more, since it may have changed before the watch began.
    onMessage: () => reread.current.ask(),
  });

  if (task === undefined) {
    return (
      <>
        <h1>Task</h1>
        <FailureNote failure={read.failure} onRetry={read.reload} />
        {read.isLoading && <p class="empty">Loading.</p>}
      </>
    );
  }
  const isDeleted = read.failure?.reason === "TASK_NOT_FOUND";
  return (
    <>
      <ViewStreamNote {...stream} />
      {isDeleted ? (
        <p class="failure" role="alert">
          The task was deleted. What is shown is how it was last.
        </p>
      ) : (
        <FailureNote failure={read.failure} onRetry={read.reload} />
      )}
      {isWaiting(task.state) && !isDeleted && <FollowQueue queue={task.queue} reload={why.reload} />}
      <Shown
        task={task}
        explanation={why.value?.explanation}
        isDeleted={isDeleted}
        onChanged={() => reload.current()}
      />
    </>
  );
}

/** Why a task waits changes with its queue: when a worker comes, or others are done. */
function FollowQueue({ queue, reload }: { readonly queue: string; readonly reload: () => void }) {
  useLive(reload, queue);
  return null;
}

interface ShownProps {
  readonly task: Task;
  readonly explanation: Parameters<typeof stationsOf>[1];
  readonly isDeleted: boolean;
  readonly onChanged: () => void;
}

function Shown({ task, explanation, isDeleted, onChanged }: ShownProps) {
  const { id, type, state, lastError, correlationId } = task;
  return (
    <>
      <div class="title">
        <h1>
          <Foreign text={type} /> <TaskStateMark state={state} />
        </h1>
        {!isDeleted && <TaskActions task={task} onChanged={onChanged} />}
      </div>
      <p class="id">
        <code>{id}</code> <CopyButton text={id} label="Copy id" />
      </p>
      <LifeLine stations={stationsOf(task, explanation)} />
      <p class="unseen" role="status">
        The task is {TaskState[state]?.toLowerCase()}.
      </p>
      {state === TaskState.RUNNING && task.progress !== undefined && <TaskProgressBar progress={task.progress} />}
      {isWaiting(state) && explanation !== undefined && explanation.message !== "" && (
        <WhyNotRunning taskId={id} explanation={explanation} />
      )}
      {lastError !== undefined && state !== TaskState.COMPLETED && (
        <section>
          <h2>{state === TaskState.CANCELLED ? "Why it was cancelled" : "The last error"}</h2>
          <TaskErrorView error={lastError} />
        </section>
      )}
      <h2>About it</h2>
      <TaskFacts task={task} />
      <TaskContent task={task} />
      <h2>Attempts</h2>
      <AttemptTable attempts={task.attempts} />
      {correlationId !== "" && <RelatedTasks task={task} />}
      <details class="same">
        <summary>The same by command</summary>
        <CommandLine command={`sitq get ${id}`} />
        <CommandLine command={grpcurlLine(QueueService.method.getTask, { taskId: id })} />
      </details>
    </>
  );
}
