import { type Timestamp, timestampFromDate } from "@bufbuild/protobuf/wkt";
import type { Command } from "commander";
import type { TaskState } from "../../client/index.ts";
import { parsePast } from "../input/moment.ts";
import { collectStates, stateWords } from "../input/states.ts";
import { localTime } from "../terminal/times.ts";

/** What the filter options of a command leave behind. */
export interface FilterOptions {
  readonly queue?: string;
  readonly type?: string;
  readonly state?: readonly TaskState[];
  readonly correlationId?: string;
  readonly since?: Date;
  readonly until?: Date;
}

/** The fields of a `sitq.v1.TaskFilter` that were asked for. */
export interface ChosenFilter {
  queue?: string;
  type?: string;
  states?: TaskState[];
  correlationId?: string;
  createdAfter?: Timestamp;
  createdBefore?: Timestamp;
}

/** Gives a command the options that say which tasks are meant. */
export function addFilterOptions(command: Command): Command {
  return command
    .option("-q, --queue <name>", "only tasks of this queue")
    .option("-t, --type <type>", "only tasks of this type")
    .option("-s, --state <state>", `only tasks in this state (${stateWords}); repeatable`, collectStates)
    .option("-c, --correlation-id <id>", "only tasks with this correlation id")
    .option("--since <time>", "only tasks created since: a duration ago, or a time", parsePast)
    .option("--until <time>", "only tasks created before", parsePast);
}

/** The filter that the options ask for; `null`: they ask for none. */
export function chosenFilter(options: FilterOptions): ChosenFilter | null {
  const filter: ChosenFilter = {};
  if (options.queue !== undefined) filter.queue = options.queue;
  if (options.type !== undefined) filter.type = options.type;
  if (options.state !== undefined) filter.states = [...options.state];
  if (options.correlationId !== undefined) filter.correlationId = options.correlationId;
  if (options.since !== undefined) filter.createdAfter = timestampFromDate(options.since);
  if (options.until !== undefined) filter.createdBefore = timestampFromDate(options.until);
  return Object.keys(filter).length === 0 ? null : filter;
}

/** The filter in words, to be read behind "tasks": ` of queue orders, of type order.ship`; for none, nothing. */
export function filterInWords({ queue, type, correlationId, since, until }: FilterOptions): string {
  const parts: string[] = [];
  if (queue !== undefined) parts.push(`of queue ${queue}`);
  if (type !== undefined) parts.push(`of type ${type}`);
  if (correlationId !== undefined) parts.push(`with correlation id ${correlationId}`);
  if (since !== undefined) parts.push(`created since ${localTime(since.getTime())}`);
  if (until !== undefined) parts.push(`created before ${localTime(until.getTime())}`);
  return parts.length === 0 ? "" : ` ${parts.join(", ")}`;
}
