import type { Rule } from "./judge/rule.ts";

/** What came of one rule with the program of one language. */
export type Mark = "kept" | "broken" | "cannot" | "not run";

/** A language in the table. */
export interface Column {
  readonly name: string;
  readonly marks: ReadonlyMap<string, Mark>;
  /** Rules that the language cannot keep, each with the reason. */
  readonly without: Readonly<Record<string, string>>;
}

const signs: Readonly<Record<Mark, string>> = { kept: "✓", broken: "✗", cannot: "–", "not run": " " };

/** The page docs/conformance.md: a row for each rule, a column for each language. */
export function conformancePage(rules: readonly Rule[], columns: readonly Column[]): string {
  const notes = columns.flatMap(({ name, without }) =>
    Object.entries(without).map(([id, why]) => `- ${name} cannot keep \`${id}\`: ${why}`),
  );
  const names = columns.map(({ name }) => name);
  const rows = rules.map(({ id, sentence, section, mode }) => [
    `\`${id}\``,
    `${sentence} ([${section.split("#")[0]?.replace(".md", "")}](${section}))`,
    mode,
    ...columns.map(({ marks }) => signs[marks.get(id) ?? "not run"]),
  ]);
  return [
    "# Conformance",
    "",
    "The conformance kit judges the clients of all languages by the rules below: it plays the server to a program that is built on the client, or puts",
    "a hostile network between the program and a real server. [conformance/README.md](../conformance/README.md) says what such a program does, so that any",
    "client can be judged. `npm run conformance -- PROGRAM` prints for each rule whether it is kept, and for one that is not every message that was sent",
    "and received. `npm run conformance -- --table` judges all clients of this repository and writes this page.",
    "",
    "✓ is kept, ✗ is broken, – cannot be kept in the language.",
    "",
    row(["rule", "what a client does", "mode", ...names]),
    row(["---", "---", "---", ...names.map(() => "---")]),
    ...rows.map(row),
    "",
    ...notes,
    "",
  ].join("\n");
}

/** The marks of a language in a page that was written before; a page without it has none. */
export function marksIn(page: string, language: string): Map<string, Mark> {
  const rows = page.split("\n").filter((line) => line.startsWith("| "));
  const cells = rows.map((line) =>
    line
      .slice(1, -1)
      .split(" | ")
      .map((cell) => cell.trim()),
  );
  const column = cells[0]?.indexOf(language) ?? -1;
  const marks = new Map<string, Mark>();
  if (column === -1) return marks;
  for (const each of cells.slice(2)) {
    const mark = (Object.keys(signs) as Mark[]).find((name) => signs[name].trim() === each[column]);
    if (mark !== undefined) marks.set((each[0] ?? "").replaceAll("`", ""), mark);
  }
  return marks;
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}
