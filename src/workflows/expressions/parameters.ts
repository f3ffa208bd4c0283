import { jsonText } from "../../contract/json-text.ts";
import { isList, type JsonValue } from "../../contract/json-value.ts";
import { limits } from "../../contract/limits.ts";
import { ExpressionError } from "./expression-error.ts";
import type { Expression, Expressions, Scope } from "./expressions.ts";
import { isTemplate, splitTemplate } from "./template.ts";

/** An expression of parameters, and where it stands. */
export interface PlacedExpression {
  /** `json.items[0].sku`. */
  readonly place: string;
  /** The steps whose results it reads. */
  readonly reads: ReadonlySet<string>;
  /** Whether it reads the workflow's input. */
  readonly readsInput: boolean;
}

/** What parameters ask for. */
export interface FoundTemplates {
  /** Whether there is anything to replace: an expression, or a `$${`. */
  readonly any: boolean;
  /** In the order in which they stand. */
  readonly expressions: readonly PlacedExpression[];
}

/** What is wrong with an expression, and where it stands. */
export class ParameterError extends Error {
  override readonly name = "ParameterError";
  /** `json.items[0].sku`. */
  readonly place: string;

  constructor(place: string, cause: ExpressionError) {
    super(cause.message, { cause });
    this.place = place;
  }
}

/**
 * The expressions of parameters.
 *
 * @param onParse called for each that is not cached
 * @throws ParameterError if one is none
 */
export function templatesIn(
  parameters: JsonValue,
  expressions: Expressions,
  onParse?: (length: number) => void,
): FoundTemplates {
  const found: PlacedExpression[] = [];
  let any = false;
  mapTexts(parameters, "json", (text, place) => {
    any = true;
    for (const part of partsOf(text, place, expressions, onParse)) {
      if (typeof part !== "string") found.push({ place, reads: part.reads, readsInput: part.readsInput });
    }
    return text;
  });
  return { any, expressions: found };
}

/**
 * Parameters with their expressions worked out. A text that is one expression becomes its value, whatever that is; in any other
 * the values stand as text.
 *
 * @throws ParameterError if one has no value
 */
export function fillParameters(parameters: JsonValue, expressions: Expressions, scope: Scope): JsonValue {
  return mapTexts(parameters, "json", (text, place, levels) => {
    const parts = partsOf(text, place, expressions);
    return located(place, () => {
      const [only] = parts;
      if (parts.length === 1 && only !== undefined && typeof only !== "string") return only.evaluate(scope, levels);
      return parts
        .map((part) => (typeof part === "string" ? part : textOf(part.evaluate(scope, limits.jsonDepth))))
        .join("");
    });
  });
}

/** The texts and the expressions of a template, in order. */
function partsOf(
  text: string,
  place: string,
  expressions: Expressions,
  onParse?: (length: number) => void,
): (string | Expression)[] {
  return located(place, () =>
    splitTemplate(text).map((part) => (part.kind === "text" ? part.text : expressions.compile(part.text, onParse))),
  );
}

function located<T>(place: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw error instanceof ExpressionError ? new ParameterError(place, error) : error;
  }
}

/** A value within a text: texts as they are, everything else as JSON. */
function textOf(value: JsonValue): string {
  return typeof value === "string" ? value : jsonText(value);
}

type Replace = (text: string, place: string, levels: number) => JsonValue;

/** The same value with its templates replaced; `levels` is how deep what stands there may be. */
function mapTexts(value: JsonValue, place: string, replace: Replace, levels: number = limits.jsonDepth): JsonValue {
  if (typeof value === "string") return isTemplate(value) ? replace(value, place, levels) : value;
  if (typeof value !== "object" || value === null) return value;
  if (isList(value)) return value.map((each, index) => mapTexts(each, `${place}[${index}]`, replace, levels - 1));
  return Object.fromEntries(
    Object.entries(value).map(([member, each]) => [member, mapTexts(each, `${place}.${member}`, replace, levels - 1)]),
  );
}
