import { CopyButton } from "./copy-button.tsx";

/** A command to type, with a button that copies it. */
export function CommandLine({ command }: { readonly command: string }) {
  return (
    <span class="command">
      <code>{command}</code>
      <CopyButton text={command} />
    </span>
  );
}
