import { promisify } from "node:util";
import { gunzip, inflate } from "node:zlib";
import { status as statusCode } from "@grpc/grpc-js";
import { ByteBudget } from "../byte-budget.ts";
import { makeStatus, toStatusObject } from "../status-details.ts";

const gunzipped = promisify(gunzip);
const inflated = promisify(inflate);

/** The encodings that are taken. */
const acceptedEncodings = "identity,deflate,gzip";
/** What deflate makes of a byte at most. */
const mostGrowth = 1_032;
/** What all messages may become that are decompressed at a time, however many connections they come over. */
const defaultBudgetBytes = 16_777_216;

/** Decompresses what a message holds; rejects with a status. */
export type Decompress = (contents: Buffer, encoding: string) => Buffer | Promise<Buffer>;

/**
 * Makes the function that decompresses the messages of all calls of a server, in memory that is bounded over all of them: 3 MB on
 * the wire can stand for 3 GB. What a message may become at most is taken from the budget before it is touched, and the
 * messages behind it wait, compressed as they came.
 *
 * @param maxMessageBytes the largest message that is taken, decompressed
 * @param budgetBytes what all messages may become that are decompressed at a time. Default: 16 MiB
 */
export function createDecompression(maxMessageBytes: number, budgetBytes = defaultBudgetBytes): Decompress {
  const budget = new ByteBudget(Math.max(budgetBytes, maxMessageBytes));

  async function decompressed(contents: Buffer, decompress: typeof gunzipped | typeof inflated): Promise<Buffer> {
    const bytes = Math.min(contents.length * mostGrowth, maxMessageBytes);
    const { promise: taken, resolve } = Promise.withResolvers<void>();
    const giveBack = budget.take(bytes, resolve);
    await taken;
    try {
      const chunkSize = Math.min(Math.max(contents.length * 4, 1_024), 65_536);
      return await decompress(contents, { maxOutputLength: maxMessageBytes, chunkSize });
    } catch (error) {
      throw refusalOf(error, maxMessageBytes);
    } finally {
      giveBack();
    }
  }

  return (contents, encoding) => {
    switch (encoding) {
      case "identity":
        return contents;
      case "gzip":
        return decompressed(contents, gunzipped);
      case "deflate":
        return decompressed(contents, inflated);
      default:
        return Promise.reject(unsupported());
    }
  };
}

function refusalOf(error: unknown, maxMessageBytes: number) {
  const tooLarge = error instanceof Error && "code" in error && error.code === "ERR_BUFFER_TOO_LARGE";
  if (tooLarge) return messageTooLarge(maxMessageBytes);
  const status = makeStatus(statusCode.INVALID_ARGUMENT, "The message is not what its compression says.", {
    reason: "MALFORMED_MESSAGE",
  });
  return toStatusObject(status);
}

/** The refusal of a message that is larger than the server takes. */
export function messageTooLarge(maxMessageBytes: number) {
  const text = `The message is larger than the ${maxMessageBytes} bytes that the server takes. Send less in one message.`;
  const metadata = { max_bytes: String(maxMessageBytes) };
  const details = { reason: "MESSAGE_TOO_LARGE", metadata };
  const status = toStatusObject(makeStatus(statusCode.RESOURCE_EXHAUSTED, text, details));
  tooLarge.add(status);
  return status;
}

const tooLarge = new WeakSet<object>();

/** Whether a status is the refusal of a message that is too large. */
export function isTooLarge(status: object): boolean {
  return tooLarge.has(status);
}

function unsupported() {
  const text = `The server does not know the message's compression. It takes ${acceptedEncodings.replaceAll(",", ", ")}.`;
  const details = { reason: "UNSUPPORTED_ENCODING", metadata: { accepted: acceptedEncodings } };
  const status = toStatusObject(makeStatus(statusCode.UNIMPLEMENTED, text, details));
  // https://github.com/grpc/grpc/blob/master/doc/compression.md: the trailer names what the client may use.
  status.metadata.set("grpc-accept-encoding", acceptedEncodings);
  return status;
}
