import { QueueService } from "../../../../gen/sitq/v1/queue_service_pb.js";
import { useLive } from "../../live/use-live.ts";
import { href, type Route } from "../../route.ts";
import { rpc } from "../../rpc/clients.ts";
import { grpcurlLine } from "../../rpc/grpcurl.ts";
import { shellQuoted } from "../../rpc/shell-quoted.ts";
import { CommandLine } from "../../ui/command-line.tsx";
import { FailureNote } from "../../ui/failure-note.tsx";
import { Foreign } from "../../ui/foreign.tsx";
import { Pager, pageOf } from "../../ui/pager.tsx";
import { useLoad } from "../../ui/use-load.ts";
import { FailureTable } from "./failure-table.tsx";
import { tasksHref } from "./task-query.ts";

/** The kinds of error of the tasks that failed, largest first, of a queue or of all. */
export function FailuresView({ route }: { readonly route: Route }) {
  const queue = route.query.get("queue") ?? "";
  const type = route.query.get("type") ?? "";
  const request = { queue, type, pageToken: pageOf(route) };
  const list = useLoad(JSON.stringify(request), (signal) => rpc.queues.listFailures(request, { signal }));
  useLive(list.reload, queue);
  const command = ["sitq failures", queue && shellQuoted(queue), type && `--type ${shellQuoted(type)}`];
  return (
    <>
      <div class="title-line">
        <h1>
          Kinds of error
          {queue !== "" && (
            <>
              {" of "}
              <Foreign text={queue} most={100} />
            </>
          )}
        </h1>
        <a href={tasksHref({ texts: { queue, type }, states: ["failed"] })}>All failed tasks</a>
        {queue !== "" && <a href={href(["failures"])}>Of all queues</a>}
      </div>
      <FailureNote failure={list.failure} onRetry={list.reload} />
      {list.value === null && list.isLoading && <p class="empty">Loading.</p>}
      {list.value !== null && (
        <>
          <FailureTable failures={list.value.failures} queue={queue} onChanged={list.reload} />
          <Pager route={route} next={list.value.nextPageToken} />
        </>
      )}
      <details class="same">
        <summary>The same by command</summary>
        <CommandLine command={command.filter((word) => word !== "").join(" ")} />
        <CommandLine command={grpcurlLine(QueueService.method.listFailures, { queue, type })} />
      </details>
    </>
  );
}
