import { toBinary } from "@bufbuild/protobuf";
import { type Value, ValueSchema } from "@bufbuild/protobuf/wkt";
import { useMemo } from "preact/hooks";
import type { Payload } from "../../../gen/sitq/v1/payload_pb.js";
import { BytesView } from "./bytes-view.tsx";
import { Foreign } from "./foreign.tsx";
import { isBeyondDoubles, jsonText, nodeOfValue, numbersIn } from "./json-node.ts";
import { JsonTree } from "./json-tree.tsx";
import { PayloadHead } from "./payload-head.tsx";
import { byteCount } from "./text.ts";

/** What is shown of a payload, and why it may not be there. */
export interface PayloadViewProps {
  readonly payload: Payload | undefined;
  /** It is damaged on the disk. */
  readonly isDamaged?: boolean;
  /** The server leaves it out for who looks. */
  readonly isHidden?: boolean;
  /** Shown where there is none. */
  readonly empty?: string;
  /** What its file is called when it is saved. */
  readonly name?: string;
}

/** A payload by its form: JSON as a tree, bytes in hexadecimal and what they are besides, a message by its type. */
export function PayloadView({ payload, isDamaged, isHidden, empty = "empty", name = "payload" }: PayloadViewProps) {
  if (isDamaged) return <p class="failure">It is damaged on the disk, and left out.</p>;
  const kind = payload?.kind;
  switch (kind?.case) {
    case "json":
      return <JsonView value={kind.value} name={name} />;
    case "binary":
      return (
        <div class="payload">
          <BytesView form="Bytes" bytes={kind.value} name={name} />
        </div>
      );
    case "message":
      return (
        <div class="payload">
          <p class="message-type">
            <code>
              <Foreign text={kind.value.typeUrl} />
            </code>
          </p>
          <BytesView form="Message" bytes={kind.value.value} name={name} />
        </div>
      );
    default:
      return <p class="muted">{isHidden ? "not shown to you: payloads are not among your rights" : empty}</p>;
  }
}

function JsonView({ value, name }: { readonly value: Value; readonly name: string }) {
  const node = useMemo(() => nodeOfValue(value), [value]);
  const hasBeyond = useMemo(() => numbersIn(node).some(isBeyondDoubles), [node]);
  const size = useMemo(() => toBinary(ValueSchema, value).length, [value]);
  const text = () => jsonText(node);
  return (
    <div class="payload">
      <PayloadHead form={`JSON, ${byteCount(size)}`} copied={text} saved={text} fileName={`${name}.json`} />
      <JsonTree node={node} />
      {hasBeyond && (
        <p class="muted">
          Whole numbers beyond 2^53 are doubles here: shown is what is stored, which the sender may have rounded.
        </p>
      )}
    </div>
  );
}
