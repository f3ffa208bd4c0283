import { type OptionNames, refuseUnknown } from "../../grpc/client/known-options.ts";
import { jsonTask, plainTask, type TaskDefinition } from "../tasks/task-definition.ts";

/** What can be said of a type of events. */
export interface EventTypeOptions<Data> {
  /** Checks data before a handler sees them; it throws if they are not what they should be. Default: they are taken as they are. */
  readonly parse?: (value: unknown) => Data;
}

const optionNames: OptionNames<EventTypeOptions<unknown>> = { parse: true };

/** A type of events with the type of its data; what its handlers answer stands in the delivery report, and may be anything. */
export type EventType<Data> = TaskDefinition<Data, Data, unknown, unknown>;

/** Defines a type of events whose data are JSON values, for publishers and for handlers. */
export function eventType<Data>(type: string, options: EventTypeOptions<Data> = {}): EventType<Data> {
  refuseUnknown(options, optionNames);
  const { parse } = options;
  const { input } = jsonTask<Data>(type, parse === undefined ? {} : { parseInput: parse });
  return { ...plainTask(type), input };
}
