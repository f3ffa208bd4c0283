import type { Command } from "commander";
import { collectAttribute } from "./attributes.ts";

/** What the filter options of a command leave behind. */
export interface EventFilterOptions {
  readonly types?: readonly string[];
  readonly source?: string;
  readonly subject?: string;
  readonly correlationId?: string;
  readonly attribute?: Readonly<Record<string, string>>;
}

/** The fields of a `sitq.v1.EventFilter` that were asked for. */
export interface ChosenEventFilter {
  types?: string[];
  sourceService?: string;
  subject?: string;
  correlationId?: string;
  attributes?: Record<string, string>;
}

/** Gives a command the options that say which events are meant. */
export function addEventFilterOptions(command: Command): Command {
  return command
    .option(
      "-t, --types <pattern>",
      "only events of these types: order.created, order.*, order.**; repeatable, or with commas",
      collectTypes,
    )
    .option("--source <service>", "only events of this source")
    .option("--subject <subject>", "only events with this subject")
    .option("-c, --correlation-id <id>", "only events with this correlation id")
    .option("--attribute <name=value>", "only events with this attribute; repeatable", collectAttribute);
}

function collectTypes(text: string, collected: readonly string[] = []): string[] {
  return [...collected, ...text.split(",").map((pattern) => pattern.trim())];
}

/** The filter that the options ask for. */
export function chosenEventFilter(options: EventFilterOptions): ChosenEventFilter {
  const filter: ChosenEventFilter = {};
  if (options.types !== undefined) filter.types = [...options.types];
  if (options.source !== undefined) filter.sourceService = options.source;
  if (options.subject !== undefined) filter.subject = options.subject;
  if (options.correlationId !== undefined) filter.correlationId = options.correlationId;
  if (options.attribute !== undefined) filter.attributes = { ...options.attribute };
  return filter;
}
