import type { MessageInitShape } from "@bufbuild/protobuf";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BalancingStrategy } from "../../gen/sitq/v1/queue_pb.js";
import type { PickInstanceRequestSchema } from "../../gen/sitq/v1/registry_service_pb.js";
import { connectWorker } from "../harness/calls/scripted-worker.ts";
import { ms, present, span } from "../harness/calls/tasks.ts";
import { createFakeClock } from "../harness/fake-clock.ts";
import { refusalOf } from "../harness/refusal.ts";
import { createSeededRandom } from "../harness/seeded-random.ts";
import { startServer } from "../harness/server.ts";
import { freshQueue, shareServer } from "../harness/shared-server.ts";
import { register } from "./registry-harness.ts";

const shared = shareServer({ random: createSeededRandom(5).next });
const { LEAST_LOADED, ROUND_ROBIN, RANDOM, WEIGHTED, STICKY } = BalancingStrategy;
const notReserved = { reservationDuration: span(0) };

/** How often each instance is in a list. */
function counts(ids: readonly string[]): Record<string, number> {
  return Object.fromEntries([...Map.groupBy(ids, (id) => id)].map(([id, found]) => [id, found.length]).sort());
}

/** A service with an instance `i0`, `i1`, … for each of these. */
async function service(instances: readonly Parameters<typeof register>[1][]): Promise<string> {
  const serviceName = freshQueue();
  for (const [index, instance] of instances.entries()) {
    await register(shared(), { serviceName, instanceId: `i${index}`, ...instance });
  }
  return serviceName;
}

/** Picks `n` times. */
async function picks(n: number, request: MessageInitShape<typeof PickInstanceRequestSchema>): Promise<string[]> {
  const answers = await Promise.all(Array.from({ length: n }, () => shared().registry.pickInstance(request)));
  return answers.map(({ instance }) => present(instance).instanceId);
}

describe("strategies", () => {
  it.each([
    ["by default the least loaded", BalancingStrategy.UNSPECIFIED, { i0: 10, i1: 20, i2: 30 }],
    ["least loaded", LEAST_LOADED, { i0: 10, i1: 20, i2: 30 }],
    ["round robin", ROUND_ROBIN, { i0: 20, i1: 20, i2: 20 }],
    ["weighted", WEIGHTED, { i0: 40, i1: 10, i2: 10 }],
  ] as const)("%s", async (_name, strategy, expected) => {
    const serviceName = await service([
      { capacity: 100, weight: 4 },
      { capacity: 200, weight: 1 },
      { capacity: 300, weight: 1 },
    ]);
    expect(counts(await picks(60, { serviceName, strategy }))).toEqual(expected);
  });

  it("random, in proportion to free capacity: within four standard deviations", async () => {
    const serviceName = await service([{ capacity: 100_000 }, { capacity: 300_000 }]);
    const { i0 = 0 } = counts(await picks(1_000, { serviceName, strategy: RANDOM, ...notReserved }));
    expect(Math.abs(i0 - 250)).toBeLessThanOrEqual(4 * Math.sqrt(1_000 * 0.25 * 0.75));
  });

  it("sticky keeps a key on one instance while it is there, and spreads the keys", async () => {
    const serviceName = await service([{}, {}, {}]);
    const place = async (key: string) =>
      (await picks(1, { serviceName, strategy: STICKY, key, ...notReserved }))[0] ?? "";
    const keys = Array.from({ length: 60 }, (_, index) => `customer-${index}`);
    const before = await Promise.all(keys.map(place));
    expect(await Promise.all(keys.map(place))).toEqual(before);
    expect(Object.keys(counts(before))).toEqual(["i0", "i1", "i2"]);
    await shared().registry.deregisterInstance({ serviceName, instanceId: "i1" });
    const after = await Promise.all(keys.map(place));
    expect(after.filter((id, index) => id !== before[index])).toHaveLength(counts(before).i1 ?? 0);
  });

  it("least loaded goes by what the instances say, and spreads where they say nothing", async () => {
    const serviceName = await service([{ currentLoad: 50 }, { currentLoad: 10 }]);
    expect(counts(await picks(5, { serviceName, ...notReserved }))).toEqual({ i1: 5 });
    await shared().registry.heartbeat({ serviceName, instanceId: "i0", currentLoad: 0 });
    expect(counts(await picks(5, { serviceName, ...notReserved }))).toEqual({ i0: 5 });
    await shared().registry.heartbeat({ serviceName, instanceId: "i1", currentLoad: 0 });
    expect(counts(await picks(6, { serviceName, ...notReserved }))).toEqual({ i0: 3, i1: 3 });
  });

  it.each([
    ["an unknown strategy", { strategy: 99 as BalancingStrategy }, "strategy"],
    ["sticky without a key", { strategy: STICKY }, "key"],
    ["a key for another strategy", { key: "k" }, "key"],
    ["a key that is too long", { strategy: STICKY, key: "k".repeat(257) }, "key"],
  ])("refuses %s, and reserves nothing", async (_name, request, field) => {
    const serviceName = await service([{}]);
    expect(await refusalOf(shared().registry.pickInstance({ serviceName, ...request }))).toMatchObject({
      code: "INVALID_ARGUMENT",
      reason: "INVALID_FIELD",
      field,
    });
    const { services } = await shared().registry.getLoadStatistics({ serviceName });
    expect(services).toMatchObject([{ currentLoad: 0n }]);
  });
});

