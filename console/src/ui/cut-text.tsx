import { useState } from "preact/hooks";
import { Foreign } from "./foreign.tsx";
import { count } from "./text.ts";

/** A text from outside the page of which a long one is cut until it is asked for. */
export function CutText({ text, most = 500 }: { readonly text: string; readonly most?: number }) {
  const [isWhole, setWhole] = useState(false);
  return (
    <>
      <Foreign text={text} most={isWhole ? text.length : most} />
      {text.length > most && !isWhole && (
        <button type="button" class="quiet" onClick={() => setWhole(true)}>
          All {count(text.length)} characters
        </button>
      )}
    </>
  );
}
