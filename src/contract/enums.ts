/** An enum of the contract beside the words that code uses for it, in both directions. */
export interface ProtoEnum<Word extends string, Value extends number> {
  /** The value of each word, in the order of the table. */
  readonly values: Readonly<Record<Word, Value>>;
  /** The word of each value, by its number; `undefined` for UNSPECIFIED and for numbers that the contract does not have. */
  readonly words: readonly (Word | undefined)[];
}

/** What is wrong with a table; `unknown`: nothing. The names show in the error of the compiler. */
type Complaint<Word extends string, Value extends number, Table extends Readonly<Record<Word, Value>>> = [
  Exclude<Value, 0 | Table[keyof Table & Word]>,
  Exclude<keyof Table, Word>,
] extends [never, never]
  ? unknown
  : {
      readonly valuesWithoutWord: Exclude<Value, 0 | Table[keyof Table & Word]>;
      readonly unknownWords: Exclude<keyof Table, Word>;
    };

/**
 * Makes both directions of an enum from one table: `protoEnum<Word, TaskState>()({ pending: TaskState.PENDING, … })`. A word or a value
 * that the table leaves out does not compile; only UNSPECIFIED needs no word. With `string` for the words, they are those of the table.
 *
 * In two calls, since TypeScript infers either all type arguments of a call or none.
 */
export function protoEnum<Word extends string, Value extends number>() {
  return <const Table extends Readonly<Record<Word, Value>>>(
    table: Table & Complaint<Word, Value, Table>,
  ): ProtoEnum<keyof Table & Word, Value> => {
    // A plain object and a plain array: tasks are read and written by them on the hot paths.
    const values: Readonly<Record<keyof Table & Word, Value>> = table;
    const known = Object.entries<Value>(values) as [keyof Table & Word, Value][];
    const wordByValue = new Map<number, keyof Table & Word>(known.map(([word, value]) => [value, word]));
    const length = Math.max(...wordByValue.keys()) + 1;
    return { values, words: Array.from({ length }, (_, value) => wordByValue.get(value)) };
  };
}
