import { useState } from "preact/hooks";
import { type PurgeQueueResponse, QueueService } from "../../../../gen/sitq/v1/queue_service_pb.js";
import { TaskState } from "../../../../gen/sitq/v1/task_pb.js";
import { whyNot } from "../../live/rights.ts";
import { rpc } from "../../rpc/clients.ts";
import { type Failure, failureOf } from "../../rpc/errors.ts";
import { ActionButton, WhyNot } from "../../ui/action-button.tsx";
import { ask } from "../../ui/confirm.tsx";
import { FailureNote } from "../../ui/failure-note.tsx";
import { Foreign } from "../../ui/foreign.tsx";
import { notify } from "../../ui/notices.tsx";
import { counted } from "../../ui/text.ts";
import { useGone } from "../../ui/use-gone.ts";

const { BLOCKED, SCHEDULED, PENDING, COMPLETED, FAILED, CANCELLED } = TaskState;

const selections = [
  ["finished", "finished tasks", [COMPLETED, FAILED, CANCELLED]],
  ["failed", "failed tasks", [FAILED]],
  ["waiting", "tasks that wait", [BLOCKED, SCHEDULED, PENDING]],
  ["all", "all tasks that do not run", []],
] as const;

/** Deletes tasks of a queue, after they were counted and that was confirmed. */
export function Purge({ name, onChanged }: { readonly name: string; onChanged(): void }) {
  const [wanted, setWanted] = useState("finished");
  const [isCounting, setCounting] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);
  const gone = useGone();
  const why = whyNot(QueueService.method.purgeQueue, { queues: [name] });
  const [, words, states] = selections.find(([each]) => each === wanted) ?? selections[0];

  async function count(): Promise<void> {
    setCounting(true);
    setFailure(null);
    try {
      const counted = await rpc.queues.purgeQueue({ name, states: [...states], dryRun: true }, { signal: gone });
      if (gone.aborted) return;
      if (counted.taskCount === 0n) notify(`The queue ${name} has no ${words}.`);
      else askToPurge({ name, words, states, counted, onChanged });
    } catch (error) {
      setFailure(failureOf(error));
    } finally {
      setCounting(false);
    }
  }

  return (
    <section class="purge" aria-label="Delete tasks">
      <div class="buttons">
        <label class="filter">
          Delete
          <select value={wanted} onChange={(event) => setWanted(event.currentTarget.value)}>
            {selections.map(([each, word]) => (
              <option key={each} value={each}>
                {word}
              </option>
            ))}
          </select>
        </label>
        <ActionButton
          label={isCounting ? "Counting" : "Count and delete"}
          kind="danger"
          why={isCounting ? "They are being counted." : why}
          onClick={() => void count()}
        />
      </div>
      <WhyNot why={why} />
      <FailureNote failure={failure} />
    </section>
  );
}

interface ToPurge {
  readonly name: string;
  readonly words: string;
  readonly states: readonly TaskState[];
  readonly counted: PurgeQueueResponse;
  onChanged(): void;
}

function askToPurge({ name, words, states, counted: { taskCount, skipped, errorTypes }, onChanged }: ToPurge): void {
  const tasks = counted(taskCount, "task");
  ask({
    title: `Delete ${tasks} of ${name}?`,
    body: (
      <>
        <p>All {words} are deleted for good, with payloads, results and errors. What comes meanwhile is deleted too.</p>
        {errorTypes.length > 0 && (
          <ul>
            {errorTypes.map((each) => (
              <li key={each.errorType}>
                {counted(each.taskCount, "task")}{" "}
                {each.errorType === "" ? (
                  "without a type of error"
                ) : (
                  <>
                    with the error <Foreign text={each.errorType} most={200} />
                  </>
                )}
              </li>
            ))}
          </ul>
        )}
        {skipped.map((each) => (
          <p key={each.reason}>
            {counted(each.taskCount, "task")} stay: <code>{each.reason}</code>
          </p>
        ))}
      </>
    ),
    action: `Delete ${tasks}`,
    isDestructive: true,
    async run({ signal }) {
      const done = await rpc.queues.purgeQueue({ name, states: [...states] }, { timeoutMs: 600_000, signal });
      onChanged();
      return `${counted(done.taskCount, "task")} of ${name} deleted.`;
    },
  });
}
