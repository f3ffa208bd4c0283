import { randomUUID } from "node:crypto";
import { type Command, Option } from "commander";
import { CallError, createProducer, type EnqueuedTask } from "../../client/index.ts";
import { awaitTask } from "../await-task.ts";
import { CommandFailure, wrongUsage } from "../command-failure.ts";
import { callFailure } from "../describe-failure.ts";
import { enqueueLines } from "../enqueue-lines.ts";
import { exitCodes } from "../exit-codes.ts";
import { type PayloadOptions, parsePayload, payloadForm } from "../input/payload.ts";
import { openSource, readSource } from "../input/read-source.ts";
import { parseSpan } from "../input/span.ts";
import { addTaskOptions, type NewTaskOptions, taskOptions } from "../input/task-options.ts";
import { newCommand } from "../new-command.ts";
import { printResult } from "../print-result.ts";
import { type Session, withSession } from "../session.ts";
import type { Shell } from "../shell.ts";

interface Options extends NewTaskOptions, PayloadOptions {
  readonly requestId?: string;
  readonly sourceService?: string;
  readonly wait?: boolean;
  readonly timeout?: number;
  readonly eachLine?: boolean;
}

/** The command `sitq enqueue`: hands one task over, or one for each line. */
export function enqueueCommand(shell: Shell): Command {
  const command = newCommand("enqueue", {
    takes: "<queue> <type> [payload]",
    does: "hand a task over, or many",
    notes: [
      "When it answers, the task is on the server's disk.",
      "The payload is JSON, or what --text or --binary say; - reads it from standard input, @FILE from a file.",
    ].join("\n"),
    examples: [
      [`enqueue orders order.ship '{"order": 7}'`, "one task"],
      ["enqueue orders order.ship @order.json --wait", "and its result"],
      ["enqueue reports report.build --delay 10m --max-attempts 3", "later, without a payload"],
      ["enqueue orders order.ship --deduplication-key order-7 --request-id 4711", "safe to repeat"],
      ["enqueue orders order.ship @orders.jsonl --each-line", "one task for each line of a file"],
    ],
  });
  addTaskOptions(command)
    .option("--text", "the payload is text, not JSON")
    .addOption(new Option("--binary", "the payload is bytes").conflicts(["text", "eachLine"]))
    .option("--request-id <id>", "the same id with the same content makes no second task; with --each-line: a prefix")
    .option("--source-service <name>", "the service that enqueues it")
    .option("-w, --wait", "wait until the task is finished, and print its result")
    .option("--timeout <duration>", "with --wait: how long (default: for ever)", parseSpan)
    .addOption(
      new Option("--each-line", "one task for each line of the payload, in batches").conflicts(["wait", "timeout"]),
    );
  return command.action((queue: string, type: string, payload: string | undefined) => {
    const options = command.opts<Options>();
    return withSession(
      shell,
      command,
      (session) =>
        options.eachLine
          ? enqueueLines(session, { ...options, queue, type, source: payload ?? "-" })
          : enqueueOne(session, { queue, type, payload }, options),
      { service: options.sourceService },
    );
  });
}

interface NewTask {
  readonly queue: string;
  readonly type: string;
  readonly payload: string | undefined;
}

async function enqueueOne(session: Session, { queue, type, payload }: NewTask, options: Options): Promise<void> {
  const { out } = session;
  if (options.timeout !== undefined && !options.wait) throw wrongUsage("--timeout is for --wait");
  const value = payload === undefined ? undefined : await readPayload(payload, options, session.shell);
  const requestId = options.requestId ?? randomUUID();
  const task = await sendOnce(session, queue, type, value, { ...taskOptions(options), requestId });
  if (options.wait) {
    out.remark(`${task.id} ${task.created ? "enqueued" : "was there already"}; waiting for its result`);
    return printResult(session, await awaitTask(session, task.id, options.timeout), {});
  }
  const { id, created } = task;
  if (out.asJson) await out.json({ task: { id, queue, type }, created, requestId });
  else await out.line(created ? id : `${id} (was there already)`);
}

async function readPayload(argument: string, options: Options, shell: Shell): Promise<unknown> {
  const source = await openSource(argument, shell);
  const content = source === null ? Buffer.from(argument) : await readSource(source);
  return parsePayload(content, payloadForm(options), "the payload");
}

/** Sends it once: whether to try again is for the person to say, who is told when it may be stored although no answer came. */
async function sendOnce(
  { client }: Session,
  ...[queue, type, payload, options]: [string, string, unknown, NonNullable<Parameters<ReturnType<typeof createProducer>["enqueue"]>[3]>]
): Promise<EnqueuedTask<unknown>> {
  throw new Error();
}
