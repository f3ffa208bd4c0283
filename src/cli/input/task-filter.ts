import { durationFromMs, timestampFromDate } from "@bufbuild/protobuf/wkt";
import type { Command } from "commander";
import { type TaskFilter, TaskState } from "../../client/index.ts";
import { formatDuration } from "../../contract/duration.ts";
import { wrongUsage } from "../command/command-failure.ts";
import { printable } from "../terminal/printable.ts";
import { localTime } from "../terminal/times.ts";
import { parseDurationOption } from "./duration.ts";
import { parsePast } from "./moment.ts";
import { parseRange, type Range, rangeInWords } from "./range.ts";
import { collectStates, stateWords } from "./states.ts";

/** What the filter options of a command leave behind. */
export interface FilterOptions {
  readonly queue?: string;
  readonly type?: string;
  readonly state?: readonly TaskState[];
  readonly correlationId?: string;
  readonly since?: Date;
  readonly until?: Date;
  readonly error?: string;
  readonly errorText?: string;
  readonly worker?: string;
  readonly source?: string;
  readonly attempt?: Range;
  readonly priority?: Range;
  readonly stateAge?: number;
  readonly runningFor?: number;
}

/** The fields of a `sitq.v1.TaskFilter` that were asked for. */
export type ChosenFilter = Partial<Omit<TaskFilter, "$typeName" | "$unknown">>;

/** Which of the options a command does not have. */
export interface LeftOut {
  /** Its argument names the queue. */
  readonly queue?: boolean;
  /** It shows changes, which are new. */
  readonly ages?: boolean;
}

/** Gives a command the options that say which tasks are meant. */
export function addFilterOptions(command: Command, leftOut: LeftOut = {}): Command {
  if (!leftOut.queue) command.option("-q, --queue <name>", "only tasks of this queue");
  command
    .option("-t, --type <type>", "only tasks of this type")
    .option("-s, --state <state>", `only tasks in this state (${stateWords}); repeatable`, collectStates)
    .option("-c, --correlation-id <id>", "only tasks with this correlation id")
    .option("--since <time>", "only tasks created since: a duration ago, or a time", parsePast)
    .option("--until <time>", "only tasks created before", parsePast)
    .option("--error <type>", "only tasks whose last error has this type; '' for one without a type")
    .option("--error-text <text>", "only tasks whose last error's message holds this text, in any case")
    .option("--worker <id>", "only tasks whose newest attempt this worker has, or had")
    .option("--source <service>", "only tasks that this service enqueued")
    .option("--attempt <range>", "only tasks at this attempt: 3, 3.., ..5, 3..5; 0: never handed out", parseRange)
    .option("--priority <range>", "only tasks of this priority, likewise", parseRange);
  if (leftOut.ages) return command;
  return command
    .option("--state-age <duration>", "only tasks in their state for at least so long", parseDurationOption)
    .option("--running-for <duration>", "only tasks that have run for at least so long", parseDurationOption);
}

/**
 * The filter that the options ask for; `null`: they ask for none.
 *
 * @throws CommandFailure if two of them cannot both hold
 */
export function chosenFilter(options: FilterOptions): ChosenFilter | null {
  const { state, since, until, attempt, priority, runningFor, stateAge = runningFor } = options;
  if (runningFor !== undefined && (options.stateAge !== undefined || state?.some((each) => each !== TaskState.RUNNING)))
    throw wrongUsage("--running-for stands for --state running --state-age: leave these out");
  const states = runningFor === undefined ? state : [TaskState.RUNNING];
  const fields: { readonly [Name in keyof ChosenFilter]: ChosenFilter[Name] | undefined } = {
    queue: options.queue,
    type: options.type,
    states: states && [...states],
    correlationId: options.correlationId,
    createdAfter: since && timestampFromDate(since),
    createdBefore: until && timestampFromDate(until),
    errorType: options.error,
    errorText: options.errorText,
    workerId: options.worker,
    sourceService: options.source,
    minAttempt: attempt?.least,
    maxAttempt: attempt?.most,
    minPriority: priority?.least,
    maxPriority: priority?.most,
    minStateAge: stateAge === undefined ? undefined : durationFromMs(stateAge),
  };
  const filter: ChosenFilter = {};
  for (const [name, value] of Object.entries(fields)) if (value !== undefined) Object.assign(filter, { [name]: value });
  return Object.keys(filter).length === 0 ? null : filter;
}

/** The filter in words, to be read behind "tasks": ` of queue orders, of type order.ship`; for none, nothing. */
export function filterInWords(options: FilterOptions): string {
  const { queue, type, correlationId, since, until, error, errorText, worker, source } = options;
  const parts: string[] = [];
  if (queue !== undefined) parts.push(`of queue ${queue}`);
  if (type !== undefined) parts.push(`of type ${type}`);
  if (correlationId !== undefined) parts.push(`with correlation id ${correlationId}`);
  if (since !== undefined) parts.push(`created since ${localTime(since.getTime())}`);
  if (until !== undefined) parts.push(`created before ${localTime(until.getTime())}`);
  if (error !== undefined) parts.push(error === "" ? "with an error without a type" : `with error ${printable(error)}`);
  if (errorText !== undefined) parts.push(`whose error says "${printable(errorText)}"`);
  if (worker !== undefined) parts.push(`of worker ${worker}`);
  if (source !== undefined) parts.push(`from ${source}`);
  if (options.attempt !== undefined) parts.push(`at attempt ${rangeInWords(options.attempt)}`);
  if (options.priority !== undefined) parts.push(`of priority ${rangeInWords(options.priority)}`);
  if (options.stateAge !== undefined) parts.push(`in their state for ${formatDuration(options.stateAge)}`);
  if (options.runningFor !== undefined) parts.push(`running for ${formatDuration(options.runningFor)}`);
  return parts.length === 0 ? "" : ` ${parts.join(", ")}`;
}
