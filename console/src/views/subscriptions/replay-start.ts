import type { MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import type { EventStartSchema } from "../../../../gen/sitq/v1/event_pb.js";
import { parseDuration } from "../../../../src/contract/duration.ts";

/** Where a replay starts, as one types it: `earliest`, a span ago (`1h`), a time (`2026-07-01T12:00:00Z`), else a position. */
export function replayStartOf(text: string, nowMs: number): MessageInitShape<typeof EventStartSchema> {
  const trimmed = text.trim();
  if (trimmed === "earliest") return { start: { case: "earliest", value: true } };
  const spanMs = parseDuration(trimmed);
  if (spanMs !== undefined) return { start: { case: "time", value: timestampFromMs(nowMs - spanMs) } };
  const timeMs = /^\d{4}-\d\d-\d\d/.test(trimmed) ? Date.parse(trimmed) : Number.NaN;
  if (!Number.isNaN(timeMs)) return { start: { case: "time", value: timestampFromMs(timeMs) } };
  return { start: { case: "position", value: trimmed } };
}
