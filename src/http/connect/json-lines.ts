import type { UniversalServerResponse } from "@connectrpc/connect/protocol";
import { codeFromString, codeToHttpStatus, endStreamFlag } from "@connectrpc/connect/protocol-connect";
import { frameBytes } from "../exchange/request-body.ts";

/** What ends a stream of Connect's. */
interface EndOfStream {
  readonly error?: { readonly code: string };
  readonly metadata?: Readonly<Record<string, readonly string[]>>;
}

/**
 * Makes lines of JSON of a stream in JSON as Connect frames it: a message in each. A refusal before the first message is answered like that
 * of a unary call, a later one is the last line, as `{"error": …}`.
 */
export async function toJsonLines(answered: UniversalServerResponse): Promise<UniversalServerResponse> {
  const frames = answered.body?.[Symbol.asyncIterator]();
  if (frames === undefined) return answered;
  const first = await frames.next();
  const end = first.done === true ? null : endIn(first.value);
  if (end?.error !== undefined) {
    const header = new Headers({ "content-type": "application/json" });
    for (const [name, [value = ""]] of Object.entries(end.metadata ?? {})) header.set(name, value);
    const code = codeFromString(end.error.code);
    return { status: code === undefined ? 500 : codeToHttpStatus(code), header, body: only(JSON.stringify(end.error)) };
  }
  const header = new Headers(answered.header);
  header.set("content-type", "application/x-ndjson");
  return { ...answered, header, body: linesOf(first, frames) };
}

async function* linesOf(
  first: IteratorResult<Uint8Array>,
  frames: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  try {
    for (let frame = first; frame.done !== true; frame = await frames.next()) {
      const end = endIn(frame.value);
      if (end === null) yield Buffer.concat([frame.value.subarray(frameBytes), Buffer.from("\n")]);
      else if (end.error !== undefined) yield Buffer.from(`${JSON.stringify({ error: end.error })}\n`);
    }
  } finally {
    await frames.return?.();
  }
}

/** What a frame says of the end; `null`: it holds a message. */
function endIn(frame: Uint8Array): EndOfStream | null {
  if (((frame[0] ?? 0) & endStreamFlag) === 0) return null;
  return JSON.parse(Buffer.from(frame.subarray(frameBytes)).toString());
}

async function* only(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}
