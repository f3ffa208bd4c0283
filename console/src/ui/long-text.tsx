import { useState } from "preact/hooks";
import { count } from "./text.ts";
import { visible } from "./visible.ts";

/** A text of several lines as it is: an error, a stack trace. A long one is cut until it is asked for. */
export function LongText({ text, most = 4_000 }: { readonly text: string; readonly most?: number }) {
  const [isWhole, setWhole] = useState(false);
  const isCut = text.length > most && !isWhole;
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and by keys only where it can have the focus */}
      <pre class="long-text" tabIndex={0}>
        <bdi>{visible(isCut ? `${text.slice(0, most)}…` : text)}</bdi>
      </pre>
      {isCut && (
        <button type="button" class="quiet" onClick={() => setWhole(true)}>
          All {count(text.length)} characters
        </button>
      )}
    </>
  );
}
