import type { Expr } from "./references.ts";

/** An expression as the library's parser takes it. */
export interface ParsableSource {
  readonly text: string;
  /** The member names that were written in backticks, by the names that stand for them. */
  readonly quotedNames: ReadonlyMap<string, string>;
}

const token =
  /\/\/[^\n]*|[bB]?[rR][bB]?("""|'''|"|')[\s\S]*?\1|("""|'''|"|')(?:\\[\s\S]|(?!\2)[^\\])*\2|\.(\s*)`([^`\n]*)`/g;

/**
 * Makes of CEL what the library's parser takes: its comments are blanks, and members in
 * backticks, `` input.`a-b` ``, have plain names. Every character keeps its place.
 */
export function parsableSource(text: string): ParsableSource {
  const quotedNames = new Map<string, string>();
  const changed = text.replace(token, (all: string, _raw, _quote, blanks?: string, name?: string) => {
    if (all.startsWith("//")) return " ".repeat(all.length);
    if (name === undefined || blanks === undefined || !/^[\w.\-/ ]+$/.test(name)) return all;
    let plain = `q${quotedNames.size}_`;
    while (text.includes(plain)) plain += "_";
    quotedNames.set(plain, name);
    return `.${blanks}${plain.padEnd(name.length + 2)}`;
  });
  return { text: changed, quotedNames };
}

/** Puts the members' own names back. It changes what it is given. */
export function withQuotedNames(expr: Expr | undefined, names: ReadonlyMap<string, string>): void {
  const kind = expr?.exprKind;
  const visit = (part: Expr | undefined) => withQuotedNames(part, names);
  switch (kind?.case) {
    case "selectExpr":
      kind.value.field = names.get(kind.value.field) ?? kind.value.field;
      visit(kind.value.operand);
      break;
    case "callExpr":
      visit(kind.value.target);
      kind.value.args.forEach(visit);
      break;
    case "listExpr":
      kind.value.elements.forEach(visit);
      break;
    case "structExpr":
      for (const { keyKind, value } of kind.value.entries) {
        if (keyKind.case === "mapKey") visit(keyKind.value);
        visit(value);
      }
      break;
    case "comprehensionExpr": {
      const { iterRange, accuInit, loopCondition, loopStep, result } = kind.value;
      for (const part of [iterRange, accuInit, loopCondition, loopStep, result]) visit(part);
      break;
    }
    default:
  }
}
