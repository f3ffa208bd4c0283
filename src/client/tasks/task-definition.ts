import {
  create,
  type DescMessage,
  fromBinary,
  fromJson,
  type MessageInitShape,
  type MessageShape,
} from "@bufbuild/protobuf";
import { anyIs, anyPack } from "@bufbuild/protobuf/wkt";
import { type Payload, PayloadSchema } from "../../../gen/sitq/v1/payload_pb.js";
import { fromValue } from "../../contract/json-value.ts";
import { type OptionNames, refuseUnknown } from "../../grpc/client/known-options.ts";
import { PayloadMismatchError } from "../errors/errors.ts";
import { fromPayload, toPayload } from "../values/payload.ts";

/** How a value travels as a payload. `In` is what it is made from, `Out` what it is read as. */
export interface PayloadCodec<In, Out> {
  /** It throws on what cannot be encoded. */
  encode(value: In): Payload;
  /** @throws PayloadMismatchError */
  decode(payload: Payload | undefined): Out;
}

/** A task type with the types of its input and its result, for producers and for handlers. */
export interface TaskDefinition<InputInit, Input, ResultInit, Result> {
  /** What a worker routes on. */
  readonly type: string;
  /** The queue that its tasks go to; `null`: given at each enqueue. */
  readonly queue: string | null;
  readonly input: PayloadCodec<InputInit, Input>;
  readonly result: PayloadCodec<ResultInit, Result>;
}

/** What can be said of a task type. */
export interface DefinitionOptions {
  /** The queue that its tasks go to. Default: given at each enqueue. */
  readonly queue?: string;
}

const definitionNames: OptionNames<DefinitionOptions> = { queue: true };

/** The definition of a task whose input and result are Protobuf messages. */
export type MessageTask<I extends DescMessage, R extends DescMessage> = TaskDefinition<
  MessageInitShape<I>,
  MessageShape<I>,
  MessageInitShape<R>,
  MessageShape<R>
>;

/**
 * Defines a task by the Protobuf messages that it takes and answers; they travel packed in `Payload.message`. What comes as
 * `Payload.json`, as a person types it, is read as the message's JSON.
 */
export function defineTask<I extends DescMessage, R extends DescMessage>(
  type: string,
  input: I,
  result: R,
  options: DefinitionOptions = {},
): MessageTask<I, R> {
  refuseUnknown(options, definitionNames);
  return { type, queue: options.queue ?? null, input: messageCodec(input), result: messageCodec(result) };
}

/** What can be said of a JSON task. The parsers see what came, and throw if it is not what it should be. */
export interface JsonTaskOptions<Input, Result> extends DefinitionOptions {
  /** Checks an input before the handler gets it. Default: it is taken as it is. */
  readonly parseInput?: (value: unknown) => Input;
  /** Checks a result before the waiting caller gets it. Default: it is taken as it is. */
  readonly parseResult?: (value: unknown) => Result;
}

const jsonTaskNames: OptionNames<JsonTaskOptions<unknown, unknown>> = {
  ...definitionNames,
  parseInput: true,
  parseResult: true,
};

/** Defines a task whose input and result are JSON values. `undefined` travels as an empty payload. */
export function jsonTask<Input, Result = void>(
  type: string,
  options: JsonTaskOptions<Input, Result> = {},
): TaskDefinition<Input, Input, Result, Result> {
  refuseUnknown(options, jsonTaskNames);
  const { queue = null, parseInput, parseResult } = options;
  return { type, queue, input: jsonCodec(parseInput), result: jsonCodec(parseResult) };
}

/** A task that nothing is known of but its type: plain values in and out, as `toPayload` and `fromPayload` have them. */
export type PlainTask = TaskDefinition<unknown, unknown, unknown, unknown>;

const plainCodec: PayloadCodec<unknown, unknown> = { encode: toPayload, decode: fromPayload };

/** The definition of a task that has none. */
export function plainTask(type: string): PlainTask {
  return { type, queue: null, input: plainCodec, result: plainCodec };
}

function messageCodec<D extends DescMessage>(desc: D): PayloadCodec<MessageInitShape<D>, MessageShape<D>> {
  function decode({ kind }: Payload): MessageShape<D> {
    switch (kind.case) {
      case "message":
        if (anyIs(kind.value, desc)) return fromBinary(desc, kind.value.value);
        throw new PayloadMismatchError(
          `Expected a ${desc.typeName}, not a ${kind.value.typeUrl || "message without a type"}.`,
        );
      case "json":
        return fromJson(desc, fromValueAsProtobuf(kind.value));
      case "binary":
      case undefined:
        throw new PayloadMismatchError(`Expected a ${desc.typeName}, not ${kind.case ? "bytes" : "an empty payload"}.`);
    }
  }
  return {
    encode(value) {
      const payload = create(PayloadSchema);
      payload.kind = { case: "message", value: anyPack(desc, create(desc, value)) };
      return payload;
    },
    decode: (payload) => attempt(`It is not a valid ${desc.typeName}.`, () => decode(payload ?? create(PayloadSchema))),
  };
}

function jsonCodec<T>(parse: ((value: unknown) => T) | undefined): PayloadCodec<T, T> {
  return {
    encode: toPayload,
    decode(payload) {
      const form = payload?.kind.case;
      if (form === "binary" || form === "message") {
        throw new PayloadMismatchError(`Expected JSON, not ${form === "binary" ? "bytes" : "a Protobuf message"}.`);
      }
      const value = fromPayload(payload);
      // Without a parser the definition's word is all there is.
      return parse === undefined ? (value as T) : attempt("It is not what the task takes.", () => parse(value));
    },
  };
}

function fromValueAsProtobuf(value: Parameters<typeof fromValue>[0]): Parameters<typeof fromJson>[1] {
  // The same values; Protobuf's type has its arrays and objects mutable.
  return fromValue(value) as Parameters<typeof fromJson>[1];
}

function attempt<T>(complaint: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof PayloadMismatchError) throw error;
    const details = error instanceof Error ? ` ${error.message}` : "";
    throw new PayloadMismatchError(`${complaint}${details}`, { cause: error });
  }
}
