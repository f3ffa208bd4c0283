import { useState } from "preact/hooks";
import { Foreign } from "./foreign.tsx";
import type { JsonNode } from "./json-node.ts";
import { count, counted } from "./text.ts";
import { visible } from "./visible.ts";

/** How many members are shown at first, and how many more each time. */
const stepMembers = 100;
const mostLetters = 1_000;
/** What is deeper is closed at first. */
const openDepth = 2;

/** A JSON value as a tree whose branches open and close. */
export function JsonTree({ node, depth = 0 }: { readonly node: JsonNode; readonly depth?: number }) {
  if (node.kind === "string") return <JsonText text={node.value} />;
  if (node.kind === "number" || node.kind === "literal") return <code class={`json-${node.kind}`}>{node.text}</code>;
  return <Branch node={node} depth={depth} />;
}

interface BranchProps {
  readonly node: Extract<JsonNode, { kind: "array" | "object" }>;
  readonly depth: number;
}

function Branch({ node, depth }: BranchProps) {
  const isList = node.kind === "array";
  const size = isList ? node.items.length : node.members.length;
  // What is closed is not in the page: a payload can have a hundred thousand members.
  const [isOpen, setOpen] = useState(depth === 0 || (depth < openDepth && size <= stepMembers));
  if (size === 0) return <code>{isList ? "[]" : "{}"}</code>;
  return (
    <details class="json" open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{isList ? `[${counted(size, "item")}]` : `{${counted(size, "member")}}`}</summary>
      {isOpen && (
        <Members
          members={isList ? node.items.map((item, at) => [`${at}`, item] as const) : node.members}
          depth={depth + 1}
        />
      )}
    </details>
  );
}

interface MembersProps {
  readonly members: readonly (readonly [string, JsonNode])[];
  readonly depth: number;
}

function Members({ members, depth }: MembersProps) {
  const [most, setMost] = useState(stepMembers);
  return (
    <ul>
      {members.slice(0, most).map(([name, node]) => (
        <li key={name}>
          <span class="json-name">
            <Foreign text={name} />
          </span>
          : <JsonTree node={node} depth={depth} />
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
