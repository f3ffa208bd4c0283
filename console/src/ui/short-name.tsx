import { Foreign } from "./foreign.tsx";

/** What a column has room for. */
const lettersInLine = 26;

/** A name in a column of a table: a short one stays in one line, a long one breaks. */
export function ShortName({ text }: { readonly text: string }) {
  return (
    <span class={text.length <= lettersInLine ? "in-line" : "long-name"}>
      <Foreign text={text} most={120} />
    </span>
  );
}
