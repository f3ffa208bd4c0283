import { type CelFunc, CelScalar, celFunc, celList, celMethod, listType } from "@bufbuild/cel";
import { formatted } from "./format.ts";
import { libraryCall } from "./library.ts";

const { BOOL, DYN, INT, STRING } = CelScalar;
const anyList = listType(DYN);

/** CEL counts characters, JavaScript the halves of some of them too. */
function characters(text: string): string | readonly string[] {
  return /[\ud800-\udfff]/.test(text) ? [...text] : text;
}

function within(index: bigint, least: number, most: number): number {
  if (index < least || index > most) throw new Error(`index ${index} out of bounds [${least}, ${most}]`);
  return Number(index);
}

function part(text: string, start: bigint, end?: bigint): string {
  const all = characters(text);
  const to = end === undefined ? all.length : within(end, 0, all.length);
  const piece = all.slice(within(start, 0, to), to);
  return typeof piece === "string" ? piece : piece.join("");
}

/** Where `found` stands, which JavaScript counts its way. */
function counted(text: string, found: number): bigint {
  return BigInt(found <= 0 ? found : characters(text.slice(0, found)).length);
}

/** JavaScript's count of the first `index` characters. */
function uncounted(text: string, index: bigint): number {
  const all = characters(text);
  const at = within(index, 0, all.length);
  return typeof all === "string" ? at : all.slice(0, at).join("").length;
}

/** Splits into `most` pieces, of which the last holds the rest; below 0: into all. */
function split(text: string, separator: string, most: number): string[] {
  const pieces = separator === "" ? [...text] : text.split(separator);
  if (most < 0 || pieces.length <= most) return pieces;
  if (most === 0) return [];
  return [...pieces.slice(0, most - 1), pieces.slice(most - 1).join(separator)];
}

function replaced(text: string, old: string, by: string, most: number): string {
  const pieces = old === "" ? ["", ...text, ""] : text.split(old);
  const times = Math.min(pieces.length - 1, most < 0 ? Number.POSITIVE_INFINITY : most);
  return [pieces.slice(0, times + 1).join(by), ...pieces.slice(times + 1)].join(old);
}

const escapes: Readonly<Record<string, string>> = {
  "\0": "\\0",
  "\x07": "\\a",
  "\b": "\\b",
  "\t": "\\t",
  "\n": "\\n",
  "\v": "\\v",
  "\f": "\\f",
  "\r": "\\r",
  '"': '\\"',
  "\\": "\\\\",
};

/** Functions of text, where the library's differ from CEL's. */
export const texts: readonly CelFunc[] = [
  // The library has it as a method only.
  celFunc("matches", [STRING, STRING], BOOL, (text, pattern) => libraryCall("matches", text, [pattern]) === true),
  celMethod("charAt", STRING, [INT], STRING, function (index) {
    const all = characters(this);
    return all[within(index, 0, all.length)] ?? "";
  }),
  celMethod("substring", STRING, [INT], STRING, function (start) {
    return part(this, start);
  }),
  celMethod("substring", STRING, [INT, INT], STRING, function (start, end) {
    return part(this, start, end);
  }),
  celMethod("indexOf", STRING, [STRING], INT, function (what) {
    return counted(this, this.indexOf(what));
  }),
  celMethod("indexOf", STRING, [STRING, INT], INT, function (what, from) {
    return counted(this, this.indexOf(what, uncounted(this, from)));
  }),
  celMethod("lastIndexOf", STRING, [STRING], INT, function (what) {
    return counted(this, this.lastIndexOf(what));
  }),
  celMethod("lastIndexOf", STRING, [STRING, INT], INT, function (what, from) {
    return counted(this, this.lastIndexOf(what, uncounted(this, from)));
  }),
  celMethod("split", STRING, [STRING], anyList, function (separator) {
    return celList(split(this, separator, -1));
  }),
  celMethod("split", STRING, [STRING, INT], anyList, function (separator, most) {
    return celList(split(this, separator, Number(most)));
  }),
  celMethod("replace", STRING, [STRING, STRING], STRING, function (old, by) {
    return replaced(this, old, by, -1);
  }),
  celMethod("replace", STRING, [STRING, STRING, INT], STRING, function (old, by, most) {
    return replaced(this, old, by, Number(most));
  }),
  // The library's take ten times as long.
  celMethod("lowerAscii", STRING, [], STRING, function () {
    return this.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
  }),
  celMethod("upperAscii", STRING, [], STRING, function () {
    return this.replace(/[a-z]+/g, (letters) => letters.toUpperCase());
  }),
  celFunc("strings.quote", [STRING], STRING, (text) => {
    return `"${text.replace(/[^ -~]|["\\]/g, (character) => escapes[character] ?? character)}"`;
  }),
  celMethod("format", STRING, [anyList], STRING, function (values) {
    return formatted(this, values);
  }),
];
