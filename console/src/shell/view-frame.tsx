import type { ComponentChildren } from "preact";
import { useErrorBoundary, useLayoutEffect } from "preact/hooks";
import { href } from "../route.ts";

interface ViewFrameProps {
  /** What is shown, as the address says it. */
  readonly place: string;
  readonly children: ComponentChildren;
}

/** Shows a view. One that cannot be drawn says so, instead of what was shown before, and leaves the way to the others. */
export function ViewFrame({ place, children }: ViewFrameProps) {
  const [error, drawAgain] = useErrorBoundary((thrown: unknown) => reportError(thrown));
  useLayoutEffect(drawAgain, [place]);
  if (error === undefined) return <>{children}</>;
  return (
    <div class="failure" role="alert">
      <p>This cannot be shown, by a mistake of the page or because something in it is damaged.</p>
      <div class="buttons">
        <button type="button" onClick={drawAgain}>
          Show it again
        </button>
        <a href={href(["now"])}>Go to what is now</a>
      </div>
    </div>
  );
}
