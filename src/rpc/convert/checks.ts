/** The checks of single fields. Each refuses with a SitqError that names the field, or answers the value in the domain's form. */

import type { ProtoEnum } from "../../contract/enums.ts";
import { parseHostPort } from "../../contract/host-port.ts";
import { limits } from "../../contract/limits.ts";
import { invalidField } from "../../domain/errors.ts";
import { refuseField } from "./violations.ts";

const namePattern = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;
const typePattern = /^[A-Za-z0-9][A-Za-z0-9._\-/:]*$/;
const workerIdPattern = /^[A-Za-z0-9][A-Za-z0-9._\-:]*$/;
const attributeNamePattern = /^[a-z0-9]+$/;
const requestIdPattern = /^[\x20-\x7e]*$/;

function checkedName(field: string, value: string, pattern: RegExp, longest: number, form: string): string {
  if (value === "") refuseField(field, "is required");
  else if (value.length > longest)
    refuseField(field, `has ${value.length} characters; at most ${longest} are allowed`, value);
  else if (!pattern.test(value)) refuseField(field, `may hold ${form}, the first a letter or digit`, value);
  return value;
}

/** Whether a text can be the name of a queue. */
export function isQueueName(value: string): boolean {
  return value.length <= limits.queueNameLength && namePattern.test(value);
}

/** Whether a text can be the type of a task. */
export function isTaskType(value: string): boolean {
  return value.length <= limits.typeLength && typePattern.test(value);
}

/** The name of a queue. */
export function parseQueueName(field: string, value: string): string {
  return checkedName(field, value, namePattern, limits.queueNameLength, "letters, digits, '.', '_' and '-'");
}

/** The type of a task. */
export function parseTaskType(field: string, value: string): string {
  return checkedName(field, value, typePattern, limits.typeLength, "letters, digits, '.', '_', '-', '/' and ':'");
}

/** The id of a worker. */
export function parseWorkerId(field: string, value: string): string {
  return checkedName(field, value, workerIdPattern, limits.workerIdLength, "letters, digits, '.', '_', '-' and ':'");
}

/** Which process of a worker's name it is. */
export function parseIncarnation(field: string, value: string): string {
  return checkedName(field, value, workerIdPattern, limits.incarnationLength, "letters, digits, '.', '_', '-' and ':'");
}

/** The id of a task; whether there is such a task is the store's to say. */
export function parseTaskId(field: string, value: string): string {
  return parseStoredId(field, value);
}

/** An id that the server has made: nothing that is longer can be one. */
export function parseStoredId(field: string, value: string): string {
  if (value === "") refuseField(field, "is required");
  if (value.length > limits.idLength) {
    refuseField(field, `has ${value.length} characters; an id has at most ${limits.idLength}`);
  }
  return value;
}

/** An id that makes a call safe to repeat; `null` if there is none. */
export function parseRequestId(field: string, value: string): string | null {
  if (value.length > limits.requestIdLength) {
    refuseField(field, `has ${value.length} characters; at most ${limits.requestIdLength} are allowed`, value);
  }
  if (!requestIdPattern.test(value)) refuseField(field, "may hold printable ASCII characters only", value);
  return value === "" ? null : value;
}

/** The queues of a worker: at least one, none twice. */
export function parseQueueNames(field: string, values: readonly string[]): string[] {
  if (values.length === 0) throw invalidField(field, "at least one queue is required");
  checkCount(field, values.length, limits.workerQueues, "queues");
  return [...new Set(values.map((value, index) => parseQueueName(`${field}[${index}]`, value)))];
}

/** The types that a worker handles; empty: all. */
export function parseTaskTypes(field: string, values: readonly string[]): string[] {
  checkCount(field, values.length, limits.workerTypes, "types");
  return [...new Set(values.map((value, index) => parseTaskType(`${field}[${index}]`, value)))];
}

/** A text of at most so many bytes in UTF-8. */
export function parseText(field: string, value: string, mostBytes: number): string {
  // A character is at most three bytes: most texts need not be measured.
  if (value.length * 3 > mostBytes && Buffer.byteLength(value) > mostBytes) {
    refuseField(field, `has ${Buffer.byteLength(value)} bytes; at most ${mostBytes} are allowed`, value);
  }
  return value;
}

