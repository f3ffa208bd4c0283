import { useLive } from "../../live/use-live.ts";
import { href } from "../../route.ts";
import { rpc } from "../../rpc/clients.ts";
import { FailureNote } from "../../ui/failure-note.tsx";
import { useLoad } from "../../ui/use-load.ts";
import { FailureTable } from "../tasks/failure-table.tsx";

/** How many kinds are shown. */
const mostShown = 10;

/** The largest kinds of failures of a queue's tasks. */
export function QueueFailures({ name }: { readonly name: string }) {
  const request = { queue: name, pageSize: mostShown };
  const { value, failure, isLoading, reload } = useLoad(name, (signal) => rpc.queues.listFailures(request, { signal }));
  useLive(reload, name);
  return (
    <>
      <h2>Failures</h2>
      <FailureNote failure={failure} onRetry={reload} />
      {value === null && isLoading && <p class="empty">Loading.</p>}
      {value !== null && <FailureTable failures={value.failures} queue={name} onChanged={reload} />}
      {value !== null && value.nextPageToken !== "" && (
        <p>
          <a href={href(["failures"], { queue: name })}>All kinds of failures</a>
        </p>
      )}
    </>
  );
}
