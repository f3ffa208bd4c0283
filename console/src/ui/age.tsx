import type { Timestamp } from "@bufbuild/protobuf/wkt";
import { nowMs } from "../live/clock.ts";
import { dateTime, msOf, span } from "./text.ts";

/** What an age is made of. */
export interface AgeProps {
  readonly at: Timestamp | undefined;
  readonly suffix?: string;
  /** When it was so long ago, in milliseconds since 1970. Default: now, and it moves on. */
  readonly asOfMs?: number;
}

/** How long ago a time was, or in how long it is, with the time itself on hover. A dash: it is not set. */
export function Age({ at, suffix = "", asOfMs }: AgeProps) {
  const ms = msOf(at);
  if (ms === null) return <span class="muted">–</span>;
  const ago = (asOfMs ?? nowMs.value) - ms;
  const text = ago >= -999 ? `${span(ago)}${suffix}` : `in ${span(-ago)}`;
  return (
    <time dateTime={new Date(ms).toISOString()} title={dateTime(ms)}>
      {text}
    </time>
  );
}

interface TookProps {
  readonly from: Timestamp | undefined;
  readonly to: Timestamp | undefined;
  /** It goes on: `to` is now. */
  readonly isRunning: boolean;
}

/** How long something took, or has taken. A dash: it has not begun, or has not ended and does not run. */
export function Took({ from, to, isRunning }: TookProps) {
  const fromMs = msOf(from);
  const toMs = isRunning ? nowMs.value : msOf(to);
  if (fromMs === null || toMs === null) return <span class="muted">–</span>;
  return <span>{span(toMs - fromMs)}</span>;
}
