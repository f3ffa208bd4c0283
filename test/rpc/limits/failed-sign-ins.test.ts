import { expect, it } from "vitest";
import { credentialsExpired, credentialsRequired, invalidCredentials } from "../../../src/domain/refusals/access.ts";
import { FailedSignIns } from "../../../src/rpc/limits/failed-sign-ins.ts";
import { createFakeClock } from "../../harness/fake-clock.ts";

const address = "192.0.2.1";
const invalid = invalidCredentials("the token is unknown");
const refused = (retryAfterMs: number) =>
  expect.objectContaining({ reason: "TOO_MANY_FAILED_SIGN_INS", details: { retryAfterMs } });

/** Bounds of 10 failures, a call that never goes away, and what is logged. */
function open(most = 10) {
  const clock = createFakeClock();
  const lines: unknown[] = [];
  const log = { warn: (...line: readonly unknown[]) => void lines.push(line) };
  const failures = new FailedSignIns({ clock, log, most });
  const { signal } = new AbortController();
  const fail = (from = address) => failures.answerTo(invalid, from, signal);
  /** Uses up the allowance of an address. */
  async function exhaust(from = address): Promise<void> {
    const answers = Array.from({ length: most + 1 }, () => fail(from));
    clock.advance(1_000);
    await Promise.all(answers);
  }
  return { clock, lines, failures, fail, exhaust };
}

it("answers half of the failures at once, the others after a second, and then refuses for a minute", async () => {
  const { clock, lines, fail } = open();
  for (let n = 0; n < 5; n++) expect(await fail()).toBe(invalid);
  expect(clock.pendingTimers).toBe(0);
  const slow = Array.from({ length: 5 }, () => fail());
  expect(clock.pendingTimers).toBe(5);
  expect(await fail()).toEqual(refused(60_000));
  expect(await fail("192.0.2.2")).toBe(invalid);
  clock.advance(1_000);
  expect(await Promise.all(slow)).toEqual(Array(5).fill(invalid));
  expect(clock.pendingTimers).toBe(0);

  clock.advance(58_000);
  expect(await fail()).toEqual(refused(1_000));
  expect(lines).toEqual([
    [{ failed_sign_ins: 10, address }, "refusing invalid credentials: an address is at max-failed-sign-ins"],
  ]);
  clock.advance(1_000);
  expect(await fail()).toBe(invalid);
});

it("counts all addresses of an IPv6 network as one", async () => {
  const { fail, exhaust } = open();
  await exhaust("2001:db8::1");
  expect(await fail("2001:db8::ffff:2")).toEqual(refused(59_000));
  expect(await fail("2001:db8:0:1::1")).toBe(invalid);
});

it("counts no credentials that were valid once, and no call without any", async () => {
  const { failures } = open(2);
  for (const error of [credentialsExpired("JWT", 0), credentialsRequired(), new Error("a bug")]) {
    for (let n = 0; n < 10; n++) {
      expect(await failures.answerTo(error, address, new AbortController().signal)).toBe(error);
    }
  }
});

it("lets few answers wait, of one address and of all, and none whose caller has gone", async () => {
  const { clock, failures, fail } = open(200);
  const calls = new AbortController();
  for (let n = 0; n < 100; n++) await fail();
  const slow = Array.from({ length: 10 }, () => failures.answerTo(invalid, address, calls.signal));
  expect(await fail()).toEqual(refused(1_000));
  calls.abort();
  expect(await Promise.all(slow)).toEqual(Array(10).fill(invalid));
  expect(clock.pendingTimers).toBe(0);
  expect(await failures.answerTo(invalid, address, calls.signal)).toBe(invalid);

  const others = Array.from({ length: 100 }, (_, n) => `198.51.100.${n}`);
  for (const other of others) for (let n = 0; n < 100; n++) await fail(other);
  const waiting = others.flatMap((other) => Array.from({ length: 10 }, () => fail(other)));
  expect(clock.pendingTimers).toBe(1_000);
  expect(await fail()).toEqual(refused(1_000));
  clock.advance(1_000);
  await Promise.all(waiting);
  expect(clock.pendingTimers).toBe(0);
});

it("lets an address that is refused have ten signatures a second verified, and others any number", async () => {
  const { clock, failures, exhaust } = open();
  const verify = (times: number, from = address) => {
    for (let n = 0; n < times; n++) failures.beforeSignature(from);
  };
  verify(10_000);
  await exhaust();
  verify(600);
  expect(() => verify(1)).toThrow(refused(1_000));
  verify(1_000, "192.0.2.2");
  clock.advance(1_000);
  verify(10);
  expect(() => verify(1)).toThrow(refused(1_000));
  clock.advance(59_000);
  verify(10_000);
});

it("remembers the 10,000 addresses with the latest failures", async () => {
  const { fail, exhaust } = open(2);
  const nameOf = (n: number) => `10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`;
  await exhaust(nameOf(0));
  await exhaust(nameOf(1));
  for (let n = 2; n < 10_000; n++) await fail(nameOf(n));
  expect(await fail(nameOf(0))).toEqual(refused(58_000));
  await fail(nameOf(10_000));
  expect(await fail(nameOf(1))).toBe(invalid);
  expect(await fail(nameOf(0))).toEqual(refused(58_000));
});
