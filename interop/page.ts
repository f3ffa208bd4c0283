import { behaviours } from "./behaviours/behaviours.ts";
import type { Client } from "./clients.ts";

/** A row of the table. */
export interface Row {
  readonly id: string;
  /** What a client does. */
  readonly sentence: string;
}

/** All rows: the behaviours, as they are in plaintext, and how clients reach a server that asks all who they are. */
export const rows: readonly Row[] = [
  ...behaviours,
  {
    id: "tls",
    sentence: "All of this over TLS, with a client certificate, by the files that the bootstrap file names.",
  },
  {
    id: "token",
    sentence: "A call gets through over TLS with a JWT, whose file the bootstrap file names (`call_creds`).",
  },
];

/** Whether a client does what a row says; `not run`: it is not known. */
export type Mark = "yes" | "no" | "not run";

/** A client in the table. */
export interface Column extends Pick<Client, "name" | "deviations" | "conditions"> {
  readonly marks: ReadonlyMap<string, Mark>;
}

const signs: Readonly<Record<Mark, string>> = { yes: "✓", no: "✗", "not run": " " };

/** The page docs/interop.md: a row for each behaviour, a column for each client. */
export function interopPage(columns: readonly Column[]): string {
  const notes = columns.flatMap(({ name, deviations, conditions }) =>
    rows.flatMap(({ id }) => {
      const text = deviations[id] ?? conditions[id];
      return text === undefined ? [] : [{ key: `${name} ${id}`, text: `${name} ${text}.` }];
    }),
  );
  const cell = ({ name, marks }: Column, id: string) => {
    const mark = marks.get(id) ?? "not run";
    const note = notes.findIndex(({ key }) => key === `${name} ${id}`);
    return note === -1 || mark === "not run" ? signs[mark] : `${signs[mark]} (${note + 1})`;
  };
  return [
    "# Clients of gRPC by xDS",
    "",
    "What the clients of four languages do by what sitq sends them as a server of xDS ([discovery](discovery.md#any-client-of-grpc-xds)). Each of them runs",
    "in a process of its own, with the bootstrap file that `sitq xds bootstrap` prints and none of sitq's libraries, beside a real server and instances that",
    "come and go. `npm run interop` tries all that is in the table, and prints what it measured; `npm run interop -- --table` writes this page.",
    "[interop/README.md](../interop/README.md) says what a program has to do, so that any client can be tried.",
    "",
    "✓ does so, ✗ does not.",
    "",
    row(["row", "what the client does", ...columns.map(({ name }) => name)]),
    row(["---", "---", ...columns.map(() => "---")]),
    ...rows.map(({ id, sentence }) => row([`\`${id}\``, sentence, ...columns.map((column) => cell(column, id))])),
    "",
    ...notes.map(({ text }, index) => `${index + 1}. ${text}`),
    "",
  ].join("\n");
}

/** The marks of a client in a page that was written before; a page without it has none. */
export function marksIn(page: string, name: string): Map<string, Mark> {
  const lines = page.split("\n").filter((line) => line.startsWith("| "));
  const cells = lines.map((line) =>
    line
      .slice(1, -1)
      .split(" | ")
      .map((text) => text.trim()),
  );
  const column = cells[0]?.indexOf(name) ?? -1;
  const marks = new Map<string, Mark>();
  if (column === -1) return marks;
  for (const each of cells.slice(2)) {
    const sign = each[column]?.slice(0, 1);
    const mark = (Object.keys(signs) as Mark[]).find((known) => signs[known].trim() === sign);
    if (mark !== undefined) marks.set((each[0] ?? "").replaceAll("`", ""), mark);
  }
  return marks;
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}
