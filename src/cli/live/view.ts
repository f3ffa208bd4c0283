import type { JsonObject } from "@bufbuild/protobuf";
import { jsonText } from "../../contract/json-text.ts";
import type { Printer } from "../terminal/printer.ts";

/** What a command shows: once, or with `--watch` again whenever it changes. */
export interface View<T> {
  /** What its items are called in the JSON of `--watch`; `null`: it is one object. */
  readonly items: string | null;
  read(): Promise<T>;
  /** Writes it for people. */
  print(data: T, out: Printer): Promise<void>;
  /** What it is for programs, a line for each item. */
  json(data: T): readonly JsonObject[];
  /** Equal for what is shown as the same but for ages. Default: its JSON. */
  key?(data: T): string;
  /** Nothing more will change: the watch ends. Default: never. */
  isOver?(data: T): boolean;
}

/** Shows it once. */
export async function showOnce<T>(view: View<T>, out: Printer): Promise<T> {
  const data = await view.read();
  if (out.asJson) for (const line of view.json(data)) await out.json(line);
  else await view.print(data, out);
  return data;
}

/** Lines of JSON without what changes all the time by itself. */
export function jsonWithout(lines: readonly JsonObject[], restless: string): string {
  return jsonText(lines.map(({ [restless]: _, ...rest }) => rest));
}

/** It in one object: a listing as a member with all of its items. */
export function wholeJson<T>(view: View<T>, data: T): JsonObject {
  const lines = view.json(data);
  return view.items === null ? (lines[0] ?? {}) : { [view.items]: [...lines] };
}
