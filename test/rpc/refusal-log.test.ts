import { expect, test } from "vitest";
import { RefusalLog } from "../../src/rpc/refusal-log.ts";
import { createFakeClock } from "../harness/fake-clock.ts";

test("writes a line for each refusal, and of a flood some, with how many it has left out", () => {
  const clock = createFakeClock();
  const lines: Readonly<Record<string, unknown>>[] = [];
  const log = new RefusalLog({ clock, log: { info: (facts) => void lines.push(facts) } });
  const call = { method: "/sitq.v1.QueueService/Enqueue", peer: "127.0.0.1:1", code: "RESOURCE_EXHAUSTED" };
  for (let n = 0; n < 1_000; n++) log.refused({ ...call, reason: "OVERLOADED" });
  expect(lines).toHaveLength(60);
  expect(lines[0]).toEqual({ ...call, reason: "OVERLOADED" });
  // Another reason has lines of its own.
  log.refused({ ...call, reason: "QUEUE_FULL" });
  expect(lines).toHaveLength(61);
  clock.advance(1_000);
  log.refused({ ...call, reason: "OVERLOADED" });
  expect(lines.at(-1)).toEqual({ ...call, reason: "OVERLOADED", left_out: 940 });
});

test("says which trace a refused call is part of", () => {
  const lines: Readonly<Record<string, unknown>>[] = [];
  const log = new RefusalLog({ clock: createFakeClock(), log: { info: (facts) => void lines.push(facts) } });
  const call = {
    method: "/sitq.v1.QueueService/GetTask",
    peer: "127.0.0.1:1",
    code: "NOT_FOUND",
    reason: "TASK_NOT_FOUND",
  };
  log.refused({ ...call, traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00" });
  log.refused({ ...call, traceparent: "none" });
  const ids = { trace_id: "0af7651916cd43dd8448eb211c80319c", span_id: "b7ad6b7169203331" };
  expect(lines).toEqual([{ ...call, ...ids }, call]);
});
