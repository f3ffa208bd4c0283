import type { JsonValue } from "@bufbuild/protobuf";
import { useState } from "preact/hooks";
import { Foreign } from "./foreign.tsx";
import { count, counted } from "./text.ts";
import { visible } from "./visible.ts";

/** How many members are shown at first, and how many more each time. */
const stepMembers = 100;
const mostLetters = 1_000;
/** What is deeper is closed at first. */
const openDepth = 2;

/** A JSON value as a tree whose branches open and close. */
export function JsonTree({ value, depth = 0 }: { readonly value: JsonValue; readonly depth?: number }) {
  if (typeof value === "string") return <JsonText text={value} />;
  if (value === null || typeof value !== "object") return <code class={`json-${typeof value}`}>{String(value)}</code>;
  const isList = Array.isArray(value);
  const members = isList ? value.map((each, at) => [String(at), each] as const) : Object.entries(value);
  if (members.length === 0) return <code>{isList ? "[]" : "{}"}</code>;
  return (
    <details class="json" open={depth < openDepth}>
      <summary>{isList ? `[${counted(members.length, "item")}]` : `{${counted(members.length, "member")}}`}</summary>
      <Members members={members} depth={depth + 1} />
    </details>
  );
}

interface MembersProps {
  readonly members: readonly (readonly [string, JsonValue])[];
  readonly depth: number;
}

function Members({ members, depth }: MembersProps) {
  const [most, setMost] = useState(stepMembers);
  return (
    <ul>
      {members.slice(0, most).map(([name, value]) => (
        <li key={name}>
          <span class="json-name">
            <Foreign text={name} />
          </span>
          : <JsonTree value={value} depth={depth} />
        </li>
      ))}
      {most < members.length && (
        <li>
          <button type="button" class="quiet" onClick={() => setMost(most + stepMembers)}>
            More: {count(members.length - most)} are left
          </button>
        </li>
      )}
    </ul>
  );
}

function JsonText({ text }: { readonly text: string }) {
  const [isWhole, setWhole] = useState(false);
  const isLong = text.length > mostLetters && !isWhole;
  return (
    <>
      <bdi class="json-string">"{visible(isLong ? `${text.slice(0, mostLetters)}…` : text)}"</bdi>
      {isLong && (
        <button type="button" class="quiet" onClick={() => setWhole(true)}>
          All {count(text.length)} characters
        </button>
      )}
    </>
  );
}
