import { wallMs } from "../live/clock.ts";
import type { StreamState } from "../live/stream.ts";
import { span } from "../ui/text.ts";

/** Says that what is shown is not live, since when and why. Nothing while it is. */
export function StreamNote({ state, onAgain }: { readonly state: StreamState; onAgain(): Promise<void> }) {
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
