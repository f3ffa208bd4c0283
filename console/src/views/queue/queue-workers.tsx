import { serverNowMs } from "../../live/clock.ts";
import { useLive } from "../../live/use-live.ts";
import { href } from "../../route.ts";
import { rpc } from "../../rpc/clients.ts";
import { FailureNote } from "../../ui/failure-note.tsx";
import { useLoad } from "../../ui/use-load.ts";
import { WorkerTable } from "../workers/worker-table.tsx";

/** How many workers are shown. */
const mostShown = 10;

/** The first workers of a queue. */
export function QueueWorkers({ name }: { readonly name: string }) {
  const { value, failure, isLoading, reload } = useLoad(name, async (signal) => {
    const request = { queue: name, pageSize: mostShown, includeLost: true };
    const { workers, nextPageToken } = await rpc.workers.listWorkers(request, { signal });
    return { workers, hasMore: nextPageToken !== "", atMs: serverNowMs() };
  });
  useLive(reload, name);
  return (
    <>
      <h2>Workers</h2>
      <FailureNote failure={failure} onRetry={reload} />
      {value === null && isLoading && <p class="empty">Loading.</p>}
      {value !== null && (
        <WorkerTable workers={value.workers} atMs={value.atMs} empty={`No worker works on ${name}.`} />
      )}
      {value?.hasMore && (
        <p>
          <a href={href(["workers"], { queue: name })}>All workers of {name}</a>
        </p>
      )}
    </>
  );
}
