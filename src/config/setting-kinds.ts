import { formatAddress, type ListenAddress, parseAddress } from "../contract/host-port.ts";

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

/** A unit's name and its size in the smallest one; the tables are ordered from the largest unit down. */
type Unit = readonly [name: string, size: number];

const durationUnits: readonly Unit[] = [
  ["h", 3_600_000],
  ["m", 60_000],
  ["s", 1_000],
  ["ms", 1],
];

const sizeUnits: readonly Unit[] = [
  ["GiB", 1_073_741_824],
  ["MiB", 1_048_576],
  ["KiB", 1_024],
  ["B", 1],
];

/** A number with one of the units; a bare number if `bareUnit` says what it counts. Whole in the smallest unit. */
function parseQuantity(text: string, units: readonly Unit[], bareUnit?: string): number | undefined {
  const [, digits, name] = /^(\d{1,15}(?:\.\d{1,6})?)([A-Za-z]*)$/.exec(text) ?? [];
  const size = units.find(([unit]) => unit === (name || bareUnit))?.[1];
  if (digits === undefined || size === undefined) return undefined;
  const value = Number(digits) * size;
  return Number.isSafeInteger(value) ? value : undefined;
}

function formatQuantity(value: number, units: readonly Unit[]): string {
  if (value === 0) return "0";
  const [name, size] = units.find(([, unitSize]) => value % unitSize === 0) ?? ["", 1];
  return `${value / size}${name}`;
}

function within(value: number | undefined, min: number, max: number): number | undefined {
  return value !== undefined && value >= min && value <= max ? value : undefined;
}

/** A span of time. A bare number is refused, because half of the world would mean seconds; 0 needs no unit. */
export function duration(minMs: number, maxMs: number): SettingKind<number> {
  const format = (ms: number) => formatQuantity(ms, durationUnits);
  return {
    placeholder: "DURATION",
    expected: `a duration from ${format(minMs)} to ${format(maxMs)}`,
    form: "a number with ms, s, m or h, such as 500ms, 30s, 10m or 1h",
    parse: (text) => within(text === "0" ? 0 : parseQuantity(text, durationUnits), minMs, maxMs),
    format,
  };
}

/** An amount of memory. */
export function size(minBytes: number, maxBytes: number): SettingKind<number> {
  const format = (bytes: number) => formatQuantity(bytes, sizeUnits);
  return {
    placeholder: "SIZE",
    expected: `a size from ${format(minBytes)} to ${format(maxBytes)}`,
    form: "a number with KiB, MiB or GiB, such as 512KiB or 1MiB, or a number of bytes",
    parse: (text) => within(parseQuantity(text, sizeUnits, "B"), minBytes, maxBytes),
    format,
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
export function address(): SettingKind<ListenAddress> {
  return {
    placeholder: "HOST:PORT",
    expected: "HOST:PORT, with a port from 0 to 65535 and an IPv6 host in brackets",
    parse: parseAddress,
    format: formatAddress,
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
