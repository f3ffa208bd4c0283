import { InvalidArgumentError } from "commander";
import { durationForm, parseDuration } from "../../contract/duration.ts";

/** Reads the duration of an option, in milliseconds. */
export function parseDurationOption(text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined) throw new InvalidArgumentError(`Expected ${durationForm}.`);
  return ms;
}
