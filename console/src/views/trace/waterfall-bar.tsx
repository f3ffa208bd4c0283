import { type Axis, placeOf, type Segment, scaleText, ticksOf } from "./waterfall.ts";

/** So wide is the label of a mark, in parts of the axis, that it stands before the mark at its end. */
const lastLabelAt = 0.9;

/** What took no time can be seen all the same, in parts of the axis. */
const leastWidth = 0.003;

/** The marks of an axis, as spans after its beginning. */
export function WaterfallScale({ axis }: { readonly axis: Axis }) {
  return (
    <svg class="scale" width="100%" height="16" aria-hidden="true">
      {ticksOf(axis).map((ms) => {
        const place = placeOf(axis, axis.fromMs + ms);
        return (
          <text key={ms} x={percent(place)} y="12" text-anchor={place > lastLabelAt ? "end" : "start"}>
            {ms === 0 ? "0" : `+${scaleText(ms)}`}
          </text>
        );
      })}
    </svg>
  );
}

/** What one thing did, on the axis of its trace. */
export function WaterfallBar({ axis, segments }: { readonly axis: Axis; readonly segments: readonly Segment[] }) {
  const words = segments.map(({ label, kind, fromMs, toMs }) =>
    kind === "moment" ? `${label} at +${scaleText(fromMs - axis.fromMs)}` : `${label} ${scaleText(toMs - fromMs)}`,
  );
  return (
    <svg class="bar" role="img" aria-label={words.join(", then ")} width="100%" height="18">
      {ticksOf(axis).map((ms) => {
        const x = percent(placeOf(axis, axis.fromMs + ms));
        return <line key={ms} x1={x} x2={x} y1="0" y2="18" />;
      })}
      {segments.map(({ kind, fromMs, toMs }, at) => {
        const from = placeOf(axis, fromMs);
        const key = `${at} ${kind}`;
        if (kind === "moment") return <circle key={key} cx={percent(from)} cy="9" r="4.5" />;
        return (
          <rect
            key={key}
            class={`ran-${kind}`}
            x={percent(from)}
            width={percent(Math.max(placeOf(axis, toMs) - from, leastWidth))}
            y={kind === "waiting" ? 7 : 3}
            height={kind === "waiting" ? 4 : 12}
          />
        );
      })}
    </svg>
  );
}

function percent(place: number): string {
  return `${Math.round(place * 10_000) / 100}%`;
}
