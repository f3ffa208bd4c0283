import { type Duration, durationFromMs, durationMs } from "@bufbuild/protobuf/wkt";
import type { Queue } from "../../../../gen/sitq/v1/queue_pb.js";
import { durationForm, formatDuration, parseDuration } from "../../../../src/contract/duration.ts";
import { count } from "../../ui/text.ts";

/** A setting of a queue as a field of a form: how it is read, checked and written. */
export interface SettingField {
  /** Its path in a request, by which the server names it in refusals: `queue.retry_policy.jitter`. */
  readonly path: string;
  readonly label: string;
  /** What it means and how it is written. */
  readonly hint: string;
  /** The values to choose from. Default: it is written. */
  readonly choices?: readonly string[];
  /** The value as text; empty: the default. */
  read(queue: Queue): string;
  /** What is wrong with a text; `null`: nothing. */
  check(text: string): string | null;
  /** Sets the value of a text that is right. */
  write(queue: Queue, text: string): void;
}

/** What all kinds of fields are made of. `Value`: as the queue has it. */
interface FieldOptions<Value> extends Pick<SettingField, "path" | "label" | "hint"> {
  read(queue: Queue): Value;
  write(queue: Queue, value: Value): void;
}

/** Bounds, both included. */
interface Bounds {
  readonly least: number;
  readonly most: number;
}

/** A whole number from 1; 0 is the default. */
export function wholeNumberField({ most, ...options }: FieldOptions<number> & Pick<Bounds, "most">): SettingField {
  const { read, write } = options;
  return {
    ...options,
    read: (queue) => (read(queue) === 0 ? "" : `${read(queue)}`),
    check: (text) =>
      text === "" || (/^\d{1,15}$/.test(text) && isIn({ least: 1, most }, Number(text)))
        ? null
        : `A whole number from 1 to ${count(most)}, or nothing.`,
    write: (queue, text) => write(queue, Number(text)),
  };
}

/** A number with a point. */
export function decimalField({ least, most, ...options }: FieldOptions<number | undefined> & Bounds): SettingField {
  const { read, write } = options;
  return {
    ...options,
    read: (queue) => `${read(queue) ?? ""}`,
    check: (text) =>
      text === "" || (/^\d{1,9}(\.\d{1,9})?$/.test(text) && isIn({ least, most }, Number(text)))
        ? null
        : `A number from ${least} to ${most}, such as 0.25, or nothing.`,
    write: (queue, text) => write(queue, text === "" ? undefined : Number(text)),
  };
}

/** A span of time. Its bounds are in milliseconds. */
export function spanField({ least, most, ...options }: FieldOptions<Duration | undefined> & Bounds): SettingField {
  const { read, write } = options;
  return {
    ...options,
    read(queue) {
      const value = read(queue);
      return value === undefined ? "" : formatDuration(durationMs(value));
    },
    check(text) {
      const ms = parseDuration(text);
      if (text === "" || (ms !== undefined && isIn({ least, most }, ms))) return null;
      if (ms === undefined) return `Write ${durationForm}.`;
      return `From ${formatDuration(least)} to ${formatDuration(most)}, or nothing.`;
    },
    write: (queue, text) => write(queue, text === "" ? undefined : durationFromMs(parseDuration(text) ?? 0)),
  };
}

/** One of several words. */
export function choiceField(options: FieldOptions<string> & { readonly choices: readonly string[] }): SettingField {
  return { ...options, check: (text) => (options.choices.includes(text) ? null : "Choose one of the list.") };
}

function isIn({ least, most }: Bounds, n: number): boolean {
  return n >= least && n <= most;
}
