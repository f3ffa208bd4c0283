import { expect, test } from "vitest";
import { defaultQueueSettings } from "../../../../src/domain/tasks/queue.ts";
import type { Engine } from "../../../../src/store/postgres/engine/engine.ts";
import { createQueueRooms } from "../../../../src/store/postgres/engine/queue-rooms.ts";
import type { QueueCounts, QueueEntry } from "../../../../src/store/postgres/engine/queue-table.ts";

const tasks = [{ queue: "orders" }, { queue: "orders" }];
const ample = 100_000;

/** A queue with this limit that holds what is set, and how often it was looked at. */
function roomsOf(limit: number) {
  const entry = { id: 1, name: "orders", settings: { ...defaultQueueSettings, maxDepth: limit } } as QueueEntry;
  const state = { pending: 0, looks: 0, isKnown: true };
  const none = { blocked: 0, scheduled: 0, running: 0, completed: 0, failed: 0, cancelled: 0 };
  const queues = {
    find: async () => new Map([["orders", entry]]),
    named: () => (state.isKnown ? entry : undefined),
    async counts() {
      state.looks++;
      return new Map<number, QueueCounts>([[1, { ...none, pending: state.pending }]]);
    },
  };
  const rooms = createQueueRooms({ queues, maxQueueDepth: limit } as unknown as Engine);
  return { rooms, state, entry };
}

test.each([
  { limit: 500_000, age: 499 },
  { limit: 10_000_000, age: 1_000 },
])(
  "a queue with room for $limit tasks is looked at again after $age ms, and what was stored since counts",
  async ({ limit, age }) => {
    const { rooms, state } = roomsOf(limit);
    const first = await rooms.near(tasks, 1_000);
    for (const room of first.values()) room.depth += 2;
    expect((await rooms.near(tasks, 1_000 + age)).get("orders")?.depth).toBe(2);
    expect(state.looks).toBe(1);
    state.pending = 7;
    expect((await rooms.near(tasks, 1_001 + age)).get("orders")?.depth).toBe(7);
    expect(state.looks).toBe(2);
  },
);

test("one that is nearer to its limit is looked at each time", async () => {
  for (const [limit, looks] of [
    [ample + 1, 2],
    [ample + 2, 1],
  ] as const) {
    const { rooms, state } = roomsOf(limit);
    await rooms.near(tasks, 1_000);
    await rooms.near(tasks, 1_000);
    expect(state.looks, `limit ${limit}`).toBe(looks);
  }
});

test("its limit is the one of now, and where its settings are not known it is looked at", async () => {
  const { rooms, state, entry } = roomsOf(1_000_000);
  await rooms.near(tasks, 1_000);
  entry.settings = { ...entry.settings, maxDepth: 10 };
  expect((await rooms.near(tasks, 1_000)).get("orders")?.limit).toBe(10);
  expect(state.looks).toBe(2);
  entry.settings = { ...entry.settings, maxDepth: 1_000_000 };
  state.isKnown = false;
  await rooms.near(tasks, 1_000);
  expect(state.looks).toBe(3);
});
