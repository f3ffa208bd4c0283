import { expect, it } from "vitest";
import type { StoredEvent } from "../../../../src/domain/events/event.ts";
import { createRecentEvents } from "../../../../src/store/sqlite/rows/recent-events.ts";

/** Recent events over a reader that notes what it read. */
function recentEvents(dataBytes: number) {
  const read: number[] = [];
  const events = createRecentEvents((key) => {
    read.push(key);
    return { event: { id: `event-${key}` } as StoredEvent, data: new Uint8Array(dataBytes), isVerified: true };
  });
  return { events, read };
}

it("reads an event once for all its deliveries", () => {
  const { events, read } = recentEvents(100);
  const first = events.get(1);
  events.get(2);
  expect(events.get(1)).toBe(first);
  expect(read).toEqual([1, 2]);
});

it.each([
  ["many events", 10, 1_500],
  ["large ones", 1_048_576, 4],
])("forgets the oldest of %s", (_, dataBytes, count) => {
  const { events, read } = recentEvents(dataBytes);
  for (let key = 1; key <= count; key++) events.get(key);
  expect(events.get(count).event.id).toBe(`event-${count}`);
  expect(read).toHaveLength(count);
  events.get(1);
  expect(read.at(-1)).toBe(1);
});

it("does not keep what fails, nor an event that is larger than all that it keeps", () => {
  const { events, read } = recentEvents(3_000_000);
  events.get(1);
  events.get(1);
  expect(read).toEqual([1, 1]);
  let isDamaged = true;
  const mended = createRecentEvents(() => {
    if (isDamaged) throw new Error("damaged");
    return { event: {} as StoredEvent, data: null, isVerified: true };
  });
  expect(() => mended.get(1)).toThrow("damaged");
  isDamaged = false;
  expect(mended.get(1).data).toBeNull();
});
