import { expect, test } from "vitest";
import { eventQueryOf, eventsRequestOf, wordsOf } from "../../../console/src/views/events/event-query.ts";
import { newestFirst } from "../../../console/src/views/events/newest-first.ts";

test("the address says which events are listed", () => {
  const query = eventQueryOf(
    new URLSearchParams(
      "type=order.*&type=**&source=shop&subject=7&correlation=req-7&attribute=tenant%3Da%3Db&since=1h",
    ),
  );
  expect(eventsRequestOf(query, 7_200_000)).toMatchObject({
    filter: {
      types: ["order.*", "**"],
      sourceService: "shop",
      subject: "7",
      correlationId: "req-7",
      attributes: { tenant: "a=b" },
    },
    publishedAfter: { seconds: 3_600n },
  });
  const all = eventsRequestOf(eventQueryOf(new URLSearchParams("since=soon")), 0);
  expect(all).toEqual({ filter: { types: [], sourceService: "", subject: "", correlationId: "", attributes: {} } });
});

test("several words are typed with spaces or commas between them", () => {
  expect(wordsOf(" order.*, stock.* **")).toEqual(["order.*", "stock.*", "**"]);
  expect(wordsOf("  ")).toEqual([]);
});

test("an event that came and was read too is shown once", () => {
  const at = (position: string) => ({ position });
  expect(newestFirst([at("5"), at("4"), at("3")], [at("4"), at("3"), at("1")])).toEqual(["5", "4", "3", "1"].map(at));
  expect(newestFirst([at("2")], [])).toEqual([at("2")]);
});