describe("whom it chooses from", () => {
  it("refuses where no instance matches", async () => {
    const serviceName = await service([{ metadata: { zone: "a" } }]);
    for (const request of [{ serviceName: freshQueue() }, { serviceName, metadata: { zone: "b" } }]) {
      expect(await refusalOf(shared().registry.pickInstance(request))).toMatchObject({
        code: "NOT_FOUND",
        reason: "SERVICE_NOT_FOUND",
        field: "service_name",
      });
    }
  });

  it("chooses among those with the metadata that are asked for", async () => {
    const serviceName = await service([{ metadata: { zone: "a" } }, { metadata: { zone: "b" } }, {}]);
    expect(counts(await picks(5, { serviceName, metadata: { zone: "b" } }))).toEqual({ i1: 5 });
  });

  it("passes over one without an address, unless none has one", async () => {
    const serviceName = freshQueue();
    await connectWorker(shared(), { workerId: `${serviceName}-w`, service: serviceName, capacity: 9 });
    expect(counts(await picks(2, { serviceName }))).toEqual({ [`${serviceName}-w`]: 2 });
    await register(shared(), { serviceName, instanceId: "i0" });
    expect(counts(await picks(5, { serviceName }))).toEqual({ i0: 5 });
  });

  it("never chooses a full one, whatever the strategy", async () => {
    const serviceName = await service([{ capacity: 3 }, { capacity: 5 }, { capacity: 9, currentLoad: 9 }]);
    const strategies = [LEAST_LOADED, ROUND_ROBIN, RANDOM, WEIGHTED, STICKY, LEAST_LOADED, ROUND_ROBIN, RANDOM];
    const ids: string[] = [];
    for (const strategy of strategies) {
      ids.push(...(await picks(1, { serviceName, strategy, key: strategy === STICKY ? "k" : "" })));
    }
    expect(counts(ids)).toEqual({ i0: 3, i1: 5 });
    for (const strategy of strategies) {
      const key = strategy === STICKY ? "k" : "";
      expect(await refusalOf(shared().registry.pickInstance({ serviceName, strategy, key }))).toMatchObject({
        code: "RESOURCE_EXHAUSTED",
        reason: "SERVICE_FULL",
        metadata: { service_name: serviceName },
        retryAfterMs: 100,
      });
    }
  });
});

