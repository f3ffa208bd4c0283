import type { Command } from "commander";
import { type Explanation, ExplanationSchema, type Task, TaskState, WaitReason } from "../../client/index.ts";
import { newCommand } from "../command/new-command.ts";
import { briefly, withSession } from "../command/session.ts";
import { messageJson } from "../terminal/json.ts";
import type { Paint } from "../terminal/paint.ts";
import { printable } from "../terminal/printable.ts";
import type { Shell } from "../terminal/shell.ts";
import { factsText } from "../terminal/table.ts";
import { timeWithAge } from "../terminal/times.ts";
import { isStuck } from "./output/explanation-words.ts";
import { errorLine } from "./output/task-words.ts";

/** The command `sitq explain`: why a task is not running. */
export function explainCommand(shell: Shell): Command {
  const command = newCommand("explain", {
    takes: "<task-id>",
    does: "say why a task is not running, and about when it will",
    examples: [
      ["explain 0f3k9q2m7xa", "its time, a retry, a pause, no worker, its place in line"],
      ["explain 0f3k9q2m7xa --json | jq -r .reason", "for a script"],
    ],
  });
  return command.action((taskId: string) =>
    withSession(shell, command, async ({ client, out }) => {
      const [{ explanation }, { task }] = await Promise.all([
        client.queue.explainTask({ taskId }, briefly),
        client.queue.getTask({ taskId }, briefly),
      ]);
      if (explanation === undefined || task === undefined) return;
      if (out.asJson) return out.json(messageJson(ExplanationSchema, explanation));
      await out.line(explanationText(explanation, task, out.paint));
      const next = nextCommand(explanation, task);
      if (next !== "") out.remark(`\n${next}`);
    }),
  );
}

/** An explanation for people: the sentence, and below it what there is to know beside it. */
export function explanationText(
  explanation: Explanation,
  { state, lastError }: Task,
  paint: Paint,
  nowMs: number = Date.now(),
): string {
  const { reason, message, position, rate, taskIds, stepIds, sinceTime, expectedStartTime } = explanation;
  const sentence = printable(message);
  const facts = factsText(
    [
      ["Error", state === TaskState.FAILED ? paint.bad(errorLine(lastError)) : ""],
      ["Since", timeWithAge(sinceTime, nowMs)],
      ["In line", position === 0n ? "" : String(position)],
      [
        "Rate",
        rate === 0 || reason === WaitReason.UNSPECIFIED ? "" : `${Number(rate.toPrecision(3))}/s over the last minute`,
      ],
      ["Waits for steps", stepIds.map(printable).join("\n")],
      ["Waits for tasks", taskIds.map(printable).join("\n")],
      ["Expected", timeWithAge(expectedStartTime, nowMs)],
    ],
    paint,
  );
  return `${isStuck(explanation) ? paint.warning(sentence) : paint.bold(sentence)}\n\n${facts}`;
}

/** What to do next about it; empty: to wait. */
function nextCommand({ reason }: Explanation, { id, queue, type, state, origin }: Task): string {
  switch (reason) {
    case WaitReason.PAUSED:
      return `Let the queue go on: sitq resume ${queue}`;
    case WaitReason.NO_WORKER:
      return `Start a worker: sitq work ${queue} --exec 'COMMAND'`;
    case WaitReason.NO_HANDLER:
      return `Start a worker that handles it: sitq work ${queue} --type ${type} --exec 'COMMAND'`;
    case WaitReason.MAX_RUNNING:
      return `Change the limit: sitq set ${queue} --max-running NUMBER`;
    case WaitReason.NOT_EXECUTED:
      return `Begin it: sitq workflows execute ${origin?.workflowId ?? ""}`;
    case WaitReason.SCHEDULED:
    case WaitReason.RETRY:
      return origin?.workflowId ? "" : `Run it now: sitq retry ${id}`;
    default:
      if (state !== TaskState.FAILED) return "";
      return origin?.workflowId
        ? `Go on from it: sitq workflows retry ${origin.workflowId}`
        : `Retry it: sitq retry ${id}`;
  }
}
