import { BalancingStrategy, InstanceState } from "sitq/client";
import { place } from "../trial/scene.ts";
import { answerers, answersOf, type Trial } from "../trial/trial.ts";
import type { Behaviour } from "./behaviour.ts";

/** How far a share may be off, as a part of it. Four standard deviations of a fair draw are within it. */
const tolerance = 0.05;
const weights = { a: 3, b: 2 };
const weighedCalls = 10_000;

/** Which instances clients choose. */
export const choices: readonly Behaviour[] = [
  {
    id: "unhealthy",
    sentence:
      "An instance that misses its heartbeat gets no calls while it is unhealthy, and calls again with its next one.",
    async run(trial) {
      const { registry } = trial.scene.client;
      await trial.start("a");
      const b = await registerByHand(trial, "b", { seconds: 1n });
      await trial.until("b is unhealthy", async () => {
        const { instances } = await registry.discoverInstances({ serviceName: trial.service, includeUnhealthy: true });
        return instances.some(({ instanceId, state }) => instanceId === "b" && state === InstanceState.UNHEALTHY);
      });
      await goesAndComesBack(trial, () => registry.heartbeat(b));
    },
  },
  {
    id: "draining",
    sentence: "An instance that drains gets no calls, and calls again when it drains no more.",
    async run(trial) {
      const { registry } = trial.scene.client;
      await trial.start("a");
      const b = await registerByHand(trial, "b", { seconds: 60n });
      await registry.heartbeat({ ...b, draining: true });
      await goesAndComesBack(trial, () => registry.heartbeat({ ...b, draining: false }));
    },
  },
  {
    id: "weights",
    sentence: "Of 10,000 calls instances get shares by their weights, within 5 % of each share.",
    async run(trial) {
      await Promise.all(Object.entries(weights).map(([id, weight]) => trial.start(id, { weight })));
      await trial.callUntilAll("a", "b");
      const outcome = await trial.callWell({ calls: weighedCalls, concurrency: 20 });
      const total = Object.values(weights).reduce((sum, weight) => sum + weight, 0);
      for (const [id, weight] of Object.entries(weights)) {
        const due = (weighedCalls * weight) / total;
        const off = Math.abs((outcome.answers[id] ?? 0) - due) / due;
        trial.expect(off <= tolerance, `of weights 3 and 2 came ${answersOf(outcome)}`);
      }
      trial.say(`3 to 2: ${answersOf(outcome)}`);
    },
  },
  {
    id: "hash-header",
    sentence: "Under `sticky` calls with the same value of the header go to the same instance, and others elsewhere.",
    async run(trial) {
      const service = { name: trial.service, strategy: BalancingStrategy.STICKY, hashHeader: "x-customer" };
      await trial.scene.client.registry.updateService({ service });
      for (const id of ["a", "b", "c"]) await trial.start(id);
      await trial.callWell();
      const chosen = new Set<string>();
      for (let customer = 0; customer < 20; customer++) {
        const outcome = await trial.callWell({ calls: 10, headers: { "x-customer": `customer-${customer}` } });
        const [only, ...others] = answerers(outcome);
        trial.expect(others.length === 0, `customer ${customer} went to ${answersOf(outcome)}`);
        chosen.add(only ?? "");
      }
      trial.expect(chosen.size > 1, `all customers went to ${[...chosen].join()}`);
      trial.say(`20 customers on ${chosen.size} of 3`);
    },
  },
  {
    id: "zones",
    sentence:
      "All calls stay in the client's zone while it has an instance, go to another when it has none, and come back.",
    async run(trial) {
      const near = await trial.start("near", { metadata: place });
      await trial.start("far", { metadata: { ...place, zone: "eu-2" } });
      const isOnly = (id: string) => (outcome: Parameters<typeof answerers>[0]) => answerers(outcome).join() === id;
      await trial.callUntilAll("near");
      const before = await trial.callWell({ calls: 100 });
      trial.expect(isOnly("near")(before), `with both zones: ${answersOf(before)}`);
      await near.leave();
      const overMs = await trial.callUntil(isOnly("far"), "far gets all calls");
      await near.enter();
      const backMs = await trial.callUntil(isOnly("near"), "near gets all calls again");
      trial.say(`over ${overMs} ms, back ${backMs} ms`);
    },
  },
];

/** Registers an instance without heartbeats, once the client calls it. */
async function registerByHand(trial: Trial, instanceId: string, ttl: { readonly seconds: bigint }) {
  const { address } = await trial.backend(instanceId);
  const names = { serviceName: trial.service, instanceId };
  await trial.scene.client.registry.registerInstance({ ...names, address, ttl });
  await trial.callUntilAll("a", instanceId);
  return names;
}

/** b, which has just become so that it should not be called, is not, until it `comesBack`. */
async function goesAndComesBack(trial: Trial, comesBack: () => Promise<unknown>): Promise<void> {
  const goneMs = await trial.callUntil(({ answers }) => !("b" in answers), "b gets no calls");
  const after = await trial.callWell({ calls: 200 });
  trial.expect(after.answers.b === undefined, `b got calls: ${answersOf(after)}`);
  await comesBack();
  const backMs = await trial.callUntil(({ answers }) => "b" in answers, "b gets calls again");
  trial.say(`gone ${goneMs} ms, back ${backMs} ms`);
}
