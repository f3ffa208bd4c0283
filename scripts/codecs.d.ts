import type { UnknownField } from "@bufbuild/protobuf";

/** What the functions that read call. */
export interface Reader {
  /** Where the next byte is. */
  pos: number;
  /** Begins a message of this many bytes. @returns its end. @throws if it is nested too deeply */
  enter(length: number): number;
  /** Ends the message. */
  leave(): void;
  /** A field's number and wire type. */
  tag(): number;
  /** Passes over a field. */
  skip(tag: number): Uint8Array;
  /** Keeps a field that the message does not have. */
  unknown(message: { $unknown?: UnknownField[] }, tag: number): void;
  /** Whether messages of an opaque type are kept as they are. */
  readonly keepsOpaque: boolean;
  /** Keeps a message of `length` bytes as it is, in `$encoded`. */
  opaque(message: { $encoded?: Uint8Array | undefined }, length: number): object;
  /** Sets an entry of a map. */
  put(map: object, key: string, value: unknown): void;
  string(): string;
  bytes(): Uint8Array;
  bool(): boolean;
  int32(): number;
  uint32(): number;
  int64(): bigint;
  uint64(): bigint;
  double(): number;
}

/**
 * What the functions that write call. A message is written from its end to its beginning: when its length is written, it is known. Each
 * field is written as its value with the tag before it; with a tag of 0 as its value alone.
 */
export interface Writer {
  /** How many bytes are written. */
  readonly size: number;
  /** Puts a tag and the length before what was written since `size` was `before`. */
  end(tag: number, before: number): void;
  /** Writes the fields that were kept. */
  unknown(fields: readonly UnknownField[]): void;
  /** Writes what was kept as it is. */
  encoded(bytes: Uint8Array): void;
  /** Refuses what is no object of which a message of the type can be made: one of another type. */
  init(value: unknown, typeName: string): void;
  string(tag: number, value: string): void;
  bytes(tag: number, value: Uint8Array): void;
  bool(tag: number, value: boolean): void;
  int32(tag: number, value: number): void;
  uint32(tag: number, value: number): void;
  int64(tag: number, value: bigint): void;
  uint64(tag: number, value: bigint): void;
  double(tag: number, value: number): void;
}

/** The functions of one type of message. */
export interface Codec {
  /** The message with nothing set. */
  blank(): object;
  /** Reads a message of `length` bytes into `message`. @throws on what does not parse */
  decode(message: object, reader: Reader, length: number): object;
  /** Writes a message, or what `create` makes one of. @throws on a value out of range */
  encode(message: object, writer: Writer): void;
}

/** All of them by the names of the messages: `sitq.v1.Task`. */
export declare const codecs: ReadonlyMap<string, Codec>;
