/** JSON as the page shows it: a number is a text, so that none is rounded on the way. */

import type { Value } from "@bufbuild/protobuf/wkt";

/** A JSON value. */
export type JsonNode =
  | { readonly kind: "literal"; readonly text: "null" | "true" | "false" }
  | { readonly kind: "number"; readonly text: string }
  | { readonly kind: "string"; readonly value: string }
  | { readonly kind: "array"; readonly items: readonly JsonNode[] }
  | { readonly kind: "object"; readonly members: readonly (readonly [name: string, value: JsonNode])[] };

/** Reads the JSON of a payload. A value without a kind counts as null. */
export function nodeOfValue({ kind }: Value): JsonNode {
  switch (kind.case) {
    case undefined:
    case "nullValue":
      return { kind: "literal", text: "null" };
    case "boolValue":
      return { kind: "literal", text: kind.value ? "true" : "false" };
    case "numberValue":
      return { kind: "number", text: exactNumber(kind.value) };
    case "stringValue":
      return { kind: "string", value: kind.value };
    case "listValue":
      return { kind: "array", items: kind.value.values.map(nodeOfValue) };
    case "structValue":
      return {
        kind: "object",
        members: Object.entries(kind.value.fields).map(([name, value]) => [name, nodeOfValue(value)] as const),
      };
  }
}

/** Parses a JSON text and keeps its numbers as they stand there. @throws SyntaxError */
export function nodeOfText(text: string): JsonNode {
  return JSON.parse(text, (_name, value: unknown, context?: { readonly source?: string }): JsonNode => {
    if (typeof value === "number") return { kind: "number", text: context?.source ?? exactNumber(value) };
    if (typeof value === "string") return { kind: "string", value };
    if (Array.isArray(value)) return { kind: "array", items: value };
    if (typeof value === "object" && value !== null) return { kind: "object", members: Object.entries(value) };
    return { kind: "literal", text: value === null ? "null" : value === true ? "true" : "false" };
  });
}

/** Writes JSON on lines, as JSON.stringify does with two spaces. */
export function jsonText(node: JsonNode, indent = ""): string {
  const inner = `${indent}  `;
  switch (node.kind) {
    case "literal":
    case "number":
      return node.text;
    case "string":
      return JSON.stringify(node.value);
    case "array":
      if (node.items.length === 0) return "[]";
      return `[\n${node.items.map((item) => inner + jsonText(item, inner)).join(",\n")}\n${indent}]`;
    case "object": {
      if (node.members.length === 0) return "{}";
      const lines = node.members.map(([name, value]) => `${inner}${JSON.stringify(name)}: ${jsonText(value, inner)}`);
      return `{\n${lines.join(",\n")}\n${indent}}`;
    }
  }
}

/** The numbers within JSON, as they stand there. */
export function numbersIn(node: JsonNode): string[] {
  switch (node.kind) {
    case "literal":
    case "string":
      return [];
    case "number":
      return [node.text];
    case "array":
      return node.items.flatMap(numbersIn);
    case "object":
      return node.members.flatMap(([, value]) => numbersIn(value));
  }
}

/** Whether a number is whole and beyond 2^53, where not every whole number is a double. */
export function isBeyondDoubles(text: string): boolean {
  return /^-?\d{16,}$/.test(text) && !Number.isSafeInteger(Number(text));
}

/** Whether a number is another one once it is stored, since the numbers of a payload's JSON are doubles. */
export function isRoundedWhenStored(text: string): boolean {
  const stored = Number(text);
  return !Number.isFinite(stored) || (/^-?\d+$/.test(text) && text !== exactNumber(stored));
}

/** A double with all the digits that it has: `String` shortens whole numbers beyond 2^53. */
export function exactNumber(n: number): string {
  if (Object.is(n, -0)) return "-0";
  return Number.isInteger(n) && Math.abs(n) < 1e21 ? BigInt(n).toString() : String(n);
}
