import { wallMs } from "../live/clock.ts";
import { overviewState } from "../live/overview.ts";
import type { StreamState } from "../live/stream.ts";
import { span } from "../ui/text.ts";

interface StreamNoteProps {
  readonly state: StreamState;
  onAgain(): Promise<void>;
}

/** The note of a stream of a view's own. Nothing while the page's stream is not live either: its note stands at the top. */
export function ViewStreamNote(props: StreamNoteProps) {
  const { kind } = overviewState.value;
  return kind === "broken" || kind === "refused" ? null : <StreamNote {...props} />;
}

/** Says that what is shown is not live, since when and why. Nothing while it is. */
export function StreamNote({ state, onAgain }: StreamNoteProps) {
  return (
    <div role="status" aria-live="polite" class="stream">
      {state.kind === "broken" && (
        <p class="broken">
          Not live: what is shown is {span(wallMs.value - state.sinceMs)} old. {state.message} The page connects again
          by itself.
        </p>
      )}
      {state.kind === "refused" && (
        <p class="broken">
          Not live. {state.message}{" "}
          <button type="button" onClick={() => void onAgain()}>
            Connect again
          </button>
        </p>
      )}
    </div>
  );
}