/** As `parseText`; an empty text is `null`. */
export function parseOptionalText(field: string, value: string, mostBytes: number): string | null {
  return value === "" ? null : parseText(field, value, mostBytes);
}

/** Where something can be called: `host:port`. */
export function parseAddress(field: string, value: string): string {
  if (value === "") refuseField(field, "is required");
  parseText(field, value, limits.addressBytes);
  const parsed = parseHostPort(value);
  if (parsed === undefined || parsed.port === 0) {
    refuseField(field, "must be HOST:PORT, an IPv6 host in brackets, the port from 1 to 65535", value);
  }
  return value;
}

/** As `parseAddress`, where it may be missing. */
export function parseOptionalAddress(field: string, value: string): string {
  return value === "" ? "" : parseAddress(field, value);
}

/** A whole number within bounds. */
export function parseInteger(field: string, value: number | bigint, least: number, most: number): number {
  if (value < least || value > most) refuseField(field, `is ${value}; it must be from ${least} to ${most}`);
  return Number(value);
}

/** As `parseInteger`, where 0 stands for a default. */
export function parseIntegerOr<T>(
  field: string,
  value: number | bigint,
  least: number,
  most: number,
  otherwise: T,
): number | T {
  return value === 0 || value === 0n ? otherwise : parseInteger(field, value, least, most);
}

/** The size of a page. */
export function parsePageSize(value: number): number {
  return parseIntegerOr("page_size", value, 1, limits.pageSize, limits.defaultPageSize);
}

/** A list that is not too long. */
export function checkCount(field: string, length: number, most: number, what: string): void {
  if (length > most) throw invalidField(field, `has ${length} ${what}; at most ${most} are allowed`);
}

/** Headers or metadata, sorted by key; `null` if there are none. */
export function parseStringMap(
  field: string,
  entries: Readonly<Record<string, string>>,
): Record<string, string> | null {
  const keys = Object.keys(entries);
  if (keys.length === 0) return null;
  checkCount(field, keys.length, limits.headerCount, "entries");
  let bytes = 0;
  const sorted: [string, string][] = [];
  for (const key of keys.sort()) {
    const value = entries[key] ?? "";
    if (key === "" || key.length > limits.headerKeyLength) {
      refuseField(field, `has a key of ${key.length} characters; 1 to ${limits.headerKeyLength} are allowed`, key);
    }
    bytes += Buffer.byteLength(key) + Buffer.byteLength(value);
    sorted.push([key, value]);
  }
  if (bytes > limits.headerBytes) {
    refuseField(field, `has ${bytes} bytes in all; at most ${limits.headerBytes} are allowed`);
  }
  // Assigning to the key `__proto__` would set none.
  return Object.fromEntries(sorted);
}

/** The name of an attribute of events. @param field the map that it is a key of */
export function checkAttributeName(field: string, name: string): string {
  if (!attributeNamePattern.test(name) || name.length > limits.attributeNameLength) {
    refuseField(field, `a name is 1 to ${limits.attributeNameLength} lower case letters and digits`, name);
  }
  return name;
}

/** Cuts a text to so many bytes in UTF-8, at a character. Errors are cut, not refused: their task has to end. */
export function cutText(value: string, mostBytes: number): string {
  if (value.length * 3 <= mostBytes || Buffer.byteLength(value) <= mostBytes) return value;
  const bytes = Buffer.from(value).subarray(0, mostBytes);
  return new TextDecoder().decode(bytes, { stream: true });
}

/** The domain's word for a value of an enum; `otherwise` for UNSPECIFIED. Numbers that the contract does not have are refused. */
export function parseEnum<T extends string>(
  field: string,
  value: number,
  words: ProtoEnum<T, number>["words"],
  otherwise: T,
): T {
  if (value === 0) return otherwise;
  const word = words[value];
  if (word === undefined) refuseField(field, `${value} is not a value of this enum`);
  return word ?? otherwise;
}

/** The states that a filter asks for, none twice. @param what whose states they are, for a refusal: `a task` */
export function parseStates<T extends string>(
  field: string,
  values: readonly number[],
  words: ProtoEnum<T, number>["words"],
  what: string,
): T[] {
  const states = values.map((value, index) => {
    const state = words[value];
    if (state === undefined) throw invalidField(`${field}[${index}]`, `${value} is not a state of ${what}`);
    return state;
  });
  return [...new Set(states)];
}
