import { type Command, Option } from "commander";
import { parseDurationOption } from "./duration.ts";
import { parseMoment } from "./moment.ts";

/** When a task may start at the earliest; of the two at most one. */
export interface StartTimeOptions {
  /** In milliseconds from now, by the server's clock. */
  readonly delay?: number;
  readonly scheduleTime?: Date;
}

/** Gives a command the options that say when a task may start. @param attempt which attempt of it: `first` */
export function addStartTimeOptions(command: Command, attempt: "first" | "next"): Command {
  const atOnce = attempt === "next" ? "; 0s: now" : "";
  return command
    .option("--delay <duration>", `delay before the ${attempt} attempt${atOnce}`, parseDurationOption)
    .addOption(
      new Option("--schedule-time <time>", `earliest time of the ${attempt} attempt`)
        .argParser(parseMoment)
        .conflicts("delay"),
    );
}
