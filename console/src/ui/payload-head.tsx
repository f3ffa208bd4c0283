import type { ComponentChildren } from "preact";
import { CopyButton } from "./copy-button.tsx";
import { DownloadButton } from "./download-button.tsx";

/** What stands above a payload. */
export interface PayloadHeadProps {
  /** Its form and size: `JSON, 1.2 KiB`. */
  readonly form: string;
  /** Makes what is copied. */
  readonly copied: () => string;
  /** Makes what is saved. */
  readonly saved: () => string | Uint8Array<ArrayBuffer>;
  readonly fileName: string;
  /** Other ways to show it. */
  readonly children?: ComponentChildren;
}

/** The form and size of a payload, and what can be done with it. */
export function PayloadHead({ form, copied, saved, fileName, children }: PayloadHeadProps) {
  return (
    <div class="payload-head">
      <span class="muted">{form}</span>
      <span class="buttons">
        {children}
        <CopyButton text={copied} />
        <DownloadButton content={saved} fileName={fileName} />
      </span>
    </div>
  );
}
