import { TaskState } from "../../../../gen/sitq/v1/task_pb.js";
import { Age } from "../../ui/age.tsx";
import { Foreign } from "../../ui/foreign.tsx";
import { TaskLink } from "../../ui/links.tsx";
import { ShortName } from "../../ui/short-name.tsx";
import { TaskStateMark } from "../../ui/state-mark.tsx";
import { type Column, Table } from "../../ui/table.tsx";
import type { ListedTask } from "./listed-tasks.ts";
import { isSelected, type Selection, toggle, toggleShown } from "./selection.ts";

/** What the table of tasks is made of. */
export interface TaskTableProps {
  readonly rows: readonly ListedTask[];
  readonly selection: Selection;
  onSelect(selection: Selection): void;
  /** Whether all are of one queue, which then needs no column. */
  readonly isOneQueue: boolean;
  readonly empty: string;
}

/** Tasks as rows that can be selected: one, by shift a range, or all that are shown. */
export function TaskTable({ rows, selection, onSelect, isOneQueue, empty }: TaskTableProps) {
  const ids = rows.filter(({ isGone }) => !isGone).map(({ task }) => task.id);
  const columns: Column<ListedTask>[] = [
    {
      title: "Select",
      head: (
        <input
          type="checkbox"
          aria-label="Select all that are shown"
          checked={ids.length > 0 && ids.every((id) => isSelected(selection, id))}
          onChange={() => onSelect(toggleShown(selection, ids))}
        />
      ),
      cell: ({ task: { id }, isGone }) => (
        <input
          type="checkbox"
          aria-label={`Select ${id}`}
          disabled={isGone}
          checked={!isGone && isSelected(selection, id)}
          onClick={(event) => onSelect(toggle(selection, ids, id, event.shiftKey))}
          onKeyDown={moveByArrows}
        />
      ),
    },
    { title: "Task", isName: true, cell: ({ task }) => <TaskLink id={task.id} /> },
    ...(isOneQueue ? [] : [{ title: "Queue", cell: ({ task }: ListedTask) => <ShortName text={task.queue} /> }]),
    { title: "Type", cell: ({ task }) => <ShortName text={task.type} /> },
    { title: "State", cell: State },
    { title: "For", cell: ({ explanation }) => <Age at={explanation?.sinceTime} />, align: "end" },
    { title: "Age", cell: ({ task }) => <Age at={task.createTime} />, align: "end", isExtra: true },
    { title: "Attempt", cell: ({ task }) => `${task.attempt} of ${task.maxAttempts}`, align: "end" },
    { title: "Worker", cell: ({ task }) => <ShortName text={task.workerId} />, isExtra: true },
    { title: "Why", cell: Why },
  ];
  return (
    <Table
      caption="Tasks"
      columns={columns}
      rows={rows}
      rowKey={({ task }) => task.id}
      rowClass={({ isGone }) => (isGone ? "gone" : "")}
      empty={empty}
    />
  );
}

function State({ task, isGone }: ListedTask) {
  return isGone ? <span class="muted">no longer in the list</span> : <TaskStateMark state={task.state} />;
}

/** Why it waits, or why it did not complete. */
function Why({ task, explanation }: ListedTask) {
  const { state, lastError } = task;
  const isWaiting = state === TaskState.BLOCKED || state === TaskState.SCHEDULED || state === TaskState.PENDING;
  const isEnded = state === TaskState.COMPLETED;
  return (
    <div class="why-cell">
      {isWaiting && explanation !== undefined && <Foreign text={explanation.message} most={200} />}
      {lastError !== undefined && !isEnded && (
        <span class={isWaiting ? "muted" : ""}>
          {lastError.type !== "" && (
            <code>
              <Foreign text={lastError.type} most={80} />
            </code>
          )}{" "}
          <Foreign text={lastError.message} most={160} />
        </span>
      )}
    </div>
  );
}

/** Goes to the box of the next or the previous row. */
function moveByArrows(event: KeyboardEvent): void {
  const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
  if (step === 0 || !(event.currentTarget instanceof HTMLElement)) return;
  event.preventDefault();
  const row = event.currentTarget.closest("tr");
  const next = step === 1 ? row?.nextElementSibling : row?.previousElementSibling;
  next?.querySelector<HTMLInputElement>("input:not(:disabled)")?.focus();
}
