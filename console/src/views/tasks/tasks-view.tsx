import { useEffect, useMemo, useState } from "preact/hooks";
import { QueueService, TaskOrder } from "../../../../gen/sitq/v1/queue_service_pb.js";
import { useLive } from "../../live/use-live.ts";
import { href, type Route } from "../../route.ts";
import { grpcurlLine } from "../../rpc/grpcurl.ts";
import { CommandLine } from "../../ui/command-line.tsx";
import { FailureNote } from "../../ui/failure-note.tsx";
import { Foreign } from "../../ui/foreign.tsx";
import { count, counted } from "../../ui/text.ts";
import { BulkBar } from "./bulk-bar.tsx";
import { FilterForm } from "./filter-form.tsx";
import { isSelected, nothingSelected } from "./selection.ts";
import { filterOptions, parseTaskQuery, readTaskQuery } from "./task-query.ts";
import { TaskTable } from "./task-table.tsx";
import { useTaskList } from "./use-task-list.ts";

/** Tasks by a filter, which the address holds. */
export function TasksView({ route }: { readonly route: Route }) {
  const key = route.query.toString();
  const query = useMemo(() => parseTaskQuery(route.query), [key]);
  const read = useMemo(() => readTaskQuery(query), [query]);
  const [selection, select] = useState(nothingSelected);
  useEffect(() => select(nothingSelected), [key]);
  const { queue = "" } = query.texts;
  const list = useTaskList(
    key,
    read,
    query.oldestFirst,
    (id) => selection.chosen !== "all" && isSelected(selection, id),
  );
  useLive(list.refresh, queue);

  const options = filterOptions(query);
  const order = query.oldestFirst ? TaskOrder.OLDEST_FIRST : TaskOrder.UNSPECIFIED;
  const isRead = read.problems.size === 0 && query.unknown.length === 0;
  return (
    <>
      <div class="title-line">
        <h1>Tasks</h1>
        <a href={href(["failures"], { queue })}>Kinds of error{queue === "" ? "" : ` of ${queue}`}</a>
        {key !== "" && <a href={href(["tasks"])}>Clear the filter</a>}
      </div>
      <FilterForm query={query} problems={read.problems} />
      {query.unknown.length > 0 && (
        <p class="failure" role="alert">
          The address holds what is no filter of tasks: <Foreign text={query.unknown.join(", ")} />
        </p>
      )}
      <FailureNote failure={list.failure} onRetry={() => list.refresh("all")} />
      <BulkBar
        key={key}
        query={query}
        read={read}
        isRead={isRead}
        selection={selection}
        onSelect={select}
        onDone={() => list.refresh("all")}
      />
      {isRead && (
        <TaskTable
          rows={list.rows}
          selection={selection}
          onSelect={select}
          isOneQueue={queue !== ""}
          empty={emptyWords(list.isLoading, list.next)}
        />
      )}
      <div class="list-end">
        {list.next !== "" && (
          <button type="button" disabled={list.isLoading} onClick={list.more}>
            {list.rows.length === 0 ? "Search on" : "Load more"}
          </button>
        )}
        {list.isHeld && (
          <button type="button" disabled={list.isLoading} onClick={() => list.refresh("all")}>
            Read anew
          </button>
        )}
        <span class="muted" role="status">
          {list.rows.length > 0 && `${count(list.rows.length)} shown${list.next === "" ? ", all of them" : ""}. `}
          {list.goneCount > 0 && `${counted(list.goneCount, "selected task")} left the list meanwhile. `}
          {list.isHeld && "A list as long or as rare as this is not read anew by itself."}
        </span>
      </div>
      <details class="same">
        <summary>The same by command</summary>
        <CommandLine command={`sitq list ${options}${query.oldestFirst ? " --oldest" : ""}`.trim()} />
        <CommandLine
          command={grpcurlLine(QueueService.method.listTasks, { filter: read.filter, order, explain: true })}
        />
      </details>
    </>
  );
}

function emptyWords(isLoading: boolean, next: string): string {
  if (isLoading) return "Loading.";
  return next === "" ? "No task matches." : "None of the tasks that were looked at matches; there are more.";
}
