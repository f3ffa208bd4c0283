import {
  create,
  type DescField,
  type DescMessage,
  type Message,
  type MessageShape,
  ScalarType,
} from "@bufbuild/protobuf";
import { type Duration, DurationSchema, type Timestamp, TimestampSchema } from "@bufbuild/protobuf/wkt";
import { checked, invalid } from "../../grpc/client/invalid.ts";
import { isNoneOf } from "../../grpc/client/known-options.ts";
import { type EnumOption, enumValue } from "../options/enum-texts.ts";
import { spanOf, timeOf } from "../options/spans.ts";
import { type AnyNumber, type PlainName, plainName } from "./plain.ts";

/**
 * The options that make a message of the contract, all of them optional: Dates for times, milliseconds for spans in members that
 * end in `Ms`, texts for enums, numbers for 64-bit integers.
 */
export type PlainOptions<M> = {
  readonly [K in keyof M as PlainName<K, M[K]>]?: OptionValue<NonNullable<M[K]>> | undefined;
};

type OptionValue<V> = V extends Timestamp
  ? Date
  : V extends Duration
    ? number
    : V extends bigint
      ? number
      : V extends string | boolean
        ? V
        : V extends number
          ? AnyNumber extends V
            ? number
            : EnumOption<V>
          : V extends readonly (infer E)[]
            ? readonly OptionValue<E>[]
            : V extends Message
              ? PlainOptions<V>
              : Readonly<V>;

/**
 * The message that options make.
 *
 * @param place the path of the message in its request, for refusals; empty: it is the request itself
 * @param beside what else can be said where these options stand, for the refusal of one that there is not
 * @throws CallError INVALID_ARGUMENT of an option that does not fit, or that there is not
 */
export function fromPlain<D extends DescMessage>(
  desc: D,
  place: string,
  options: PlainOptions<MessageShape<D>>,
  beside: readonly string[] = [],
): MessageShape<D> {
  return create(desc, membersOf(desc, place, options, beside) as never);
}

function membersOf(
  desc: DescMessage,
  place: string,
  options: object,
  beside: readonly string[] = [],
): Record<string, unknown> {
  const members: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(options)) {
    const field = desc.fields.find((each) => plainName(each) === name);
    if (field === undefined)
      throw invalid(pathOf(place, name), isNoneOf([...desc.fields.map(plainName), ...beside], name));
    if (value !== undefined) members[field.localName] = memberOf(field, pathOf(place, field.name), value);
  }
  return members;
}

function memberOf(field: DescField, path: string, value: unknown): unknown {
  switch (field.fieldKind) {
    case "enum":
      return enumValue(field.enum, path, value);
    case "message":
      return messageOf(field.message, path, value);
    case "list":
      return checkedList(path, value).map((each, index) => elementOf(field, `${path}[${index}]`, each));
    case "map":
      return { ...(value as object) };
    case "scalar":
      return is64Bit(field.scalar) ? checked(path, () => BigInt(value as number)) : value;
  }
}

function elementOf(field: DescField & { fieldKind: "list" }, path: string, value: unknown): unknown {
  if (field.listKind === "enum") return enumValue(field.enum, path, value);
  return field.listKind === "message" ? messageOf(field.message, path, value) : value;
}

function messageOf(desc: DescMessage, path: string, value: unknown): unknown {
  if (desc.typeName === TimestampSchema.typeName) return timeOf(path, value as Date);
  if (desc.typeName === DurationSchema.typeName) return spanOf(path, value as number);
  if (typeof value !== "object" || value === null) throw invalid(path, "must be an object");
  return create(desc, membersOf(desc, path, value) as never);
}

function checkedList(path: string, value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw invalid(path, "must be a list");
  return value;
}

function is64Bit(type: ScalarType): boolean {
  return type === ScalarType.INT64 || type === ScalarType.UINT64;
}

function pathOf(place: string, name: string): string {
  return place === "" ? name : `${place}.${name}`;
}
