import { durationForm, formatDuration, parseDuration } from "../contract/duration.ts";
import { formatHostPort, type HostPort, isEverywhere, parseHostPort } from "../contract/host-port.ts";

/** A kind of value that a setting can have: how it is written, and which values are good. */
export interface SettingKind<T> {
  /** What stands for the value in a usage line: `DURATION`. */
  readonly placeholder: string;
  /** Which values are good: `a duration from 1s to 12h`. */
  readonly expected: string;
  /** How the values are written, if `expected` does not show it. */
  readonly form?: string;
  /** Reads a value; `undefined` if it is not a good one. */
  parse(text: string): T | undefined;
  /** Writes a value as `parse` reads it. */
  format(value: T): string;
}

/** The units of a size with their bytes, from the largest down. */
const sizeUnits: readonly (readonly [name: string, bytes: number])[] = [
  ["GiB", 1_073_741_824],
  ["MiB", 1_048_576],
  ["KiB", 1_024],
  ["B", 1],
];

/** A number with one of the units; a bare number counts bytes. Whole in bytes. */
function parseSize(text: string): number | undefined {
  const [, digits, name] = /^(\d{1,15}(?:\.\d{1,6})?)([A-Za-z]*)$/.exec(text) ?? [];
  const unitBytes = sizeUnits.find(([unit]) => unit === (name || "B"))?.[1];
  if (digits === undefined || unitBytes === undefined) return undefined;
  const bytes = Number(digits) * unitBytes;
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

function formatSize(bytes: number): string {
  if (bytes === 0) return "0";
  const [name, unitBytes] = sizeUnits.find(([, each]) => bytes % each === 0) ?? ["", 1];
  return `${bytes / unitBytes}${name}`;
}

function within(value: number | undefined, min: number, max: number): number | undefined {
  return value !== undefined && value >= min && value <= max ? value : undefined;
}

/** A span of time, in milliseconds. */
export function duration(minMs: number, maxMs: number): SettingKind<number> {
  return {
    placeholder: "DURATION",
    expected: `a duration from ${formatDuration(minMs)} to ${formatDuration(maxMs)}`,
    form: durationForm,
    parse: (text) => within(parseDuration(text), minMs, maxMs),
    format: formatDuration,
  };
}

/** An amount of memory. */
export function size(minBytes: number, maxBytes: number): SettingKind<number> {
  return {
    placeholder: "SIZE",
    expected: `a size from ${formatSize(minBytes)} to ${formatSize(maxBytes)}`,
    form: "a number with KiB, MiB or GiB, such as 512KiB or 1MiB, or a number of bytes",
    parse: (text) => within(parseSize(text), minBytes, maxBytes),
    format: formatSize,
  };
}

/** A whole number. */
export function count(min: number, max: number): SettingKind<number> {
  return {
    placeholder: "NUMBER",
    expected: `a whole number from ${min} to ${max}`,
    parse: (text) => within(/^\d{1,15}$/.test(text) ? Number(text) : undefined, min, max),
    format: String,
  };
}

/** One of several words. */
export function choice<const T extends string>(words: readonly T[]): SettingKind<T> {
  return {
    placeholder: "WORD",
    expected: `one of ${words.join(", ")}`,
    parse: (text) => words.find((word) => word === text),
    format: (word) => word,
  };
}

const switchWords = new Map([
  ["true", true],
  ["1", true],
  ["false", false],
  ["0", false],
]);

/** Yes or no. The flag alone says yes. */
export function onOff(): SettingKind<boolean> {
  return {
    placeholder: "true|false",
    expected: "true or false",
    form: "true, false, 1 or 0",
    parse: (text) => switchWords.get(text),
    format: String,
  };
}

/** A place to listen. */
export function address(): SettingKind<HostPort> {
  return {
    placeholder: "HOST:PORT",
    expected: "HOST:PORT, with a port from 0 to 65535 and an IPv6 host in brackets",
    parse: parseHostPort,
    format: formatHostPort,
  };
}

/** A place that other machines call. */
export function reachableAddress(): SettingKind<HostPort> {
  return {
    ...address(),
    expected: "HOST:PORT that others can call: not 0.0.0.0, with a port from 1 to 65535 and an IPv6 host in brackets",
    parse(text) {
      const place = parseHostPort(text);
      return place === undefined || place.port === 0 || isEverywhere(place) ? undefined : place;
    },
  };
}

/** A value that need not be there. The word `none` says so, over the environment too. */
export function optional<T>(kind: SettingKind<T>): SettingKind<T | null> {
  return {
    ...kind,
    expected: `${kind.expected}, or none`,
    parse: (text) => (text === "none" ? null : kind.parse(text)),
    format: (value) => (value === null ? "none" : kind.format(value)),
  };
}

/** A file's path. SQLite's `:memory:` is none: it would keep nothing. */
export function file(): SettingKind<string> {
  return {
    placeholder: "FILE",
    expected: "the path of a file",
    parse: (text) => (text === "" || text.includes("\0") || text.startsWith(":memory:") ? undefined : text),
    format: (path) => path,
  };
}

/** Where a database of PostgreSQL is. */
export function databaseUrl(): SettingKind<string> {
  const isDatabase = (text: string) => {
    if (!/^postgres(ql)?:\/\//.test(text) || !URL.canParse(text)) return false;
    const { hostname, pathname } = new URL(text);
    return hostname !== "" && pathname.length > 1;
  };
  return {
    placeholder: "URL",
    expected: "the URL of a database, such as postgres://sitq@db.example/sitq",
    parse: (text) => (/\p{Cc}/u.test(text) || !isDatabase(text) ? undefined : text),
    format: (url) => url,
  };
}

/** A text in one line. */
export function text(placeholder: string, expected: string, isGood: (text: string) => boolean): SettingKind<string> {
  return {
    placeholder,
    expected,
    parse: (value) => (value !== "" && !/\p{Cc}/u.test(value) && isGood(value) ? value : undefined),
    format: (value) => value,
  };
}

/** Some words, with commas between them. */
export function choices<const T extends string>(words: readonly T[]): SettingKind<readonly T[]> {
  const isWord = (word: string): word is T => words.some((each) => each === word);
  return {
    placeholder: "LIST",
    expected: `a list, with commas, of: ${words.join(", ")}`,
    parse(value) {
      const listed = value.split(",").map((word) => word.trim());
      return listed.every(isWord) ? listed : undefined;
    },
    format: (list) => list.join(","),
  };
}

/** Origins of pages, with commas between them. The word `none` stands for an empty list. */
export function origins(): SettingKind<readonly string[]> {
  const isOrigin = (text: string) => /^https?:/.test(text) && URL.canParse(text) && new URL(text).origin === text;
  return {
    placeholder: "LIST",
    expected: "a list, with commas, of origins such as https://console.example, or none",
    parse(value) {
      if (value === "none") return [];
      const listed = value.split(",").map((each) => each.trim());
      return listed.every(isOrigin) ? listed : undefined;
    },
    format: (list) => (list.length === 0 ? "none" : list.join(",")),
  };
}
