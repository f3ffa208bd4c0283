import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { EventFilter, SubscriptionChanges } from "../../../src/domain/events/event.ts";
import {
  changedSubscription,
  earlierFilterOf,
  filtersBehind,
  positionAt,
  replayPosition,
  type SubscriptionStanding,
  startKey,
  stateOfSubscription,
} from "../../../src/domain/events/subscription-progress.ts";
import { idOfKey } from "../../../src/domain/ids.ts";
import { newSubscription } from "../../harness/calls/builders.ts";

const content = newSubscription();
const other: EventFilter = { ...content.filter, types: ["other"] };
const live: SubscriptionStanding = { content, positionKey: null, isPaused: false, earlier: [] };

/** Events 1 to `lastKey`. */
const eventsTo = (lastKey: number) => ({ lastKey, hasBehind: (key: number) => key < lastKey });

test("a subscription is live, catches up or is paused", () => {
  expect(stateOfSubscription(live)).toBe("live");
  expect(stateOfSubscription({ positionKey: 3, isPaused: false })).toBe("catching_up");
  expect(stateOfSubscription({ positionKey: 3, isPaused: true })).toBe("paused");
});

test("a start lies behind what is kept, and not behind the newest", () => {
  const keys = { last: 100, at: (ms: number) => ms * 10 };
  expect(startKey({ kind: "now" }, 20, keys)).toBe(100);
  expect(startKey({ kind: "earliest" }, 20, keys)).toBe(20);
  expect(startKey({ kind: "time", ms: 5 }, 20, keys)).toBe(49);
  expect(startKey({ kind: "time", ms: 50 }, 20, keys)).toBe(100);
  expect(startKey({ kind: "time", ms: 2 }, 20, keys)).toBeNull();
  expect(startKey({ kind: "time", ms: 2 }, 0, keys)).toBe(19);
  expect(startKey({ kind: "position", position: idOfKey(20) }, 20, keys)).toBe(20);
  expect(startKey({ kind: "position", position: idOfKey(19) }, 20, keys)).toBeNull();
  expect(startKey({ kind: "position", position: "none" }, 0, keys)).toBeNull();
});

test("a subscription with nothing behind it is live", () => {
  expect(positionAt(7, eventsTo(8).hasBehind)).toBe(7);
  expect(positionAt(8, eventsTo(8).hasBehind)).toBeNull();
});

test("a replay passes over nothing that was still to come", () => {
  expect(replayPosition(live, 7)).toBe(7);
  expect(replayPosition({ positionKey: 5 }, 7)).toBe(5);
  expect(replayPosition({ positionKey: 9 }, 7)).toBe(7);
});

describe("a change", () => {
  test("pauses behind the newest event, and resumes where it stood", () => {
    const paused = changedSubscription(live, { paused: true }, eventsTo(8));
    expect(paused).toEqual({ ...live, isPaused: true, positionKey: 8 });
    const behind = paused && changedSubscription(paused, { paused: false }, eventsTo(9));
    expect(behind).toEqual({ ...live, positionKey: 8 });
    const idle = paused && changedSubscription(paused, { paused: false }, eventsTo(8));
    expect(idle).toEqual(live);
  });

  test("of the filter keeps the former one for events that are stored and not taken in", () => {
    const behind = { ...live, positionKey: 5 };
    const changed = changedSubscription(behind, { filter: other }, eventsTo(8));
    expect(changed?.earlier).toEqual([{ untilKey: 8, filter: content.filter }]);
    const again = changed && changedSubscription(changed, { filter: content.filter }, eventsTo(9));
    expect(again?.earlier).toEqual([
      { untilKey: 8, filter: content.filter },
      { untilKey: 9, filter: other },
    ]);
  });

  test("keeps no filter that no event needs", () => {
    expect(changedSubscription(live, { filter: other }, eventsTo(8))?.earlier).toEqual([]);
    const behind = { ...live, positionKey: 5 };
    expect(changedSubscription(behind, { maxAttempts: 9 }, eventsTo(8))?.earlier).toEqual([]);
    const changed = { ...behind, earlier: [{ untilKey: 8, filter: other }] };
    expect(changedSubscription(changed, { filter: other }, eventsTo(8))?.earlier).toEqual(changed.earlier);
  });

  test("is refused beyond a hundred filters", () => {
    const earlier = Array.from({ length: 100 }, (_, index) => ({ untilKey: 10 + index, filter: content.filter }));
    const behind = { ...live, positionKey: 5, earlier };
    expect(changedSubscription(behind, { filter: other }, eventsTo(200))).toBeNull();
    expect(changedSubscription(behind, { maxAttempts: 9 }, eventsTo(200))).not.toBeNull();
  });
});

test("each event meets the filter that it was stored under", () => {
  const earlier = [
    { untilKey: 10, filter: content.filter },
    { untilKey: 20, filter: other },
  ];
  expect([10, 11, 20, 21].map((key) => earlierFilterOf(earlier, key)?.untilKey)).toEqual([10, 20, 20, undefined]);
  expect(filtersBehind(earlier, 9)).toEqual(earlier);
  expect(filtersBehind(earlier, 10)).toEqual(earlier.slice(1));
  expect(filtersBehind(earlier, null)).toEqual([]);
});

/** A subscription and the events that are published meanwhile: it catches up by two at a time. */
class Life {
  standing = live;
  lastKey = 0;
  /** What it took in: the event and its filter. */
  readonly taken: [key: number, filter: EventFilter][] = [];
  /** What it should have taken in. */
  readonly published: [key: number, filter: EventFilter][] = [];

  publish(): void {
    this.lastKey++;
    this.published.push([this.lastKey, this.standing.content.filter]);
    if (this.standing.positionKey === null) this.#take(this.lastKey);
  }

  change(changes: SubscriptionChanges): void {
    this.standing = changedSubscription(this.standing, changes, eventsTo(this.lastKey)) ?? this.standing;
  }

  catchUp(): void {
    const { positionKey: from, isPaused, earlier } = this.standing;
    if (from === null || isPaused) return;
    const to = Math.min(from + 2, this.lastKey);
    for (let key = from + 1; key <= to; key++) this.#take(key);
    const positionKey = to === this.lastKey ? null : to;
    this.standing = { ...this.standing, positionKey, earlier: filtersBehind(earlier, positionKey) };
  }

  #take(key: number): void {
    const { content, earlier } = this.standing;
    this.taken.push([key, earlierFilterOf(earlier, key)?.filter ?? content.filter]);
  }
}

test("takes in each event once, in order, by the filter of its time, whatever happens to the subscription", () => {
  const step = fc.constantFrom("publish", "publish", "filter", "other filter", "pause", "resume", "catch up");
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const life = new Life();
      for (const each of steps) {
        if (each === "publish") life.publish();
        if (each === "filter" || each === "other filter") {
          life.change({ filter: each === "filter" ? content.filter : other });
        }
        if (each === "pause" || each === "resume") life.change({ paused: each === "pause" });
        if (each === "catch up") life.catchUp();
      }
      life.change({ paused: false });
      for (let round = 0; round <= life.lastKey; round++) life.catchUp();
      expect(life.standing).toMatchObject({ positionKey: null, isPaused: false, earlier: [] });
      expect(life.taken).toEqual(life.published);
    }),
    { numRuns: 2_000 },
  );
});
