import { signal } from "@preact/signals";
import { QueueService } from "../../../../gen/sitq/v1/queue_service_pb.js";
import { type Task, TaskState } from "../../../../gen/sitq/v1/task_pb.js";
import { mayReadContent, whyNot } from "../../live/rights.ts";
import { rpc } from "../../rpc/clients.ts";
import { ActionButton } from "../../ui/action-button.tsx";
import { CommandLine } from "../../ui/command-line.tsx";
import { ask } from "../../ui/confirm.tsx";
import { askToRerun } from "./ask-to-rerun.tsx";
import { askToUpdate } from "./ask-to-update.tsx";
import { isFinished, isWaiting } from "./task-states.ts";

interface TaskActionsProps {
  readonly task: Task;
  readonly onChanged: () => void;
}

/** What can be done with a task in its state. */
export function TaskActions({ task, onChanged }: TaskActionsProps) {
  const { state, attempt, queue } = task;
  const { retryTask, cancelTask, deleteTask, rerunTask, updateTask } = QueueService.method;
  const touched = { queues: [queue] };
  const isRetry = state === TaskState.SCHEDULED && attempt > 0;
  const canRetry = state === TaskState.FAILED || state === TaskState.CANCELLED || isRetry;
  return (
    <div class="buttons">
      {canRetry && (
        <ActionButton
          label={isRetry ? "Retry now" : "Retry"}
          kind="primary"
          why={whyNot(retryTask, touched)}
          onClick={() => askToRetry(task, isRetry, onChanged)}
        />
      )}
      {isFinished(state) && (
        <ActionButton
          label="Run again…"
          why={whyNot(rerunTask, touched)}
          onClick={() => askToRerun(task, mayReadContent(queue))}
        />
      )}
      {isWaiting(state) && (
        <ActionButton label="Change…" why={whyNot(updateTask, touched)} onClick={() => askToUpdate(task, onChanged)} />
      )}
      {!isFinished(state) && (
        <ActionButton label="Cancel" why={whyNot(cancelTask, touched)} onClick={() => askToCancel(task, onChanged)} />
      )}
      {state !== TaskState.RUNNING && (
        <ActionButton label="Delete" why={whyNot(deleteTask, touched)} onClick={() => askToDelete(task, onChanged)} />
      )}
    </div>
  );
}

function askToRetry({ id, maxAttempts, attempt }: Task, isRetry: boolean, onChanged: () => void): void {
  ask({
    title: isRetry ? `Retry task ${id} now?` : `Retry task ${id}?`,
    body: (
      <>
        <p>
          {isRetry
            ? "Its next attempt, which waits for its time, is brought forward to now."
            : `It comes into line again with fresh attempts. ${attempt} of ${maxAttempts} are used.`}
        </p>
        <CommandLine command={`sitq retry ${id}`} />
      </>
    ),
    action: isRetry ? "Retry it now" : "Retry it",
    async run({ signal: stop }) {
      await rpc.queues.retryTask({ taskId: id }, { signal: stop });
      onChanged();
      return "The task is retried.";
    },
  });
}

function askToCancel({ id, state, workerId }: Task, onChanged: () => void): void {
  const reason = signal("");
  const isRunning = state === TaskState.RUNNING;
  function Body() {
    return (
      <>
        <p>
          {isRunning
            ? `Its handler on ${workerId} is told to stop. What it has done until then stays done.`
            : "It is not started any more. What waits for it is not started either."}
        </p>
        <label class="field">
          Reason
          <input
            maxLength={1_000}
            value={reason.value}
            onInput={({ currentTarget }) => {
              reason.value = currentTarget.value;
            }}
          />
        </label>
      </>
    );
  }
  ask({
    title: `Cancel task ${id}?`,
    body: <Body />,
    action: "Cancel it",
    isDestructive: true,
    async run({ signal: stop }) {
      await rpc.queues.cancelTask({ taskId: id, reason: reason.value }, { signal: stop });
      onChanged();
      return "The task is cancelled.";
    },
  });
}

function askToDelete({ id }: Task, onChanged: () => void): void {
  ask({
    title: `Delete task ${id}?`,
    body: (
      <>
        <p>It is gone with its payload, result and errors. This cannot be undone.</p>
        <CommandLine command={`sitq delete ${id}`} />
      </>
    ),
    action: "Delete it",
    isDestructive: true,
    async run({ signal: stop }) {
      await rpc.queues.deleteTask({ taskId: id }, { signal: stop });
      onChanged();
      return "The task is deleted.";
    },
  });
}
