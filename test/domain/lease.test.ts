import { expect, test } from "vitest";
import { isSameLease, type Lease, leaseKindOf, leaseOf } from "../../src/domain/lease.ts";

const lease: Lease = { taskId: "t", attempt: 2, workerId: "w", leaseKind: "stream" };

test("a lease is the task, the attempt, the worker and the kind together", () => {
  expect(isSameLease(lease, { ...lease })).toBe(true);
  const others: readonly Partial<Lease>[] = [
    { taskId: "u" },
    { attempt: 1 },
    { workerId: "v" },
    { leaseKind: "unary" },
  ];
  for (const change of others) expect(isSameLease(lease, { ...lease, ...change })).toBe(false);
});

test("a claimed task names its lease", () => {
  expect(leaseOf({ id: "t", attempt: 2, workerId: "w" }, "stream")).toEqual(lease);
});

test("a lease with an end of its own is unary", () => {
  expect([leaseKindOf(null), leaseKindOf(0), leaseKindOf(1_000)]).toEqual(["stream", "unary", "unary"]);
});
