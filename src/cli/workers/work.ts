import { type Command, Option } from "commander";
import { wrongUsage } from "../command/command-failure.ts";
import { newCommand } from "../command/new-command.ts";
import { type Session, withSession } from "../command/session.ts";
import { parseDurationOption } from "../input/duration.ts";
import { wholeNumber } from "../input/numbers.ts";
import type { Shell } from "../terminal/shell.ts";
import { runWorker, type WorkOptions } from "./run-worker.ts";

/** The command `sitq work`: any program as a worker. */
export function workCommand(shell: Shell): Command {
  const command = newCommand("work", {
    takes: "[queue...]",
    does: "process queues with a program, run once for each task",
    notes: [
      "The program gets the payload on standard input (JSON or bytes) and the task in its environment:",
      "SITQ_TASK_ID, SITQ_TASK_TYPE, SITQ_TASK_QUEUE, SITQ_TASK_ATTEMPT, SITQ_TASK_MAX_ATTEMPTS, SITQ_CORRELATION_ID,",
      "SITQ_HEADER_NAME for each header, SITQ_ADDRESS; of a delivery SITQ_EVENT_ID, SITQ_EVENT_SOURCE, SITQ_EVENT_SUBJECT; of a",
      "workflow's step SITQ_WORKFLOW_ID, SITQ_STEP_ID. What it prints is the result: JSON if it is that, else text.",
      "Exit code 0: completed; 75: failed, retried after --retry-delay; 65: failed for good; any other: failed, retried by",
      "the task's retry policy. The end of its standard error says why. When the task is cancelled or runs too long, it gets",
      "SIGTERM, and SIGKILL 5 s later. Ctrl-C takes no more tasks and lets programs finish; a second one stops them and releases their tasks.",
    ].join("\n"),
    examples: [
      ["work thumbnails --exec './thumbnail.sh' --capacity 4", "four at a time"],
      ["work --task 0f3k9q2m7xa --exec './thumbnail.sh'", "this one task, then exit"],
      [`work mail --type mail.welcome --exec 'jq -r .to | xargs welcome' --timeout 30s`, "one type, with a bound"],
    ],
  });
  command
    .requiredOption("-e, --exec <command>", "the program, as the shell reads it")
    .option("--capacity <number>", "programs at a time", wholeNumber(1, 10_000), 1)
    .option("-t, --type <type>", "only tasks of this type; repeatable (default: all)", collect)
    .option("--task <id>", "claim this one task by its id, run the program, and exit")
    .option("--timeout <duration>", "time limit of a program (default: that of its task)", parseDurationOption)
    .addOption(
      new Option("--retry-delay <duration>", "when to try again after exit code 75")
        .argParser(parseDurationOption)
        .default(60_000, "1m"),
    )
    .option("--service <name>", "the worker's service")
    .option("--worker-id <id>", "worker id, unique (default: generated)");
  return command.action((queues: string[]) => {
    const options = command.opts<WorkOptions & { readonly service?: string }>();
    const { task, service } = options;
    if ((queues.length === 0) === (task === undefined)) throw wrongUsage("Name queues, or one task with --task.");
    const work = (session: Session) => runWorker(session, queues, options);
    return withSession(shell, command, work, { service });
  });
}

function collect(text: string, collected: readonly string[] = []): string[] {
  return [...collected, text];
}
