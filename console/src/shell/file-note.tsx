import { fileView } from "../live/session.ts";
import { dateTime, msOf } from "../ui/text.ts";

/** Says of a file that is only shown which one it is, and as of when. Nothing of a server. */
export function FileNote() {
  const view = fileView.value;
  if (view === null) return null;
  const asOfMs = msOf(view.asOfTime);
  return (
    <p class="file-note">
      Read-only: <span title={view.file}>{view.file.split(/[/\\]/).at(-1)}</span>
      {asOfMs !== null && ` as of ${dateTime(asOfMs)}`}. No worker is connected to it, and nothing in it changes.
    </p>
  );
}
