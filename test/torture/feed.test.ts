import { expect, it } from "vitest";
import { FeedJudge } from "../../torture/feed/feed-judge.ts";

/** Reads events that are named by source, lane and number, each behind the one before; answers what is wrong with them. */
function faultsOf(events: readonly string[], stored: Readonly<Record<string, number[]>> = {}): string[] {
  const judge = new FeedJudge();
  for (const [index, name] of events.entries()) {
    const [sourceService = "", id = ""] = name.split("/");
    judge.take({ sourceService, id, position: `p${index}` });
  }
  for (const [source, lanes] of Object.entries(stored)) judge.expectAll(source, lanes);
  return judge.faults;
}

it("finds nothing wrong with lanes of which each is whole and in order", () => {
  const events = ["a/0-0", "b/0-0", "a/1-0", "a/0-1", "b/0-1", "a/0-2"];
  expect(faultsOf(events, { a: [3, 1, 0, 0], b: [2, 0, 0, 0] })).toEqual([]);
});

it.each([
  ["is passed over", ["a/0-0", "a/0-2"], {}, "a/0: 1 to 1 were passed over"],
  ["comes again", ["a/0-0", "a/0-0"], {}, "a/0: 0 came again, or late"],
  ["comes late", ["a/0-0", "a/0-2", "a/0-1"], {}, "a/0: 1 came again, or late"],
  ["is stored and not read", ["a/0-0"], { a: [2, 0, 0, 0] }, "a/0: 2 are stored, 1 were read"],
  ["is read and not stored", ["a/0-0", "a/0-1"], { a: [1, 0, 0, 0] }, "a/0: 1 are stored, 2 were read"],
])("finds an event that %s", (_, events, stored, fault) => {
  expect(faultsOf(events, stored)).toContain(fault);
});

it("finds positions that do not grow", () => {
  const judge = new FeedJudge();
  judge.take({ sourceService: "a", id: "0-0", position: "p1" });
  judge.take({ sourceService: "b", id: "0-0", position: "p1" });
  expect(judge.faults).toEqual(["b/0-0 at p1 came behind p1"]);
});
