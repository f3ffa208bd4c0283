import { notify } from "./notices.tsx";

/** What is copied, or what makes it when it is. */
interface CopyButtonProps {
  readonly text: string | (() => string);
  readonly label?: string;
}

/** Copies a text, such as a command. */
export function CopyButton({ text, label = "Copy" }: CopyButtonProps) {
  return (
    <button type="button" class="quiet" onClick={() => void copy(typeof text === "string" ? text : text())}>
      {label}
    </button>
  );
}

async function copy(text: string): Promise<void> {
  try {
    // Only pages of HTTPS and of this machine have a clipboard.
    if (navigator.clipboard === undefined) copyBySelection(text);
    else await navigator.clipboard.writeText(text);
    notify("Copied.");
  } catch {
    notify("The browser did not let the page copy. Select the text instead.");
  }
}

function copyBySelection(text: string): void {
  const area = document.createElement("textarea");
  area.value = text;
  document.body.append(area);
  area.select();
  const isDone = document.execCommand("copy");
  area.remove();
  if (!isDone) throw new Error("not copied");
}
