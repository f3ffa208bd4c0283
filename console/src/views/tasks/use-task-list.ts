import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { TaskOrder, TaskView } from "../../../../gen/sitq/v1/queue_service_pb.js";
import { rpc } from "../../rpc/clients.ts";
import { type Failure, failureOf } from "../../rpc/errors.ts";
import { type ListedTask, listedTasks, mergeLists } from "./listed-tasks.ts";
import type { ReadQuery } from "./task-query.ts";

const pageSize = 50;
/** What one call returns at most: a longer list is not read anew by itself. */
const mostRows = 1_000;
/** Calls for one page: each reads a bounded number of rows, and may find none of them. */
const callsAtOnce = 10;

/** A list of tasks as far as it was read. */
export interface TaskList {
  readonly rows: readonly ListedTask[];
  /** Where it goes on. Empty: it is read to its end. */
  readonly next: string;
  readonly failure: Failure | null;
  readonly isLoading: boolean;
  /** How many tasks left the list while it was shown. */
  readonly goneCount: number;
  /** Whether it is too long, or too rare, to be read anew by itself. */
  readonly isHeld: boolean;
}

/** A list of tasks with what can be done with it. */
export interface TaskListControl extends TaskList {
  /** Reads the next page. */
  more(): void;
  /** Reads what is shown anew. `all`: also a list that is held. */
  refresh(how?: "all"): void;
}

const nothing: TaskList = { rows: [], next: "", failure: null, isLoading: true, goneCount: 0, isHeld: false };

/**
 * Lists the tasks of a filter, a page at a time.
 *
 * @param key what is listed: another key begins anew
 * @param isKept whether a task stays in view though it left the list
 */
export function useTaskList(
  key: string,
  { filter }: ReadQuery,
  oldestFirst: boolean,
  isKept: (id: string) => boolean,
): TaskListControl {
  const [list, setList] = useState<TaskList>(nothing);
  const reader = useRef<{ more(): void; refresh(how?: "all"): void } | null>(null);
  const asked = useRef({ filter, isKept });
  asked.current = { filter, isKept };

  useEffect(() => {
    const gone = new AbortController();
    let current = nothing;
    let isReading = false;
    let isAskedAgain = false;
    function show(change: Partial<TaskList>): void {
      if (gone.signal.aborted) return;
      current = { ...current, ...change };
      setList(current);
    }
    async function read(wanted: number, from: string) {
      const rows: ListedTask[] = [];
      let token = from;
      let calls = 0;
      do {
        const response = await rpc.queues.listTasks(
          {
            filter: asked.current.filter,
            pageSize: Math.min(mostRows, wanted - rows.length),
            pageToken: token,
            view: TaskView.BASIC,
            order: oldestFirst ? TaskOrder.OLDEST_FIRST : TaskOrder.NEWEST_FIRST,
            explain: true,
          },
          { signal: gone.signal },
        );
        rows.push(...listedTasks(response));
        token = response.nextPageToken;
        calls += 1;
      } while (token !== "" && rows.length < wanted && calls < callsAtOnce);
      return { rows, next: token, isRare: calls >= callsAtOnce };
    }
    async function guarded(run: () => Promise<Partial<TaskList>>): Promise<void> {
      isReading = true;
      show({ isLoading: true });
      try {
        show({ ...(await run()), failure: null, isLoading: false });
      } catch (error) {
        if (!gone.signal.aborted) show({ failure: failureOf(error), isLoading: false });
      }
      isReading = false;
      if (!isAskedAgain || gone.signal.aborted) return;
      isAskedAgain = false;
      control.refresh("all");
    }
    async function readOn(): Promise<Partial<TaskList>> {
      const { rows, next, isRare } = await read(pageSize, current.next);
      const all = [...current.rows, ...rows];
      return { rows: all, next, isHeld: current.isHeld || isRare || all.length > mostRows };
    }
    async function readAnew(): Promise<Partial<TaskList>> {
      const before = current.rows;
      const { rows, next, isRare } = await read(Math.min(mostRows, Math.max(pageSize, before.length)), "");
      const merged = mergeLists(before, rows, oldestFirst, asked.current.isKept);
      return { rows: merged, next, goneCount: merged.filter(({ isGone }) => isGone).length, isHeld: isRare };
    }
    const control = {
      more(): void {
        if (!isReading) void guarded(readOn);
      },
      refresh(how?: "all"): void {
        if (current.isHeld && how !== "all") return;
        // What is being read may be from before what asks for this.
        if (isReading) isAskedAgain = true;
        else void guarded(readAnew);
      },
    };
    reader.current = control;
    setList(nothing);
    void guarded(readOn);
    return () => gone.abort();
  }, [key, oldestFirst]);

  const more = useCallback(() => reader.current?.more(), []);
  const refresh = useCallback((how?: "all") => reader.current?.refresh(how), []);
  return { ...list, more, refresh };
}
