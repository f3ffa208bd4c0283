import type { QueueOverview } from "../../../../gen/sitq/v1/monitor_service_pb.js";
import type { Queue } from "../../../../gen/sitq/v1/queue_pb.js";
import { QueueService } from "../../../../gen/sitq/v1/queue_service_pb.js";
import { overview } from "../../live/overview.ts";
import { whyNot } from "../../live/rights.ts";
import { useLive } from "../../live/use-live.ts";
import { href, type Route } from "../../route.ts";
import { rpc } from "../../rpc/clients.ts";
import { ViewStreamNote } from "../../shell/stream-note.tsx";
import { ActionButton, WhyNot } from "../../ui/action-button.tsx";
import { Age } from "../../ui/age.tsx";
import { FailureNote } from "../../ui/failure-note.tsx";
import { Figures } from "../../ui/figures.tsx";
import { count, rate } from "../../ui/text.ts";
import { useLoad } from "../../ui/use-load.ts";
import { ProblemList } from "../now/problem-list.tsx";
import { tasksHref } from "../tasks/task-query.ts";
import { askToPause } from "./ask-to-pause.tsx";
import { HistoryChart } from "./history-chart.tsx";
import { Purge } from "./purge.tsx";
import { QueueFailures } from "./queue-failures.tsx";
import { QueueWorkers } from "./queue-workers.tsx";
import { SettingChange } from "./setting-change.tsx";
import { SettingsForm } from "./settings-form.tsx";
import { useQueueOverview } from "./use-queue-overview.ts";

/** One queue: what it holds and does, what is wrong, its workers, failures and settings. */
export function QueueView({ route }: { readonly route: Route }) {
  const name = route.path[1] ?? "";
  const {
    value: queue,
    failure,
    isLoading,
    reload,
  } = useLoad(name, async (signal) => {
    const answer = await rpc.queues.getQueue({ name }, { signal });
    return answer.queue ?? null;
  });
  const { now, stream } = useQueueOverview(name);
  useLive(reload, name);
  const problems = overview.value.problems.filter(({ subject }) => subject.case === "queue" && subject.value === name);
  return (
    <>
      <p class="crumbs">
        <a href={href(["now"])}>Now</a>
      </p>
      <h1>
        {name} {queue?.paused && <span class="hindrance">paused</span>}
      </h1>
      <FailureNote failure={failure} onRetry={reload} />
      {queue === null && isLoading && <p class="empty">Loading.</p>}
      {queue !== null && (
        <>
          {/* Where the server is away, the page's own stream says so. */}
          {stream.state.kind === "refused" && <ViewStreamNote {...stream} />}
          <PauseBar queue={queue} onChanged={reload} />
          <Counts queue={queue} now={now} />
          <HistoryChart history={now?.history} />
          <ProblemList problems={problems} />
          <QueueWorkers name={name} />
          <QueueFailures name={name} />
          <h2>Settings</h2>
          <SettingsForm key={name} queue={queue} onChanged={reload} />
          <h2>Delete tasks</h2>
          <Purge key={name} name={name} onChanged={reload} />
        </>
      )}
    </>
  );
}

function PauseBar({ queue, onChanged }: { readonly queue: Queue; onChanged(): void }) {
  const why = whyNot(QueueService.method.updateQueue, { queues: [queue.name] });
  const hasChange = queue.settingChanges.some(({ field }) => field === "paused");
  return (
    <div class="buttons bar">
      <ActionButton
        label={queue.paused ? "Resume" : "Pause"}
        of={queue.name}
        why={why}
        onClick={() => askToPause(queue, onChanged)}
      />
      {hasChange && <SettingChange queue={queue} field="paused" />}
      <WhyNot why={why} />
    </div>
  );
}

const states = ["pending", "running", "scheduled", "blocked", "completed", "failed", "cancelled"] as const;

function Counts({ queue, now }: { readonly queue: Queue; readonly now: QueueOverview | null }) {
  // The stream is ahead of what was read, where it shows the queue.
  const statistics = now?.statistics ?? queue.statistics;
  const links = states.map((state) => {
    const to = tasksHref({ texts: { queue: queue.name }, states: [state] });
    return [state === "pending" ? "waiting" : state, <a href={to}>{count(statistics?.[state] ?? 0n)}</a>] as const;
  });
  return (
    <Figures
      figures={[
        ...links,
        ["oldest waits", <Age at={now?.oldestWaitTime} />],
        ["in a second", now === null ? "–" : rate(now.enqueueRate)],
        ["done a second", now === null ? "–" : rate(now.finishRate)],
        ["in use", now === null ? "–" : `${count(now.inFlight)} of ${count(now.capacity)}`],
      ]}
    />
  );
}
