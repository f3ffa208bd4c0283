import { useState } from "preact/hooks";
import { type FailureGroup, QueueService } from "../../../../gen/sitq/v1/queue_service_pb.js";
import { TaskState } from "../../../../gen/sitq/v1/task_pb.js";
import { whyNot } from "../../live/rights.ts";
import { useLive } from "../../live/use-live.ts";
import { href, type Route } from "../../route.ts";
import { rpc } from "../../rpc/clients.ts";
import { type Failure, failureOf } from "../../rpc/errors.ts";
import { grpcurlLine } from "../../rpc/grpcurl.ts";
import { shellQuoted } from "../../rpc/shell-quoted.ts";
import { ActionButton } from "../../ui/action-button.tsx";
import { Age } from "../../ui/age.tsx";
import { CommandLine } from "../../ui/command-line.tsx";
import { FailureNote } from "../../ui/failure-note.tsx";
import { Foreign } from "../../ui/foreign.tsx";
import { TaskLink } from "../../ui/links.tsx";
import { Pager, pageOf } from "../../ui/pager.tsx";
import { ShortName } from "../../ui/short-name.tsx";
import { type Column, Table } from "../../ui/table.tsx";
import { count } from "../../ui/text.ts";
import { useLoad } from "../../ui/use-load.ts";
import { askForMatching } from "./bulk-question.tsx";
import { tasksHref } from "./task-query.ts";

/** The kinds of error of the tasks that failed, largest first, of a queue or of all. */
export function FailuresView({ route }: { readonly route: Route }) {
  const queue = route.query.get("queue") ?? "";
  const type = route.query.get("type") ?? "";
  const request = { queue, type, pageToken: pageOf(route) };
  const list = useLoad(JSON.stringify(request), (signal) => rpc.queues.listFailures(request, { signal }));
  useLive(list.reload, queue);
  const [failure, setFailure] = useState<Failure | null>(null);

  async function retry({ queue: name, taskType, errorType }: FailureGroup): Promise<void> {
    setFailure(null);
    const words = (
      <>
        All of <Foreign text={name} />, of the type <Foreign text={taskType} />, that failed{" "}
        {errorType === "" ? "without a type of error" : <Foreign text={`with ${errorType}`} />}.
      </>
    );
    const filter = { queue: name, type: taskType, errorType, states: [TaskState.FAILED] };
    try {
      await askForMatching("retry", filter, words, list.reload);
    } catch (error) {
      setFailure(failureOf(error));
    }
  }

  const columns: readonly Column<FailureGroup>[] = [
    { title: "Error", cell: ErrorType, isName: true },
    {
      title: "Tasks",
      cell: (group) => <a href={hrefOf(group)}>{count(group.taskCount)}</a>,
      align: "end",
    },
    ...(queue === "" ? [{ title: "Queue", cell: (group: FailureGroup) => <ShortName text={group.queue} /> }] : []),
    { title: "Type", cell: ({ taskType }) => <ShortName text={taskType} /> },
    { title: "First", cell: ({ firstTime }) => <Age at={firstTime} />, align: "end", isExtra: true },
    { title: "Last", cell: ({ lastTime }) => <Age at={lastTime} />, align: "end" },
    { title: "Such as", cell: Sample },
    {
      title: "Do",
      cell: (group) => (
        <ActionButton
          label="Retry"
          of={`all with ${group.errorType === "" ? "an error without a type" : group.errorType}`}
          why={whyNot(QueueService.method.retryTasks, { queues: [group.queue] })}
          onClick={() => void retry(group)}
        />
      ),
    },
  ];
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
      <FailureNote failure={list.failure ?? failure} onRetry={list.reload} />
      {list.value !== null && (
        <>
          <Table
            caption="Kinds of error"
            columns={columns}
            rows={list.value.failures}
            rowKey={({ queue: name, taskType, errorType }) => `${name} ${taskType} ${errorType}`}
            empty="No task that is kept has failed."
          />
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

function hrefOf({ queue, taskType, errorType }: FailureGroup): string {
  return tasksHref({ texts: { queue, type: taskType }, states: ["failed"], error: errorType });
}

function ErrorType(group: FailureGroup) {
  return <a href={hrefOf(group)}>{group.errorType === "" ? "without a type" : <ShortName text={group.errorType} />}</a>;
}

function Sample({ sampleTaskId, sampleMessage }: FailureGroup) {
  return (
    <>
      <TaskLink id={sampleTaskId} /> <Foreign text={sampleMessage} most={160} />
    </>
  );
}
