import { type Command, InvalidArgumentError } from "commander";
import type { BalancingStrategy } from "../../client/index.ts";
import { parseDurationOption } from "../input/duration.ts";
import { wholeNumber } from "../input/numbers.ts";
import { parseStrategy, strategyWords } from "../input/strategy.ts";

/** A value, or that the setting goes back to its default. */
export type OrDefault<T> = T | "default";

/** The settings of a queue that options named. */
export interface QueueOptions {
  readonly maxDepth?: OrDefault<number>;
  readonly maxRunning?: OrDefault<number>;
  readonly strategy?: OrDefault<BalancingStrategy>;
  readonly maxAttempts?: OrDefault<number>;
  /** In milliseconds, as all the spans below. */
  readonly attemptTimeout?: OrDefault<number>;
  readonly initialBackoff?: OrDefault<number>;
  readonly maxBackoff?: OrDefault<number>;
  readonly multiplier?: OrDefault<number>;
  readonly jitter?: OrDefault<number>;
  readonly retentionCompleted?: OrDefault<number>;
  readonly retentionFailed?: OrDefault<number>;
  readonly retentionCancelled?: OrDefault<number>;
}

/** Gives a command the options that are a queue's settings. */
export function addQueueOptions(command: Command): Command {
  const depth = orDefault(wholeNumber(1, 1_000_000_000));
  const running = orDefault(wholeNumber(1, 1_000_000));
  const attempts = orDefault(wholeNumber(1, 1_000));
  const strategy = orDefault(parseStrategy);
  const span = orDefault(parseDurationOption);
  const decimal = orDefault(parseDecimal);
  return command
    .option("--max-depth <number>", "the most unfinished tasks", depth)
    .option("--max-running <number>", "the most running tasks, over all workers", running)
    .option("--strategy <name>", `how workers are balanced: ${strategyWords}`, strategy)
    .option("--max-attempts <number>", "attempts of a task", attempts)
    .option("--attempt-timeout <duration>", "time limit of one attempt", span)
    .option("--initial-backoff <duration>", "the delay after a task's first failure", span)
    .option("--max-backoff <duration>", "the longest delay after a failure", span)
    .option("--multiplier <number>", "the factor from one delay to the next (1 to 10)", decimal)
    .option("--jitter <share>", "the share of a delay that is random (0 to 1)", decimal)
    .option("--retention-completed <duration>", "how long COMPLETED tasks are kept", span)
    .option("--retention-failed <duration>", "how long FAILED tasks are kept", span)
    .option("--retention-cancelled <duration>", "how long CANCELLED tasks are kept", span);
}

function orDefault<T>(parse: (text: string) => T): (text: string) => OrDefault<T> {
  return (text) => (text === "default" ? text : parse(text));
}

function parseDecimal(text: string): number {
  if (!/^\d{1,9}(\.\d{1,9})?$/.test(text)) throw new InvalidArgumentError("Expected a number: 2, 0.25.");
  return Number(text);
}
