import { type Command, InvalidArgumentError, Option } from "commander";
import type { TaskOptions } from "../../client/index.ts";
import { parseDurationOption } from "../input/duration.ts";
import { parseMoment } from "../input/moment.ts";
import { wholeNumber } from "../input/numbers.ts";

/** What the options of a new task leave behind. */
export interface NewTaskOptions {
  readonly priority?: number;
  readonly delay?: number;
  readonly scheduleTime?: Date;
  readonly maxAttempts?: number;
  readonly attemptTimeout?: number;
  readonly timeToLive?: number;
  readonly deduplicationKey?: string;
  readonly duplicatePolicy?: "return_existing" | "replace" | "refuse";
  readonly correlationId?: string;
  readonly header?: Readonly<Record<string, string>>;
}

/** Gives a command the options that say something of a new task. */
export function addTaskOptions(command: Command): Command {
  return command
    .option("-p, --priority <number>", "the higher goes first (-1000 to 1000; default 0)", wholeNumber(-1_000, 1_000))
    .option("--delay <duration>", "how long until the first attempt", parseDurationOption)
    .addOption(
      new Option("--schedule-time <time>", "when the first attempt may begin")
        .argParser(parseMoment)
        .conflicts("delay"),
    )
    .option("--max-attempts <number>", "how many attempts in all (default: the queue's)", wholeNumber(1, 1_000))
    .option("--attempt-timeout <duration>", "how long one attempt may run (default: the queue's)", parseDurationOption)
    .option(
      "--ttl, --time-to-live <duration>",
      "how long it may wait to be begun (default: for ever)",
      parseDurationOption,
    )
    .option("--deduplication-key <key>", "at most one unfinished task of the queue has this key")
    .addOption(
      new Option("--duplicate-policy <policy>", "what a second task with the key gets (default: the existing one)")
        .choices(["return-existing", "replace", "refuse"])
        .argParser(parsePolicy),
    )
    .option("-c, --correlation-id <id>", "ties together what belongs together")
    .option("-H, --header <key=value>", "rides along unread; may be repeated", collectHeader);
}

/** The options as the SDK takes them. */
export function taskOptions(options: NewTaskOptions): TaskOptions {
  const { priority, delay, scheduleTime, maxAttempts, attemptTimeout, timeToLive, header } = options;
  const { deduplicationKey, duplicatePolicy, correlationId } = options;
  return {
    ...(priority !== undefined && { priority }),
    ...(delay !== undefined && { delayMs: delay }),
    ...(scheduleTime !== undefined && { scheduleTime }),
    ...(maxAttempts !== undefined && { maxAttempts }),
    ...(attemptTimeout !== undefined && { attemptTimeoutMs: attemptTimeout }),
    ...(timeToLive !== undefined && { timeToLiveMs: timeToLive }),
    ...(deduplicationKey !== undefined && { deduplicationKey }),
    ...(duplicatePolicy !== undefined && { duplicatePolicy }),
    ...(correlationId !== undefined && { correlationId }),
    ...(header !== undefined && { headers: header }),
  };
}

const policies = new Map([
  ["return-existing", "return_existing"],
  ["replace", "replace"],
  ["refuse", "refuse"],
]);

function parsePolicy(text: string): string {
  const policy = policies.get(text);
  if (policy === undefined) throw new InvalidArgumentError(`It is one of: ${[...policies.keys()].join(", ")}.`);
  return policy;
}

function collectHeader(text: string, collected: Readonly<Record<string, string>> = {}): Record<string, string> {
  const [, key, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (key === undefined || value === undefined) throw new InvalidArgumentError("It is a key and a value: tenant=acme.");
  return { ...collected, [key]: value };
}
