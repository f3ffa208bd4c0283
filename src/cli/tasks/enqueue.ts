import { randomUUID } from "node:crypto";
import { type Command, Option } from "commander";
import { createProducer } from "../../client/index.ts";
import { wrongUsage } from "../command/command-failure.ts";
import { newCommand } from "../command/new-command.ts";
import { briefly, type Session, withSession } from "../command/session.ts";
import { storeOnce } from "../command/store-once.ts";
import { parseDurationOption } from "../input/duration.ts";
import { type PayloadOptions, readPayload } from "../input/payload.ts";
import { printable } from "../terminal/printable.ts";
import type { Shell } from "../terminal/shell.ts";
import { awaitFinished } from "./await-task.ts";
import { enqueueLines } from "./enqueue-lines.ts";
import { waitText } from "./output/explanation-words.ts";
import { printResult } from "./print-result.ts";
import { addTaskOptions, type NewTaskOptions, taskOptions } from "./task-options.ts";

interface Options extends NewTaskOptions, PayloadOptions {
  readonly requestId?: string;
  readonly sourceService?: string;
  readonly wait?: boolean;
  readonly raw?: boolean;
  readonly timeout?: number;
  readonly eachLine?: boolean;
}

/** The command `sitq enqueue`: hands one task over, or one for each line. */
export function enqueueCommand(shell: Shell): Command {
  const command = newCommand("enqueue", {
    takes: "<queue> <type> [payload]",
    does: "enqueue one task, or one for each line of input",
    notes: [
      "Returns once the task is on the server's disk.",
      "The payload is JSON unless --text or --binary is given; - reads standard input, @FILE a file.",
    ].join("\n"),
    examples: [
      [`enqueue orders order.ship '{"order": 7}'`, "one task"],
      ["enqueue orders order.ship @order.json --wait", "print its result"],
      ["enqueue reports report.build --delay 10m --max-attempts 3", "later, without a payload"],
      ["enqueue orders order.ship --deduplication-key order-7 --request-id 4711", "safe to repeat"],
      ["enqueue orders order.ship @orders.jsonl --each-line", "one task for each line of a file"],
    ],
  });
  addTaskOptions(command)
    .option("--text", "the payload is text, not JSON")
    .addOption(new Option("--binary", "the payload is bytes").conflicts(["text", "eachLine"]))
    .option("--request-id <id>", "idempotency key: a repeat returns the first task; with --each-line: a prefix")
    .option("--source-service <name>", "the service that enqueues it")
    .option("-w, --wait", "wait until the task is finished and print its result")
    .option("-r, --raw", "with --wait: print a string result without JSON quotes")
    .option("--timeout <duration>", "with --wait: how long to wait (default: no limit)", parseDurationOption)
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

interface TaskArguments {
  readonly queue: string;
  readonly type: string;
  readonly payload: string | undefined;
}

async function enqueueOne(session: Session, task: TaskArguments, options: Options): Promise<void> {
  const { client, out, shell } = session;
  if (options.timeout !== undefined && !options.wait) throw wrongUsage("--timeout is for --wait");
  const payload = task.payload === undefined ? undefined : await readPayload(task.payload, options, shell);
  const { requestId = randomUUID() } = options;
  const producer = createProducer(client, { retryTimeoutMs: 0 });
  const { id, queue, type, created } = await storeOnce(client.address, `--request-id ${requestId}`, () =>
    producer.enqueue(task.queue, task.type, payload, { ...taskOptions(options, shell.environment), requestId }),
  );
  if (options.wait) {
    out.remark(`${id} ${created ? "enqueued" : "already existed"}; waiting for its result`);
    return printResult(session, await awaitFinished(session, id, options.timeout), options);
  }
  if (out.asJson) return out.json({ task: { id, queue, type }, created, requestId });
  await out.line(id);
  if (!created) out.remark(`Already exists: no second task was created.${await whyExisting(session, id)}`);
}

/** Why the task that is there is not finished; empty: that is not known. */
async function whyExisting({ client }: Session, taskId: string): Promise<string> {
  const answer = await client.queue.explainTask({ taskId }, briefly).catch(() => null);
  const why = waitText(answer?.explanation) || printable(answer?.explanation?.message ?? "");
  return why && ` It is there: ${why}.`;
}
