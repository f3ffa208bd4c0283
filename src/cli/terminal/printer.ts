import { once } from "node:events";
import type { JsonValue } from "@bufbuild/protobuf";
import { jsonText } from "../../contract/json-text.ts";
import type { Layout } from "./layout.ts";
import { createPaint, type Paint } from "./paint.ts";
import type { Shell } from "./shell.ts";

/** Writes a command's output: results to standard output, remarks to standard error. */
export interface Printer {
  /** `--json` was given: standard output is for programs, one JSON object a line. */
  readonly asJson: boolean;
  /** Colours for standard output. */
  readonly paint: Paint;
  /** Colours and width for standard output. */
  readonly layout: Layout;
  /** Writes one JSON object on a line of its own. */
  json(value: JsonValue): Promise<void>;
  /** Writes text with a line end to standard output. */
  line(text: string): Promise<void>;
  /** Writes bytes as they are to standard output. */
  bytes(content: Uint8Array): Promise<void>;
  /** Writes a remark with a line end to standard error; with `--json` it is left out. */
  remark(text: string): void;
}

/** Standard output is closed: `sitq list | head -1`. */
export class OutputClosed extends Error {
  override readonly name = "OutputClosed";
}

/** How a printer writes. */
export interface PrinterOptions {
  /** JSON for programs instead of text for people. Default false. */
  readonly json?: boolean;
  /** Do not fit tables into the width of the terminal. Default false. */
  readonly wide?: boolean;
}

/** Creates a printer for a command's shell. Its promises resolve when there is room for more, and reject with OutputClosed. */
export function createPrinter(
  { stdout, stderr, colours, columns }: Shell,
  { json: asJson = false, wide = false }: PrinterOptions,
): Printer {
  const paint = createPaint(colours);
  let closed: OutputClosed | null = null;
  const onError = (cause: unknown) => {
    closed ??= new OutputClosed("Standard output is closed.", { cause });
  };
  stdout.on("error", onError);

  async function write(content: string | Uint8Array): Promise<void> {
    if (closed !== null) throw closed;
    if (stdout.write(content)) return;
    // It rejects with the stream's error, too.
    await once(stdout, "drain").catch(onError);
    if (closed !== null) throw closed;
  }

  return {
    asJson,
    paint,
    layout: { paint, width: wide || columns === null ? Number.POSITIVE_INFINITY : columns },
    json: (value) => write(`${jsonText(value)}\n`),
    line: (text) => write(`${text}\n`),
    bytes: write,
    remark(text) {
      if (!asJson) stderr.write(`${text}\n`);
    },
  };
}
