import { fromPayload, type Task, TaskState } from "../../client/index.ts";
import { CommandFailure } from "../command/command-failure.ts";
import { exitCodes } from "../command/exit-codes.ts";
import { isContentHidden } from "../command/hidden-content.ts";
import type { Session } from "../command/session.ts";
import { bytesText } from "../terminal/numbers.ts";
import { payloadText } from "../terminal/payload-text.ts";
import { printable } from "../terminal/printable.ts";
import { taskJson } from "./output/task-json.ts";
import { errorLine, stateWord } from "./output/task-words.ts";

/** How a result is printed. */
export interface ResultOptions {
  /** A result that is a text goes out as it is, without the quotes of JSON. */
  readonly raw?: boolean;
}

/**
 * Prints the result of a finished task; with `--json`, the whole task.
 *
 * @throws CommandFailure with `notCompleted` if the task ended otherwise, `failed` if its result is damaged
 */
export async function printResult(
  { shell, client, out }: Session,
  task: Task,
  { raw = false }: ResultOptions,
): Promise<void> {
  if (out.asJson) await out.json(taskJson(task));
  if (task.state !== TaskState.COMPLETED) throw notCompleted(task);
  if (task.damagedFields.includes("result")) throw damagedResult(task);
  if (out.asJson) return;
  const isTerminal = shell.stdout.isTTY === true;
  const result = fromPayload(task.result);
  if (result === undefined) {
    const isHidden = await isContentHidden(client, { kind: "queues", names: [task.queue] });
    const hidden = "The task completed. Its result is hidden from you: it takes a viewer with --payloads.";
    return out.remark(isHidden ? hidden : "The task completed without a result.");
  }
  if (raw && typeof result === "string") return isTerminal ? out.line(result) : out.bytes(Buffer.from(result));
  if (!(result instanceof Uint8Array)) return out.line(payloadText(task.result));
  if (!isTerminal) return out.bytes(result);
  out.remark(`The result is ${bytesText(result.length)} of binary data: redirect it to a file or a program.`);
}

function damagedResult({ id, type }: Task): CommandFailure {
  return new CommandFailure(`the task ${id} (${printable(type)}) completed, but its result is damaged on the disk`, {
    exitCode: exitCodes.failed,
    hint: "Check the server's disk. A backup may hold the result.",
  });
}

function notCompleted({ id, type, state, attempt, lastError }: Task): CommandFailure {
  const attempts = attempt === 0 ? "" : ` after ${attempt} attempt${attempt === 1 ? "" : "s"}`;
  const why = errorLine(lastError);
  return new CommandFailure(
    `the task ${id} (${printable(type)}) is ${stateWord(state)}${attempts}${why && `: ${why}`}`,
    {
      exitCode: exitCodes.notCompleted,
      hint: `Details: sitq get ${id}. Retry it: sitq retry ${id}`,
    },
  );
}
