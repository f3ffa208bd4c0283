import type { QueueHistory } from "../../../../gen/sitq/v1/monitor_service_pb.js";
import { count, rate } from "../../ui/text.ts";
import { linePoints, totalOf } from "./chart-points.ts";

const width = 600;
const height = 110;
/** How long a step is, in seconds. */
const stepSeconds = 5;

const series = [
  ["enqueued", "in"],
  ["finished", "done"],
  ["failed", "failed"],
] as const;

/** What a queue's tasks did in the last five minutes: a line each for those that came, were finished and failed. */
export function HistoryChart({ history }: { readonly history: QueueHistory | undefined }) {
  const most = Math.max(1, ...series.flatMap(([field]) => history?.[field] ?? []));
  const words = series.map(([field, word]) => `${count(totalOf(history?.[field]))} ${word}`).join(", ");
  return (
    <figure class="history">
      <svg
        viewBox={`0 0 ${width} ${height}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`Five minutes: ${words}`}
      >
        {series.map(([field]) => (
          <polyline
            key={field}
            class={`line ${field}`}
            points={linePoints(history?.[field] ?? [], most, width, height)}
          />
        ))}
      </svg>
      <figcaption>
        {series.map(([field, word]) => (
          <span key={field}>
            <svg class="key" viewBox="0 0 24 8" aria-hidden="true">
              <polyline class={`line ${field}`} points="0,4 24,4" />
            </svg>{" "}
            {count(totalOf(history?.[field]))} {word}
          </span>
        ))}
        <span class="muted">in five minutes; the top is {rate(most / stepSeconds)} a second</span>
      </figcaption>
    </figure>
  );
}
