import { useEffect, useState } from "preact/hooks";
import type { TaskAttempt } from "../../../../gen/sitq/v1/task_pb.js";
import { rpc } from "../../rpc/clients.ts";
import type { Entry } from "./entries.ts";

/** So many tasks are read at most, since each takes a call; of the others only the newest attempt is shown. */
const mostTasks = 60;
const atOnce = 4;

/** The attempts of those entries that had more than one, or wait after one: a listing has only the newest. */
export function useAttempts(entries: readonly Entry[]): ReadonlyMap<string, readonly TaskAttempt[]> {
  const [known, setKnown] = useState<ReadonlyMap<string, readonly TaskAttempt[]>>(new Map());
  const wanted = entries.filter(hasOthers).slice(0, mostTasks);
  const key = wanted.map(({ id, attempt, state }) => `${id} ${attempt} ${state}`).join();
  useEffect(() => {
    const gone = new AbortController();
    const left = wanted.map(({ id }) => id);
    async function readSome(): Promise<void> {
      for (let taskId = left.pop(); taskId !== undefined && !gone.signal.aborted; taskId = left.pop()) {
        const id = taskId;
        // Without its attempts a task is shown with the newest one.
        const answer = await rpc.queues.getTask({ taskId: id }, { signal: gone.signal }).catch(() => null);
        const attempts = answer?.task?.attempts;
        if (attempts !== undefined && !gone.signal.aborted) setKnown((before) => new Map(before).set(id, attempts));
      }
    }
    for (let reader = 0; reader < atOnce; reader++) void readSome();
    return () => gone.abort();
  }, [key]);
  return known;
}

function hasOthers({ kind, attempt, isRunning, endMs }: Entry): boolean {
  if (kind === "event" || kind === "workflow") return false;
  return attempt > 1 || (attempt === 1 && !isRunning && endMs === null);
}
