import { limits } from "../../contract/limits.ts";
import { ExpressionError } from "./expression-error.ts";

/** What an expression begins with. */
const opening = "${";

/** A piece of a text: as it stands, or an expression whose value takes its place. */
export type TemplatePart =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "expression"; readonly text: string };

/** Whether there is anything in a text that `splitTemplate` would change. Most texts are plain. */
export function isTemplate(text: string): boolean {
  return text.includes(opening);
}

/**
 * Takes a text apart: `${ EXPRESSION }` is an expression, `$${` stands for `${`, everything else for itself.
 *
 * An expression ends at the `}` that closes it: braces of its own and what stands in its quotes are passed over.
 *
 * @throws ExpressionError if one is not closed, is empty, too long, or nested too deep
 */
export function splitTemplate(text: string): TemplatePart[] {
  const parts: TemplatePart[] = [];
  let plain = "";
  let at = 0;
  while (at < text.length) {
    const mark = text.indexOf(opening, at);
    if (mark === -1) break;
    if (text[mark - 1] === "$" && mark > at) {
      plain += text.slice(at, mark - 1).concat(opening);
      at = mark + 2;
      continue;
    }
    plain += text.slice(at, mark);
    if (plain !== "") parts.push({ kind: "text", text: plain });
    plain = "";
    const end = expressionEnd(text, mark + 2);
    parts.push({ kind: "expression", text: checked(text.slice(mark + 2, end).trim()) });
    at = end + 1;
  }
  plain += text.slice(at);
  if (plain !== "") parts.push({ kind: "text", text: plain });
  return parts;
}

function checked(expression: string): string {
  if (expression === "") throw new ExpressionError("has an empty expression");
  if (expression.length > limits.expressionLength) {
    throw new ExpressionError(
      `has an expression of ${expression.length} characters; at most ${limits.expressionLength} are allowed`,
    );
  }
  return expression;
}

/** Where the `}` stands that closes the expression which begins at `from`. */
function expressionEnd(text: string, from: number): number {
  let braces = 0;
  let depth = 0;
  for (let at = from; at < text.length; at++) {
    switch (text[at]) {
      case '"':
      case "'":
        at = quoteEnd(text, at);
        break;
      case "`":
        at = endOf(text, "`", at + 1);
        break;
      case "/":
        // What stands in a comment, up to the end of its line or of the expression, opens no quotes.
        if (text[at + 1] === "/") at += (/^[^\n{}]*/.exec(text.slice(at))?.[0].length ?? 1) - 1;
        break;
      case "{":
        braces++;
        depth++;
        break;
      case "(":
      case "[":
        depth++;
        break;
      case ")":
      case "]":
        depth--;
        break;
      case "}":
        if (braces === 0) return at;
        braces--;
        depth--;
        break;
      default:
    }
    // The parser goes down with each level, and takes longer with each.
    if (depth > limits.expressionDepth) {
      throw new ExpressionError(`has an expression of more than ${limits.expressionDepth} levels of brackets`);
    }
  }
  throw notClosed();
}

function endOf(text: string, mark: string, from: number): number {
  const end = text.indexOf(mark, from);
  if (end === -1) throw notClosed();
  return end;
}

/** Where the last quotation mark stands of the text in quotes that begins at `from`: one mark or three, raw or not. */
function quoteEnd(text: string, from: number): number {
  const quote = text[from] ?? "";
  const marks = text.startsWith(quote.repeat(3), from) ? quote.repeat(3) : quote;
  const isRaw = /(^|[^A-Za-z0-9_])([bB]?[rR]|[rR][bB])$/.test(text.slice(Math.max(from - 3, 0), from));
  for (let at = from + marks.length; at < text.length; at++) {
    if (text[at] === "\\" && !isRaw) at++;
    else if (text.startsWith(marks, at)) return at + marks.length - 1;
  }
  throw notClosed();
}

function notClosed(): ExpressionError {
  return new ExpressionError(`has a ${opening} without its }; write $${opening} for a plain ${opening}`);
}
