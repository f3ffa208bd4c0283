import { expect, test } from "vitest";
import { replayStartOf } from "../../../console/src/views/subscriptions/replay-start.ts";

test("where a replay starts is typed as a word, a span, a time or a position", () => {
  const nowMs = 7_200_000;
  expect(replayStartOf(" earliest ", nowMs)).toEqual({ start: { case: "earliest", value: true } });
  expect(replayStartOf("1h", nowMs)).toMatchObject({ start: { case: "time", value: { seconds: 3_600n } } });
  expect(replayStartOf("1970-01-01T00:00:05Z", nowMs)).toMatchObject({
    start: { case: "time", value: { seconds: 5n } },
  });
  expect(replayStartOf("070hnxjcc02", nowMs)).toEqual({ start: { case: "position", value: "070hnxjcc02" } });
});
