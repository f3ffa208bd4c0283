import type { Explanation } from "../../../../gen/sitq/v1/explanation_pb.js";
import { QueueService } from "../../../../gen/sitq/v1/queue_service_pb.js";
import { grpcurlLine } from "../../rpc/grpcurl.ts";
import { CommandLine } from "../../ui/command-line.tsx";
import { type Fact, Facts } from "../../ui/facts.tsx";
import { Foreign } from "../../ui/foreign.tsx";
import { TaskLink } from "../../ui/links.tsx";
import { count, rate } from "../../ui/text.ts";
import { TimeOf } from "../../ui/time-of.tsx";

interface WhyNotRunningProps {
  readonly taskId: string;
  readonly explanation: Explanation;
}

/** Why a task is not running, since when, and about when it will. */
export function WhyNotRunning({ taskId, explanation }: WhyNotRunningProps) {
  const { message, sinceTime, expectedStartTime, position, taskIds, stepIds } = explanation;
  const facts: readonly Fact[] = [
    ["Waits since", <TimeOf key="since" at={sinceTime} />],
    ["Expected start", expectedStartTime === undefined ? null : <TimeOf at={expectedStartTime} />],
    ["Place in line", position === 0n ? null : count(position)],
    ["Rate", position === 0n ? null : `${rate(explanation.rate)} handed out a second`],
    ["Waits for steps", stepIds.length === 0 ? null : <Foreign text={stepIds.join(", ")} />],
    [
      "Waits for tasks",
      taskIds.length === 0
        ? null
        : taskIds.map((id) => (
            <span key={id}>
              <TaskLink id={id} />{" "}
            </span>
          )),
    ],
  ];
  return (
    <section class="why-not-running">
      <h2>Why it is not running</h2>
      <p class="why-message">
        <Foreign text={`${message.charAt(0).toUpperCase()}${message.slice(1)}.`} most={2_000} />
      </p>
      <Facts facts={facts} />
      <details class="same">
        <summary>The same by command</summary>
        <CommandLine command={`sitq explain ${taskId}`} />
        <CommandLine command={grpcurlLine(QueueService.method.explainTask, { taskId })} />
      </details>
    </section>
  );
}
