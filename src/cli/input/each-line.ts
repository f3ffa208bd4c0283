import { wrongUsage } from "../command/command-failure.ts";
import { bytesText, grouped } from "../terminal/numbers.ts";
import { createProgress } from "../terminal/progress.ts";
import type { Shell } from "../terminal/shell.ts";
import type { Source } from "./read-source.ts";

/** How many lines are under way at a time; the producer makes batches of them. */
const windowSize = 4_000;
/** The longest line, in bytes; no server takes a task as large. */
const maxLineBytes = 16 * 1_048_576;
const [lineFeed, carriageReturn] = [10, 13];

/** Calls `act` for each line that is not blank, with its number from 1; many at a time. The first failure ends it. */
export async function overEachLine(
  shell: Shell,
  { content, size }: Source,
  act: (number: number, line: Uint8Array) => Promise<void>,
): Promise<void> {
  const progress = createProgress(shell, "enqueued", size === null ? grouped : bytesText);
  const failures: unknown[] = [];
  let ended = Promise.withResolvers<void>();
  let underWay = 0;
  let number = 0;
  let bytes = 0;

  async function begin(line: Uint8Array): Promise<void> {
    underWay++;
    try {
      await act(number, line);
    } catch (error) {
      failures.push(error);
    }
    underWay--;
    ended.resolve();
  }

  async function untilBelow(limit: number): Promise<void> {
    while (underWay >= limit) {
      ended = Promise.withResolvers();
      await ended.promise;
    }
  }

  try {
    for await (const line of linesOf(content)) {
      number++;
      bytes += line.length + 1;
      if (failures.length > 0) break;
      if (isBlank(line)) continue;
      void begin(line);
      await untilBelow(windowSize);
      if (size === null) progress.update(number);
      else progress.update(bytes, size);
    }
    await untilBelow(1);
  } finally {
    progress.stop();
  }
  if (failures.length > 0) throw failures[0];
}

/** Lines end with LF or CR LF, and nowhere else: JSON may hold every other line end that there is, such as U+2028. */
async function* linesOf(content: Source["content"]): AsyncGenerator<Buffer, void> {
  let begun: Buffer[] = [];
  let begunBytes = 0;
  for await (const chunk of content) {
    const bytes =
      typeof chunk === "string" ? Buffer.from(chunk) : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
    let from = 0;
    for (let end = bytes.indexOf(lineFeed); end >= 0; end = bytes.indexOf(lineFeed, from)) {
      yield withoutReturn(Buffer.concat([...begun, bytes.subarray(from, end)]));
      begun = [];
      begunBytes = 0;
      from = end + 1;
    }
    begunBytes += bytes.length - from;
    if (begunBytes > maxLineBytes) throw wrongUsage(`a line is longer than ${maxLineBytes / 1_048_576} MiB`);
    if (from < bytes.length) begun.push(bytes.subarray(from));
  }
  if (begunBytes > 0) yield withoutReturn(Buffer.concat(begun));
}

function withoutReturn(line: Buffer): Buffer {
  return line.at(-1) === carriageReturn ? line.subarray(0, -1) : line;
}

function isBlank(line: Uint8Array): boolean {
  return line.every((byte) => byte === 0x20 || (byte >= 0x09 && byte <= 0x0d));
}
