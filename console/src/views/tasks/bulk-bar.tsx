import { useState } from "preact/hooks";
import { whyNot } from "../../live/rights.ts";
import { type Failure, failureOf } from "../../rpc/errors.ts";
import { ActionButton } from "../../ui/action-button.tsx";
import { FailureNote } from "../../ui/failure-note.tsx";
import { count } from "../../ui/text.ts";
import { useGone } from "../../ui/use-gone.ts";
import { visible } from "../../ui/visible.ts";
import { type BulkKind, bulkKinds } from "./bulk.ts";
import { askForEach, askForMatching } from "./bulk-question.tsx";
import { nothingSelected, type Selection } from "./selection.ts";
import { filterOptions, type ReadQuery, type StateWord, stateWords, type TaskQuery } from "./task-query.ts";

/** What the bar is made of. */
export interface BulkBarProps {
  readonly query: TaskQuery;
  readonly read: ReadQuery;
  /** Whether all of the filter could be read. */
  readonly isRead: boolean;
  readonly selection: Selection;
  onSelect(selection: Selection): void;
  /** Called when something was done. */
  onDone(): void;
}

/** What can be done with the tasks that are selected. */
export function BulkBar({ query, read, isRead, selection, onSelect, onDone }: BulkBarProps) {
  const [failure, setFailure] = useState<Failure | null>(null);
  const [counting, setCounting] = useState<BulkKind | null>(null);
  const gone = useGone();
  const { chosen } = selection;
  const isAll = chosen === "all";
  const queues = query.texts.queue === undefined ? [] : [query.texts.queue];

  function why(kind: BulkKind): string | null {
    if (!isAll && chosen.size === 0) return "Nothing is selected.";
    // Without what cannot be read it would mean more tasks.
    if (isAll && !isRead) return "The filter cannot be read.";
    if (counting !== null) return "The tasks are being counted.";
    if (isAll && statesFor(kind, query.states) === null) {
      return `No task in these states can be ${bulkKinds[kind].done}.`;
    }
    return whyNot(isAll ? bulkKinds[kind].many : bulkKinds[kind].one, { queues });
  }

  async function begin(kind: BulkKind): Promise<void> {
    setFailure(null);
    if (!isAll) return askForEach(kind, [...chosen], done);
    const states = statesFor(kind, query.states) ?? [];
    const filter = { ...read.filter, states: states.map((word) => stateWords[word]) };
    const options = filterOptions({ ...query, states });
    setCounting(kind);
    try {
      await askForMatching(kind, filter, <OptionsWords options={options} />, done, gone);
    } catch (error) {
      setFailure(failureOf(error));
    } finally {
      setCounting(null);
    }
  }

  function done(): void {
    onSelect(nothingSelected);
    onDone();
  }

  return (
    <>
      <div class="bulk" role="toolbar" aria-label="Selected tasks">
        <span role="status">
          {isAll ? "All that match the filter are selected." : `${count(chosen.size)} selected.`}
        </span>
        {isAll || chosen.size > 0 ? (
          <button type="button" class="quiet" onClick={() => onSelect(nothingSelected)}>
            Select none
          </button>
        ) : null}
        {!isAll && (
          <button type="button" class="quiet" onClick={() => onSelect({ chosen: "all", last: null })}>
            Select all that match the filter
          </button>
        )}
        {(["retry", "cancel", "delete"] as const).map((kind) => (
          <ActionButton
            key={kind}
            label={counting === kind ? "Counting…" : bulkKinds[kind].verb}
            of="what is selected"
            why={why(kind)}
            onClick={() => void begin(kind)}
          />
        ))}
      </div>
      <FailureNote failure={failure} />
    </>
  );
}

function OptionsWords({ options }: { readonly options: string }) {
  return (
    <>
      All that match <code>{visible(options)}</code>.
    </>
  );
}

/** The states of a filter in which something can be done with a task; `null`: none. */
function statesFor(kind: BulkKind, chosen: readonly StateWord[]): readonly StateWord[] | null {
  const { states, usual }: { readonly states: readonly StateWord[]; readonly usual: readonly StateWord[] } =
    bulkKinds[kind];
  if (chosen.length === 0) return usual;
  const left = chosen.filter((word) => states.includes(word));
  return left.length === 0 ? null : left;
}
