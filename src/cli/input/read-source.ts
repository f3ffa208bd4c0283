import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { type CommandFailure, wrongUsage } from "../command/command-failure.ts";
import { systemErrorText } from "../terminal/printable.ts";
import type { Shell } from "../terminal/shell.ts";

/** The longest content that is read for one payload, in bytes; no server takes as much. */
const maxBytes = 8 * 1_048_576;

/** Bytes from standard input or a file. */
export interface Source {
  readonly content: AsyncIterable<Uint8Array | string>;
  /** The total number of bytes; `null`: unknown. */
  readonly size: number | null;
}

/**
 * What an argument names: `-` is standard input, `@file` a file; anything else is `null`: the argument is the content.
 *
 * @throws CommandFailure if there is no such file; reading the content throws it too
 */
export async function openSource(argument: string, { stdin }: Shell): Promise<Source | null> {
  if (argument === "-") return { content: stdin, size: null };
  if (!argument.startsWith("@")) return null;
  const path = argument.slice(1);
  try {
    const { size } = await stat(path);
    return { content: contentOf(path), size };
  } catch (error) {
    throw unreadable(path, error);
  }
}

/** Reads all of a source. @throws CommandFailure if it is larger than any payload may be */
export async function readSource({ content }: Source): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of content) {
    const buffer = Buffer.from(chunk);
    bytes += buffer.length;
    if (bytes > maxBytes) throw wrongUsage(`the payload is larger than ${maxBytes / 1_048_576} MiB`);
    chunks.push(buffer);
  }
  return Buffer.concat(chunks);
}

async function* contentOf(path: string): AsyncGenerator<Uint8Array> {
  try {
    yield* createReadStream(path);
  } catch (error) {
    throw unreadable(path, error);
  }
}

function unreadable(path: string, cause: unknown): CommandFailure {
  return wrongUsage(`cannot read ${path}: ${systemErrorText(cause)}`, { cause });
}
