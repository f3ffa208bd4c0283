import { count } from "./text.ts";

/** How much of a capacity is in use: as a bar and in numbers. A dash: there is no capacity. */
export function LoadMeter({ used, capacity }: { readonly used: number | bigint; readonly capacity: number | bigint }) {
  if (Number(capacity) === 0) return <span class="muted">–</span>;
  return (
    <span class="load">
      <meter min={0} max={Number(capacity)} value={Number(used)} aria-hidden="true" />
      {count(used)}/{count(capacity)}
    </span>
  );
}
