/** A column of rows that a statement is given. */
export interface ListedColumn {
  readonly name: string;
  /** The type of its values. */
  readonly type: string;
  /**
   * `shared`: all rows of a statement nearly always have the same in all such columns. `rare`: they nearly always have NULL. `each`: neither.
   * What is so of all rows is sent once, or not at all: a list costs the database as much as the work on its rows.
   */
  readonly kind: "each" | "shared" | "rare";
  /** One for each row. */
  readonly values: readonly unknown[];
}

/** Rows that a statement is given. */
export interface ListedRows {
  /** Selects them. There are few texts for the same columns, so that each stays prepared. */
  readonly sql: string;
  /** Of all parameters. */
  readonly values: unknown[];
  /** The lists that are sent, as parameters of their types, by their columns' names. */
  readonly lists: ReadonlyMap<string, string>;
}

/** The rows of columns, of which the first is of the kind `each`. @param before the values of the parameters before. Default: none */
export function listedRows(columns: readonly ListedColumn[], before: readonly unknown[] = []): ListedRows {
  const areShared = columns.every(
    ({ kind, values }) => kind !== "shared" || values.every((each) => each === values[0]),
  );
  const values = [...before];
  const lists = new Map<string, string>();
  const parameter = (value: unknown) => `$${values.push(value)}`;
  const selected = columns.map(({ name, type, kind, values: list }) => {
    if (kind === "rare" && list.every((value) => value === null)) return `NULL::${type} AS ${name}`;
    if (kind === "shared" && areShared) return `${parameter(list[0])}::${type} AS ${name}`;
    // Row by row: `FROM unnest` with several lists puts each of them aside first, which is up to a tenth of what an insert takes.
    const sent = `${parameter(list)}::${type}[]`;
    lists.set(name, sent);
    return `unnest(${sent}) AS ${name}`;
  });
  return { sql: `SELECT ${selected.join(", ")}`, values, lists };
}
