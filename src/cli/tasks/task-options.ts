import { type Command, InvalidArgumentError, Option } from "commander";
import type { TaskOptions } from "../../client/index.ts";
import { parseDurationOption } from "../input/duration.ts";
import { wholeNumber } from "../input/numbers.ts";
import { addStartTimeOptions, type StartTimeOptions } from "../input/start-time.ts";
import { withInheritedTrace } from "../input/trace-variables.ts";

/** What the options of a new task leave behind. */
export interface NewTaskOptions extends StartTimeOptions {
  readonly priority?: number;
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
  command.option("-p, --priority <number>", "higher first (-1000 to 1000; default 0)", wholeNumber(-1_000, 1_000));
  return addStartTimeOptions(command, "first")
    .option("--max-attempts <number>", "total attempts (default: the queue's)", wholeNumber(1, 1_000))
    .option("--attempt-timeout <duration>", "time limit of one attempt (default: the queue's)", parseDurationOption)
    .option(
      "--ttl, --time-to-live <duration>",
      "fail it if not started within this time (default: no limit)",
      parseDurationOption,
    )
    .option("--deduplication-key <key>", "at most one unfinished task of the queue has this key")
    .addOption(
      new Option("--duplicate-policy <policy>", "what to do with a second task of the key (default: return-existing)")
        .choices(["return-existing", "replace", "refuse"])
        .argParser(parsePolicy),
    )
    .option("-c, --correlation-id <id>", "correlation id, shared by everything that belongs to one request")
    .option("-H, --header <key=value>", "header, passed on unread; repeatable", collectHeader);
}

/**
 * The options as the SDK takes them.
 *
 * @param environment the process's: a task without a `traceparent` is part of its trace
 */
export function taskOptions(
  options: NewTaskOptions,
  environment: Readonly<Record<string, string | undefined>>,
): TaskOptions {
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
    headers: withInheritedTrace(header, environment),
  };
}

const policies = new Map([
  ["return-existing", "return_existing"],
  ["replace", "replace"],
  ["refuse", "refuse"],
]);

function parsePolicy(text: string): string {
  const policy = policies.get(text);
  if (policy === undefined) throw new InvalidArgumentError(`Expected one of: ${[...policies.keys()].join(", ")}.`);
  return policy;
}

function collectHeader(text: string, collected: Readonly<Record<string, string>> = {}): Record<string, string> {
  const [, key, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (key === undefined || value === undefined)
    throw new InvalidArgumentError("Expected a key and a value: tenant=acme.");
  return { ...collected, [key]: value };
}
