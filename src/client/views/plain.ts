import type { DescField, DescMessage, Message, MessageShape } from "@bufbuild/protobuf";
import {
  type Duration,
  DurationSchema,
  durationMs,
  type Timestamp,
  TimestampSchema,
  timestampDate,
  type Value,
  ValueSchema,
} from "@bufbuild/protobuf/wkt";
import { type Payload, PayloadSchema } from "../../../gen/sitq/v1/payload_pb.js";
import { fromValue, type JsonValue } from "../../contract/json-value.ts";
import { type EnumText, enumText } from "../options/enum-texts.ts";
import { fromPayload } from "../values/payload.ts";

/**
 * A message of the contract as a plain object: states are texts (`"COMPLETED"`), 64-bit integers are numbers, times are Dates,
 * spans are milliseconds in members that end in `Ms`, payloads are what they hold (`undefined` if they hold nothing), and what
 * is not set is `null`. It can be written as JSON; bytes come out as a list of numbers by their index.
 */
export type Plain<M> = {
  readonly [K in keyof M as PlainName<K, M[K]>]-?: undefined extends M[K]
    ? PlainValue<Exclude<M[K], undefined>> | null
    : PlainValue<M[K]>;
};

/** How a member is called in the plain object. */
export type PlainName<K, V> = K extends `$${string}`
  ? never
  : NonNullable<V> extends Duration
    ? `${K & string}Ms`
    : K & string;

/** A literal that is a number and no value of an enum: TypeScript takes `number` itself for one. */
export type AnyNumber = 0.5;

type PlainValue<V> = V extends Timestamp
  ? Date
  : V extends Duration
    ? number
    : V extends Payload
      ? unknown
      : V extends Value
        ? JsonValue
        : V extends bigint
          ? number
          : V extends Uint8Array | string | boolean
            ? V
            : V extends number
              ? AnyNumber extends V
                ? number
                : EnumText<V>
              : V extends readonly (infer E)[]
                ? readonly PlainValue<E>[]
                : V extends Message
                  ? Plain<V>
                  : V extends Readonly<Record<string, infer E>>
                    ? Readonly<Record<string, PlainValue<E>>>
                    : never;

/** The plain object of a message. */
export function toPlain<D extends DescMessage>(desc: D, message: MessageShape<D>): Plain<MessageShape<D>> {
  // The descriptor and the type are made from one contract: see Plain.
  return plainMessage(desc, message) as Plain<MessageShape<D>>;
}

/** A time as a plain value. */
export function plainTime(time: Timestamp | undefined): Date | null {
  return time === undefined ? null : timestampDate(time);
}

/** A span as a plain value, in milliseconds. */
export function plainSpan(span: Duration | undefined): number | null {
  return span === undefined ? null : durationMs(span);
}

/** The name of a field in a plain object. */
export function plainName(field: DescField): string {
  return field.fieldKind === "message" && field.message.typeName === DurationSchema.typeName
    ? `${field.localName}Ms`
    : field.localName;
}

function plainMessage(desc: DescMessage, message: Message): unknown {
  switch (desc.typeName) {
    case TimestampSchema.typeName:
      return plainTime(message as Timestamp);
    case DurationSchema.typeName:
      return plainSpan(message as Duration);
    case PayloadSchema.typeName:
      return fromPayload(message as Payload);
    case ValueSchema.typeName:
      return fromValue(message as Value);
    default:
      return Object.fromEntries(desc.fields.map((field) => [plainName(field), plainField(field, message)]));
  }
}

function plainField(field: DescField, message: Message): unknown {
  const value: unknown = Reflect.get(message, field.localName);
  if (value === undefined) return isPayload(field) ? undefined : null;
  switch (field.fieldKind) {
    case "list":
      return (value as readonly unknown[]).map((each) => plainElement(field, each));
    case "map": {
      const entries = Object.entries(value as Readonly<Record<string, unknown>>);
      return Object.fromEntries(entries.map(([key, each]) => [key, plainElement(field, each)]));
    }
    case "message":
      return plainMessage(field.message, value as Message);
    case "enum":
      return enumText(field.enum, value as number);
    case "scalar":
      return typeof value === "bigint" ? Number(value) : value;
  }
}

function plainElement(field: DescField & { fieldKind: "list" | "map" }, value: unknown): unknown {
  const kind = field.fieldKind === "list" ? field.listKind : field.mapKind;
  if (kind === "message" && field.message !== undefined) return plainMessage(field.message, value as Message);
  if (kind === "enum" && field.enum !== undefined) return enumText(field.enum, value as number);
  return typeof value === "bigint" ? Number(value) : value;
}

function isPayload(field: DescField): boolean {
  return field.fieldKind === "message" && field.message.typeName === PayloadSchema.typeName;
}
