import { toJson } from "@bufbuild/protobuf";
import { ValueSchema } from "@bufbuild/protobuf/wkt";
import type { Payload } from "../../../gen/sitq/v1/payload_pb.js";
import { CopyButton } from "./copy-button.tsx";
import { Foreign } from "./foreign.tsx";
import { hexDigits } from "./hex.ts";
import { HexDump } from "./hex-dump.tsx";
import { JsonTree } from "./json-tree.tsx";
import { counted } from "./text.ts";

/** What is shown of a payload, and why it may not be there. */
export interface PayloadViewProps {
  readonly payload: Payload | undefined;
  /** It is damaged on the disk. */
  readonly isDamaged?: boolean;
  /** The server leaves it out for who looks. */
  readonly isHidden?: boolean;
  /** Shown where there is none. */
  readonly empty?: string;
}

/** A payload by its form: JSON as a tree, bytes in hexadecimal, a message by its type. */
export function PayloadView({ payload, isDamaged, isHidden, empty = "empty" }: PayloadViewProps) {
  if (isDamaged) return <p class="failure">It is damaged on the disk, and left out.</p>;
  const kind = payload?.kind;
  switch (kind?.case) {
    case "json": {
      const value = toJson(ValueSchema, kind.value);
      return (
        <div class="payload">
          <PayloadHead form="JSON" copied={() => JSON.stringify(value, null, 2)} />
          <JsonTree value={value} />
        </div>
      );
    }
    case "binary":
      return (
        <div class="payload">
          <PayloadHead form={`Bytes, ${counted(kind.value.length, "byte")}`} copied={() => hexDigits(kind.value)} />
          <HexDump bytes={kind.value} />
        </div>
      );
    case "message":
      return (
        <div class="payload">
          <PayloadHead
            form={`Message, ${counted(kind.value.value.length, "byte")}`}
            copied={() => hexDigits(kind.value.value)}
          />
          <p>
            <code>
              <Foreign text={kind.value.typeUrl} />
            </code>
          </p>
          <HexDump bytes={kind.value.value} />
        </div>
      );
    default:
      return <p class="muted">{isHidden ? "not shown to you: payloads are not among your rights" : empty}</p>;
  }
}

function PayloadHead({ form, copied }: { readonly form: string; readonly copied: () => string }) {
  return (
    <div class="payload-head">
      <span class="muted">{form}</span>
      <CopyButton text={copied} />
    </div>
  );
}
