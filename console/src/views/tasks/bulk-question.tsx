import type { ComponentChildren } from "preact";
import { ask } from "../../ui/confirm.tsx";
import { Foreign } from "../../ui/foreign.tsx";
import { notify } from "../../ui/notices.tsx";
import { count, counted } from "../../ui/text.ts";
import {
  type BulkAnswer,
  type BulkKind,
  bulkKinds,
  changeEach,
  changeMatching,
  type Filter,
  outcomeWords,
} from "./bulk.ts";

const meanings = {
  retry: "Each gets fresh attempts and is handed out in the order of its creation.",
  cancel: "What waits is not started. A handler that runs is told to stop, and what it still reports is refused.",
  delete: "They are gone with their payloads, results and errors. This cannot be undone.",
} as const;

/** Asks before something is done with the tasks of some ids. */
export function askForEach(kind: BulkKind, ids: readonly string[], onDone: () => void): void {
  const { verb } = bulkKinds[kind];
  ask({
    title: `${verb} ${counted(ids.length, "task")}?`,
    body: <p>{meanings[kind]}</p>,
    action: `${verb} ${counted(ids.length, "task")}`,
    isDestructive: kind !== "retry",
    async run(work) {
      try {
        return await changeEach(kind, ids, work);
      } finally {
        onDone();
      }
    },
  });
}

/**
 * Counts the tasks of a filter, and asks before something is done with them.
 *
 * @param words what the filter is, for who reads the question
 * @param gone aborted where the question would come too late
 */
export async function askForMatching(
  kind: BulkKind,
  filter: Filter,
  words: ComponentChildren,
  onDone: () => void,
  gone: AbortSignal,
): Promise<void> {
  const { verb } = bulkKinds[kind];
  const counts = await changeMatching(kind, filter, true, gone);
  if (gone.aborted) return;
  const { taskCount } = counts;
  if (taskCount === 0n) {
    const skipped = counts.skipped.map(({ reason, taskCount: n }) => [reason, n] as const);
    return notify(outcomeWords(kind, 0, skipped));
  }
  ask({
    title: `${verb} ${counted(taskCount, "task")}?`,
    body: <Counts kind={kind} words={words} counts={counts} />,
    action: `${verb} ${counted(taskCount, "task")}`,
    isDestructive: kind !== "retry",
    async run({ signal }) {
      try {
        const answer = await changeMatching(kind, filter, false, signal);
        const skipped = answer.skipped.map(({ reason, taskCount: n }) => [reason, n] as const);
        return outcomeWords(kind, answer.taskCount, skipped);
      } finally {
        onDone();
      }
    },
  });
}

interface CountsProps {
  readonly kind: BulkKind;
  readonly words: ComponentChildren;
  readonly counts: BulkAnswer;
}

function Counts({ kind, words, counts }: CountsProps) {
  const { taskCount, errorTypes, sampleTaskIds, skipped } = counts;
  return (
    <>
      <p>{words}</p>
      {taskCount > 0n && (
        <p>{meanings[kind]} Counted just now: tasks that come to match until it is done are among them.</p>
      )}
      {errorTypes.length > 0 && (
        <>
          <h3>Their errors</h3>
          <ul class="counts">
            {errorTypes.map(({ errorType, taskCount: n }) => (
              <li key={errorType}>
                {count(n)} × {errorType === "" ? "without a type" : <Foreign text={errorType} most={200} />}
              </li>
            ))}
          </ul>
        </>
      )}
      {sampleTaskIds.length > 0 && (
        <p class="samples">
          Such as <Ids ids={sampleTaskIds} />
        </p>
      )}
      {skipped.map(({ reason, taskCount: n, sampleTaskIds: ids }) => (
        <p key={reason} class="samples">
          {counted(n, "task")} {n === 1n ? "is" : "are"} skipped with <code>{reason}</code>, such as <Ids ids={ids} />
        </p>
      ))}
    </>
  );
}

/** Ids to read: the page behind a question does not change. */
function Ids({ ids }: { readonly ids: readonly string[] }) {
  return <code>{ids.join(" ")}</code>;
}
