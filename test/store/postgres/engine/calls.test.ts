import { expect, test } from "vitest";
import { defaultQueueSettings } from "../../../../src/domain/tasks/queue.ts";
import { areAhead, beginsForOthers, type Call, type Run } from "../../../../src/store/postgres/engine/calls.ts";
import type { QueueEntry } from "../../../../src/store/postgres/engine/queue-table.ts";

function call(verb: Call["verb"], ...args: unknown[]): Call {
  return { verb, args, ...Promise.withResolvers<unknown>() };
}

const ends = (...kinds: string[]) =>
  call(
    "settle",
    kinds.map((kind) => ({ outcome: { kind } })),
    1_000,
  );
const claim = (queue: string) => call("claim", { queue, slots: [], leaseUntilMs: null }, 1_000);
const known: Readonly<Record<string, number>> = { open: 0, bounded: 3 };
const queues = {
  named(name: string) {
    const maxRunning = known[name];
    return maxRunning === undefined ? undefined : ({ settings: { ...defaultQueueSettings, maxRunning } } as QueueEntry);
  },
};

const completed: Run = [ends("completed", "completed"), ends("completed")];

test("claims need not wait for completions", () => {
  expect(areAhead(completed, [claim("open"), claim("open")], queues)).toBe(true);
});

test.each<[string, Run, Run | undefined]>([
  ["there are none", completed, undefined],
  ["they are none", completed, [call("enqueue", [], 1_000)]],
  ["what is before them ends no attempt", [call("enqueue", [], 1_000)], [claim("open")]],
  ["a task may go back in line", [ends("completed"), ends("completed", "failed")], [claim("open")]],
  ["running tasks of one queue are bounded", completed, [claim("open"), claim("bounded")]],
  ["a queue is not known", completed, [claim("open"), claim("new")]],
])("claims are not ahead where %s", (_, run, claims) => {
  expect(areAhead(run, claims, queues)).toBe(false);
});

test("it shows in the answers of claims whether something began that belongs to others", () => {
  const plain = { tasks: [{ origin: null }] };
  const step = { tasks: [{ origin: null }, { origin: { kind: "step" } }] };
  expect(beginsForOthers(new Map([[claim("open"), plain]]))).toBe(false);
  expect(
    beginsForOthers(
      new Map<Call, unknown>([
        [ends("completed"), []],
        [claim("open"), plain],
        [claim("open"), step],
      ]),
    ),
  ).toBe(true);
});
