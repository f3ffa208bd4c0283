import { count } from "./text.ts";

/** How much of a capacity is in use: as a bar and in numbers. A dash: there is no capacity. */
export function LoadMeter({ used, capacity }: { readonly used: number | bigint; readonly capacity: number | bigint }) {
  // What claims without a stream has no capacity, and may hold tasks all the same.
  if (Number(capacity) === 0) return Number(used) === 0 ? <span class="muted">–</span> : <span>{count(used)}</span>;
  return (
    <span class="load">
      <meter min={0} max={Number(capacity)} value={Number(used)} aria-hidden="true" />
      {count(used)}/{count(capacity)}
    </span>
  );
}
