import { useMemo, useState } from "preact/hooks";
import { hexDigits, utf8Text } from "./hex.ts";
import { HexDump } from "./hex-dump.tsx";
import { type JsonNode, jsonText, nodeOfText } from "./json-node.ts";
import { JsonTree } from "./json-tree.tsx";
import { LongText } from "./long-text.tsx";
import { PayloadHead } from "./payload-head.tsx";
import { byteCount } from "./text.ts";
import { visible } from "./visible.ts";

/** The ways to show bytes. */
const ways = ["JSON", "Text", "Hex"] as const;
type Way = (typeof ways)[number];

/** What is shown of bytes. */
export interface BytesViewProps {
  /** What they are: `Bytes`. */
  readonly form: string;
  readonly bytes: Uint8Array;
  /** What their file is called when it is saved. */
  readonly name: string;
}

/** Bytes in hexadecimal; where they are a text, or JSON, as that too. */
export function BytesView({ form, bytes, name }: BytesViewProps) {
  const text = useMemo(() => (bytes.length === 0 ? null : utf8Text(bytes)), [bytes]);
  const node = useMemo(() => treeOf(text), [text]);
  const [chosen, choose] = useState<Way | null>(null);
  const possible = ways.filter((way) => way === "Hex" || (way === "JSON" ? node !== null : text !== null));
  const best = node !== null ? "JSON" : text !== null && visible(text) === text ? "Text" : "Hex";
  const way = chosen !== null && possible.includes(chosen) ? chosen : best;
  const copied = () => {
    if (way === "JSON" && node !== null) return jsonText(node);
    return way === "Text" ? (text ?? "") : hexDigits(bytes);
  };
  return (
    <>
      <PayloadHead
        form={`${form}, ${byteCount(bytes.length)}`}
        copied={copied}
        saved={() => Uint8Array.from(bytes)}
        fileName={`${name}.bin`}
      >
        {possible.length > 1 &&
          possible.map((each) => (
            <button key={each} type="button" class="quiet" aria-pressed={each === way} onClick={() => choose(each)}>
              {each}
            </button>
          ))}
      </PayloadHead>
      {way === "JSON" && node !== null && <JsonTree node={node} />}
      {way === "Text" && <LongText text={text ?? ""} />}
      {way === "Hex" && <HexDump bytes={bytes} />}
    </>
  );
}

/** The array or object of JSON that a text is; `null`: it is none. */
function treeOf(text: string | null): JsonNode | null {
  if (text === null || !/^\s*[[{]/.test(text)) return null;
  try {
    return nodeOfText(text);
  } catch {
    return null;
  }
}
