import { useState } from "preact/hooks";
import { hexLines } from "./hex.ts";
import { count } from "./text.ts";

const firstBytes = 512;
const stepBytes = 4_096;

/** Bytes in hexadecimal, a part at a time. */
export function HexDump({ bytes }: { readonly bytes: Uint8Array }) {
  const [most, setMost] = useState(firstBytes);
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and by keys only where it can have the focus */}
      <pre class="hex" tabIndex={0}>
        {hexLines(bytes, most)}
      </pre>
      {most < bytes.length && (
        <button type="button" class="quiet" onClick={() => setMost(most + stepBytes)}>
          More of the {count(bytes.length)} bytes
        </button>
      )}
    </>
  );
}
