import { readFileSync, writeFileSync } from "node:fs";
import { judge, type Verdict } from "./judge/judge.ts";
import type { Rule } from "./judge/rule.ts";
import { type Language, languages } from "./languages.ts";
import { type Column, conformancePage, type Mark, marksIn } from "./page.ts";
import { prepare } from "./toolchain.ts";

/** Where the table is kept. */
export const pagePath = "docs/conformance.md";

/** How the table is made. */
export interface TableOptions {
  readonly rules: readonly Rule[];
  /** The languages that are judged; the others keep what stands in the page. Empty: all. */
  readonly names: readonly string[];
  readonly atATime: number;
  readonly onVerdict: (verdict: Verdict) => void;
  readonly say: (line: string) => void;
  /** Whether a missing toolchain is a failure. */
  readonly isStrict: boolean;
}

/**
 * Judges the programs of languages and writes the table. A language whose toolchain is missing is skipped and keeps what stands in the page.
 *
 * @returns whether every language keeps every rule that it can, and none was skipped that must not be
 */
export async function writeTable(options: TableOptions): Promise<boolean> {
  const { rules, names, isStrict, say } = options;
  const before = readFileSync(pagePath, "utf8");
  const columns: Column[] = [];
  let isWhole = true;
  for (const language of languages) {
    const { name, without } = language;
    if (names.length > 0 && !names.includes(name)) {
      columns.push({ name, without, marks: marksIn(before, name) });
      continue;
    }
    const missing = prepare(language);
    if (missing !== null) {
      say(`SKIPPED ${name}: ${missing}.`);
      if (isStrict) isWhole = false;
      columns.push({ name, without, marks: marksIn(before, name) });
      continue;
    }
    say(`\n${name}`);
    const marks = await judgeLanguage(language, options);
    if ([...marks.values()].includes("broken")) isWhole = false;
    columns.push({ name, without, marks });
  }
  const page = conformancePage(rules, columns);
  writeFileSync(pagePath, page);
  say(`\n${page.slice(page.indexOf("| rule"))}`);
  return isWhole;
}

async function judgeLanguage({ command, without }: Language, options: TableOptions): Promise<Map<string, Mark>> {
  const possible = options.rules.filter(({ id }) => without[id] === undefined);
  const verdicts = await judge(command, { ...options, rules: possible });
  const marks = new Map<string, Mark>(Object.keys(without).map((id) => [id, "cannot"]));
  for (const { rule, complaint } of verdicts) marks.set(rule.id, complaint === null ? "kept" : "broken");
  return marks;
}
