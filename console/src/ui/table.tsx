import type { ComponentChildren } from "preact";

/** A column of a table. */
export interface Column<Row> {
  readonly title: string;
  /** What stands in the header instead of the title. */
  readonly head?: ComponentChildren;
  /** Whether its cell names the row. Default: the first one does. */
  readonly isName?: boolean;
  readonly cell: (row: Row) => ComponentChildren;
  /** Numbers stand at the end. Default: the start. */
  readonly align?: "start" | "end";
  /** Its cells are short, and stay on one line. */
  readonly isShort?: boolean;
  /** What narrow screens leave out. */
  readonly isExtra?: boolean;
}

/** What a table is made of. */
export interface TableProps<Row> {
  /** What it lists, for screen readers. */
  readonly caption: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly rowKey: (row: Row) => string;
  readonly rowClass?: (row: Row) => string;
  /** Shown where there are no rows. */
  readonly empty: ComponentChildren;
}

/** A table with a header of each column; one cell of a row names it. */
export function Table<Row>({ caption, columns, rows, rowKey, rowClass, empty }: TableProps<Row>) {
  if (rows.length === 0) return <p class="empty">{empty}</p>;
  const named = columns.find(({ isName }) => isName) ?? columns[0];
  const classOf = ({ align, isShort, isExtra }: Column<Row>) =>
    [align === "end" ? "end" : "", isShort ? "short" : "", isExtra ? "extra" : ""].join(" ").trim();
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls on a narrow screen, and by keys only where it can have the focus
    <section class="table" aria-label={caption} tabIndex={0}>
      <table>
        <caption class="unseen">{caption}</caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column.title} scope="col" class={classOf(column)}>
                {column.head ?? column.title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={rowKey(row)} class={rowClass?.(row)}>
              {columns.map((column) =>
                column === named ? (
                  <th key={column.title} scope="row" class={classOf(column)}>
                    {column.cell(row)}
                  </th>
                ) : (
                  <td key={column.title} class={classOf(column)}>
                    {column.cell(row)}
                  </td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