describe("reservations", () => {
  it("count as load until they are released", async () => {
    const serviceName = await service([{ capacity: 1 }]);
    const { reservationId, instance } = await shared().registry.pickInstance({ serviceName });
    expect(instance).toMatchObject({ currentLoad: 1 });
    expect(await shared().registry.releaseInstance({ reservationId })).toMatchObject({ released: true });
    expect(await shared().registry.releaseInstance({ reservationId })).toMatchObject({ released: false });
    expect(await shared().registry.releaseInstance({ reservationId: "x" })).toMatchObject({ released: false });
    expect(await picks(1, { serviceName })).toEqual(["i0"]);
  });

  it("are not made where a duration of 0 is asked for", async () => {
    const serviceName = await service([{ capacity: 1 }]);
    for (let i = 0; i < 3; i++) {
      const answer = await shared().registry.pickInstance({ serviceName, ...notReserved });
      expect(answer).toMatchObject({ reservationId: "", instance: { currentLoad: 0 } });
      expect(answer.expireTime).toBeUndefined();
    }
  });

  it("run out by themselves", async () => {
    const clock = createFakeClock();
    await using server = await startServer({ clock });
    await register(server, { capacity: 2, ttl: span(3_600_000) });
    const pick = { serviceName: "inventory" };
    const first = await server.registry.pickInstance(pick);
    expect(ms(first.expireTime)).toBe(clock.now() + 30_000);
    const second = await server.registry.pickInstance({ ...pick, reservationDuration: span(1_000) });
    expect(ms(second.expireTime)).toBe(clock.now() + 1_000);
    clock.advance(999);
    expect(await refusalOf(server.registry.pickInstance(pick))).toMatchObject({ reason: "SERVICE_FULL" });
    clock.advance(1);
    expect((await server.registry.pickInstance(pick)).instance).toMatchObject({ currentLoad: 2 });
    expect(await server.registry.releaseInstance({ reservationId: second.reservationId })).toMatchObject({
      released: false,
    });
    expect(await server.registry.releaseInstance({ reservationId: first.reservationId })).toMatchObject({
      released: true,
    });
  });

  it("are forgotten when the instance tells its load, and only then", async () => {
    const serviceName = await service([{ capacity: 2 }]);
    const beat = { serviceName, instanceId: "i0" };
    const { reservationId } = await shared().registry.pickInstance({ serviceName });
    await picks(1, { serviceName });
    await shared().registry.heartbeat(beat);
    expect(await refusalOf(shared().registry.pickInstance({ serviceName }))).toMatchObject({ reason: "SERVICE_FULL" });
    await shared().registry.heartbeat({ ...beat, currentLoad: 1 });
    expect((await shared().registry.pickInstance({ serviceName })).instance).toMatchObject({ currentLoad: 2 });
    expect(await shared().registry.releaseInstance({ reservationId })).toMatchObject({ released: false });
  });

  it("never pass what there is, however many pick at once", async () => {
    const serviceName = await service([{ capacity: 7 }, { capacity: 20 }, { capacity: 13 }]);
    const calls = Array.from({ length: 100 }, () => shared().registry.pickInstance({ serviceName }));
    const picked = (await Promise.allSettled(calls)).flatMap((call) =>
      call.status === "fulfilled" ? [present(call.value.instance).instanceId] : [],
    );
    expect(counts(picked)).toEqual({ i0: 7, i1: 20, i2: 13 });
  });

  it("add up, whatever is picked, released, reported and run out", async () => {
    const clock = createFakeClock();
    await using server = await startServer({ clock });
    const action = fc.oneof(
      fc.record({
        kind: fc.constant("pick" as const),
        strategy: fc.constantFrom(1, 2, 3, 4),
        seconds: fc.integer({ min: 1, max: 5 }),
      }),
      fc.record({ kind: fc.constant("release" as const), which: fc.nat(20) }),
      fc.record({ kind: fc.constant("report" as const), instance: fc.nat(2), load: fc.nat(6) }),
      fc.record({ kind: fc.constant("wait" as const), seconds: fc.integer({ min: 1, max: 3 }) }),
    );
    let runs = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(action, { maxLength: 40 }), async (actions) => {
        const serviceName = `s${++runs}`;
        const said = [0, 0, 0];
        let places: { id: string; instance: number; untilMs: number }[] = [];
        for (const index of said.keys()) {
          await register(server, { serviceName, instanceId: `i${index}`, capacity: 3, ttl: span(3_600_000) });
        }
        const loadOf = (instance: number) =>
          (said[instance] ?? 0) + places.filter((each) => each.instance === instance).length;
        for (const each of actions) {
          if (each.kind === "wait") {
            clock.advance(each.seconds * 1_000);
            places = places.filter(({ untilMs }) => untilMs > clock.now());
          } else if (each.kind === "release") {
            const place = places[each.which];
            const { released } = await server.registry.releaseInstance({ reservationId: place?.id ?? "x" });
            expect(released).toBe(place !== undefined);
            places = places.filter((other) => other !== place);
          } else if (each.kind === "report") {
            said[each.instance] = each.load;
            places = places.filter(({ instance }) => instance !== each.instance);
            const beat = { serviceName, instanceId: `i${each.instance}`, currentLoad: each.load };
            await server.registry.heartbeat(beat);
          } else {
            const hasRoom = said.some((_, instance) => loadOf(instance) < 3);
            const { strategy, seconds } = each;
            const pick = server.registry.pickInstance({
              serviceName,
              strategy,
              reservationDuration: span(seconds * 1_000),
            });
            if (!hasRoom) {
              expect(await refusalOf(pick)).toMatchObject({ reason: "SERVICE_FULL" });
              continue;
            }
            const answer = await pick;
            const instance = Number(answer.instance?.instanceId.slice(1));
            expect(loadOf(instance)).toBeLessThan(3);
            places.push({ id: answer.reservationId, instance, untilMs: ms(answer.expireTime) });
          }
          const { instances } = await server.registry.discoverInstances({ serviceName });
          expect(instances.map(({ currentLoad }) => currentLoad)).toEqual(said.map((_, instance) => loadOf(instance)));
        }
      }),
      { numRuns: 30 },
    );
  });
});
