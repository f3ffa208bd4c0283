import { WorkerState } from "../../../../gen/sitq/v1/worker_service_pb.js";
import { serverNowMs } from "../../live/clock.ts";
import { useLive } from "../../live/use-live.ts";
import { href, navigate, type Route } from "../../route.ts";
import { rpc } from "../../rpc/clients.ts";
import { FailureNote } from "../../ui/failure-note.tsx";
import { Pager, pageOf } from "../../ui/pager.tsx";
import { dateTime, enumName } from "../../ui/text.ts";
import { useLoad } from "../../ui/use-load.ts";
import { readWorkers } from "./read-workers.ts";
import { WorkerTable } from "./worker-table.tsx";

const states = [
  WorkerState.CONNECTED,
  WorkerState.DRAINING,
  WorkerState.DISCONNECTED,
  WorkerState.LOST,
  WorkerState.CLAIMING,
] as const;

/** All workers: what they hold, how their last attempts ended, and those that were lost. */
export function WorkersView({ route }: { readonly route: Route }) {
  const queue = route.query.get("queue") ?? "";
  const word = route.query.get("state") ?? "";
  const state = states.find((each) => enumName(WorkerState, each) === word) ?? null;
  const page = pageOf(route);
  const { value, failure, isLoading, reload } = useLoad(`${queue} ${state} ${page}`, async (signal) => {
    const found = await readWorkers({ queue, state, page }, (request) => rpc.workers.listWorkers(request, { signal }));
    return { ...found, atMs: serverNowMs() };
  });
  useLive(reload);
  const show = (query: { readonly queue: string; readonly state: string }) =>
    navigate(href(["workers"], query), "replace");
  return (
    <>
      <h1>Workers</h1>
      <div class="filters">
        <label class="filter">
          Queue
          <input
            type="search"
            value={queue}
            maxLength={100}
            spellcheck={false}
            onInput={(event) => show({ queue: event.currentTarget.value.trim(), state: word })}
          />
        </label>
        <label class="filter">
          State
          <select value={word} onChange={(event) => show({ queue, state: event.currentTarget.value })}>
            <option value="">all</option>
            {states.map((each) => (
              <option key={each} value={enumName(WorkerState, each)}>
                {enumName(WorkerState, each)}
              </option>
            ))}
          </select>
        </label>
      </div>
      <FailureNote failure={failure} onRetry={reload} />
      {value === null && isLoading && <p class="empty">Loading.</p>}
      {value !== null && (
        <>
          <WorkerTable workers={value.workers} atMs={value.atMs} empty={noWorkers(queue, word, value.next)} />
          <Pager route={route} next={value.next} />
          <p class="muted">
            As of {dateTime(value.atMs)}; read again when something changes. Done, failed, lost and the times an attempt
            took are of the last five minutes, of a lost worker those until it was lost; the oldest is the task that
            runs for longest. A worker that was lost stays here for an hour.
          </p>
        </>
      )}
    </>
  );
}

function noWorkers(queue: string, state: string, next: string): string {
  if (next !== "") return `None of these is ${state}. There are more on the next page.`;
  if (state === "") return queue === "" ? "There is no worker." : `No worker works on ${queue}.`;
  return `No worker${queue === "" ? "" : ` of ${queue}`} is ${state}.`;
}
