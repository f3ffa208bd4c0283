import { once } from "node:events";
import type { JsonValue } from "@bufbuild/protobuf";
import type { Output, Shell } from "../shell.ts";
import { createPaint, type Paint } from "./paint.ts";

/** Writes what a command has to say: results to standard output, remarks to standard error. */
export interface Printer {
  /** `--json` was given: standard output is for programs, one JSON object a line. */
  readonly asJson: boolean;
  /** Colours for standard output. */
  readonly paint: Paint;
  /** Writes one JSON object on a line of its own. */
  json(value: JsonValue): Promise<void>;
  /** Writes text with a line end to standard output. */
  line(text: string): Promise<void>;
  /** Writes bytes as they are to standard output. */
  bytes(content: Uint8Array): Promise<void>;
  /** Writes a remark with a line end to standard error; with `--json` it is left out. */
  remark(text: string): void;
}

/** A printer for a command's shell. Its promises resolve when there is room for more. */
export function createPrinter({ stdout, stderr, colours }: Shell, asJson: boolean): Printer {
  return {
    asJson,
    paint: createPaint(colours),
    json: (value) => write(stdout, `${JSON.stringify(value)}\n`),
    line: (text) => write(stdout, `${text}\n`),
    bytes: (content) => write(stdout, content),
    remark(text) {
      if (!asJson) stderr.write(`${text}\n`);
    },
  };
}

async function write(stream: Output, content: string | Uint8Array): Promise<void> {
  if (!stream.write(content)) await once(stream, "drain");
}
