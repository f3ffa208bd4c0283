import { InvalidArgumentError } from "commander";
import type { EventStartOption } from "../../client/index.ts";
import { pastOf } from "../input/moment.ts";

/** What an event's position looks like: no span of time begins with a nought and goes on for so long. */
const position = /^0[0-9a-z]{10}$/;

/** The forms of a start, for the help. */
export const startWords = "now, earliest, a duration ago (2h), a time, or the position of an event";

/** Reads a place among the events. */
export function parseEventStart(text: string): EventStartOption {
  if (text === "now" || text === "earliest") return text;
  if (position.test(text)) return { position: text };
  const date = pastOf(text);
  if (date !== undefined) return date;
  throw new InvalidArgumentError(`Expected ${startWords}.`);
}
