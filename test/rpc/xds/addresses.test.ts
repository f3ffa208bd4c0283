import { expect, test } from "vitest";
import { Addresses } from "../../../src/rpc/xds/addresses.ts";
import { callableIp } from "../../../src/rpc/xds/callable-ip.ts";
import { createFakeClock } from "../../harness/fake-clock.ts";

/** Addresses over name servers that a test answers for. */
function start() {
  const clock = createFakeClock();
  const asked: string[] = [];
  const answers = new Map<string, (ips: readonly string[] | null) => void>();
  let changes = 0;
  const addresses = new Addresses(
    (host) => {
      asked.push(host);
      return new Promise((resolve, reject) => {
        answers.set(host, (ips) => (ips === null ? reject(new Error("no such name")) : resolve(ips)));
      });
    },
    clock,
    () => changes++,
  );
  return {
    clock,
    asked,
    addresses,
    get changes() {
      return changes;
    },
    /** Answers the look-up of a name; `null`: it does not resolve. */
    async answer(host: string, ips: readonly string[] | null) {
      answers.get(host)?.(ips);
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

test.each([
  ["10.0.0.1", { ip: "10.0.0.1" }],
  ["2001:DB8:0:0::1", { ip: "2001:db8::1" }],
  ["::ffff:10.0.0.1", { ip: "10.0.0.1" }],
  ["::ffff:a00:1", { ip: "10.0.0.1" }],
  ["::1", { ip: "::1" }],
  ["fe80::1%eth0", { problem: "fe80::1%eth0 has a zone, which other machines do not know" }],
  ["0.0.0.0", { problem: "0.0.0.0 is the address of no machine" }],
  ["::", { problem: ":: is the address of no machine" }],
  ["::ffff:0.0.0.0", { problem: "::ffff:0.0.0.0 is the address of no machine" }],
  ["239.1.2.3", { problem: "239.1.2.3 is the address of no machine" }],
  ["ff02::1", { problem: "ff02::1 is the address of no machine" }],
])("the address %s is %j", (text, expected) => {
  expect(callableIp(text)).toEqual(expected);
});

test("a name keeps its address as long as it has it, of however many, and takes another one then", async () => {
  const names = start();
  const fifty = Array.from({ length: 50 }, (_, n) => `10.0.0.${n + 1}`);
  expect(names.addresses.resolve("db")).toBeNull();
  await names.answer("db", fifty);
  expect(names.addresses.resolve("db")).toEqual({ ip: "10.0.0.1" });
  for (let n = 0; n < 5; n++) {
    names.clock.advance(30_000);
    await names.answer("db", fifty.toReversed());
  }
  expect(names.addresses.resolve("db")).toEqual({ ip: "10.0.0.1" });
  expect(names.changes).toBe(1);
  names.clock.advance(30_000);
  await names.answer("db", ["10.0.0.9"]);
  expect(names.addresses.resolve("db")).toEqual({ ip: "10.0.0.9" });
  expect(names.changes).toBe(2);
  // What cannot be called is passed over, and a name server that is away for a while takes nothing away.
  names.clock.advance(30_000);
  await names.answer("db", ["fe80::1%eth0", "0.0.0.0", "10.0.0.8"]);
  expect(names.addresses.resolve("db")).toEqual({ ip: "10.0.0.8" });
  names.clock.advance(30_000);
  await names.answer("db", null);
  expect(names.addresses.resolve("db")).toEqual({ ip: "10.0.0.8" });
});

test("a name that does not resolve is looked up less and less often, and found when it does", async () => {
  const names = start();
  names.addresses.resolve("gone");
  for (let n = 0; n < 20; n++) {
    await names.answer("gone", null);
    names.clock.advance(300_000);
  }
  expect(names.asked).toHaveLength(21);
  expect(names.addresses.resolve("gone")).toEqual({ problem: "the name gone does not resolve" });
  names.clock.advance(3_000_000);
  expect(names.asked).toHaveLength(21);
  await names.answer("gone", ["10.0.0.1"]);
  expect(names.addresses.resolve("gone")).toEqual({ ip: "10.0.0.1" });
  expect(names.changes).toBe(2);
});

test("a slow name server makes clients wait for two seconds, and is asked for two names at a time, new ones first", async () => {
  const names = start();
  for (let n = 0; n < 100; n++) names.addresses.resolve(`slow-${n}`);
  expect(names.asked).toEqual(["slow-0", "slow-1"]);
  names.clock.advance(2_000);
  expect(names.addresses.resolve("slow-0")).toEqual({
    problem: "the name slow-0 is not looked up yet: the name server is slow",
  });
  await names.answer("slow-1", null);
  names.clock.advance(5_000);
  // It is due again, and waits behind those that were never looked up.
  await names.answer("slow-0", ["10.0.0.1"]);
  expect(names.asked).toEqual(["slow-0", "slow-1", "slow-2", "slow-3"]);
  names.addresses.keepOnly(new Set(["slow-0", "slow-1"]));
  expect(names.addresses.resolve("slow-0")).toEqual({ ip: "10.0.0.1" });
  await names.answer("slow-2", ["10.0.0.2"]);
  expect(names.asked.at(-1)).toBe("slow-1");
  names.addresses.keepOnly(new Set());
  expect(names.clock.pendingTimers).toBe(0);
});
