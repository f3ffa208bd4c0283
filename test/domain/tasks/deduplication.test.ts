import { expect, test } from "vitest";
import { isSameRequest, judgeDuplicate, type RequestContent } from "../../../src/domain/tasks/deduplication.ts";
import { type DuplicatePolicy, taskStates } from "../../../src/domain/tasks/task.ts";

const request: RequestContent = {
  queue: "orders",
  type: "pack",
  priority: 0,
  payload: Uint8Array.of(1),
  correlationId: null,
  sourceService: null,
  deduplicationKey: "7",
  options: null,
  headers: null,
};

test("a repeat says the same in every field", () => {
  expect(isSameRequest(request, { ...request, payload: Uint8Array.of(1) })).toBe(true);
  const others: readonly Partial<RequestContent>[] = [
    { queue: "mail" },
    { type: "send" },
    { priority: 1 },
    { payload: null },
    { correlationId: "c" },
    { sourceService: "shop" },
    { deduplicationKey: null },
    { options: "{}" },
    { headers: '{"a":"1"}' },
  ];
  for (const change of others) expect(isSameRequest(request, { ...request, ...change })).toBe(false);
});

test("a repeat may be part of another trace", () => {
  const traced = (headers: Readonly<Record<string, string>>) => ({ ...request, headers: JSON.stringify(headers) });
  expect(isSameRequest(request, traced({ traceparent: "00-1" }))).toBe(true);
  const first = traced({ a: "1", traceparent: "00-1", tracestate: "x=1" });
  expect(isSameRequest(first, traced({ a: "1", traceparent: "00-2" }))).toBe(true);
  expect(isSameRequest(first, traced({ a: "2", traceparent: "00-1", tracestate: "x=1" }))).toBe(false);
  expect(isSameRequest(first, request)).toBe(false);
});

test.each<[DuplicatePolicy, string[]]>([
  ["return_existing", ["existing", "existing", "existing", "existing"]],
  ["refuse", ["duplicate", "duplicate", "duplicate", "duplicate"]],
  ["replace", ["replace", "replace", "replace", "duplicate"]],
])("%s, of a blocked, a scheduled, a pending and a running task", (policy, expected) => {
  expect(taskStates.slice(0, 4).map((state) => judgeDuplicate(policy, state))).toEqual(expected);
});
