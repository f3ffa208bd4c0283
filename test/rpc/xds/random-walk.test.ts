import fc from "fast-check";
import { test } from "vitest";
import { BalancingStrategy } from "../../../gen/sitq/v1/queue_pb.js";
import { freshQueue, shareServer } from "../../harness/shared-server.ts";
import { type ClientType, RegistryClient, types } from "./registry-client.ts";

const shared = shareServer();

const services = ["a", "b", "c"] as const;
type Service = (typeof services)[number];

interface Instance {
  readonly zone: string;
  readonly weight: number;
}

/** How long it may take until the client knows everything: more than the five seconds that workers have to come back to a new server. */
const mostMs = 15_000;

/** One step of a walk. */
type Step =
  | { readonly do: "register"; readonly service: Service; readonly id: number; readonly instance: Instance }
  | { readonly do: "deregister"; readonly service: Service; readonly id: number }
  | { readonly do: "balance"; readonly service: Service; readonly isSticky: boolean }
  | { readonly do: "subscribe"; readonly type: ClientType; readonly services: readonly Service[] }
  | { readonly do: "refuse"; readonly type: ClientType }
  | { readonly do: "reconnect" };

const service = fc.constantFrom(...services);
const id = fc.integer({ min: 1, max: 3 });
const type = fc.constantFrom(...types);
const instance = fc.record({ zone: fc.constantFrom("", "z1", "z2"), weight: fc.integer({ min: 1, max: 2 }) });

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant("register" as const), service, id, instance }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("deregister" as const), service, id }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("balance" as const), service, isSticky: fc.boolean() }) },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant("subscribe" as const), type, services: fc.subarray([...services]) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("refuse" as const), type }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("reconnect" as const) }) },
);

/**
 * Takes a walk with services of its own, and waits until the client knows what the registry has.
 *
 * @param reconnects whether the client begins a new stream at the end: what it has refused it is sent again then
 */
async function walk(steps: readonly Step[], reconnects: boolean): Promise<void> {
  const { registry } = shared();
  const prefix = freshQueue();
  const nameOf = (each: Service) => `${prefix}-${each}`;
  const instances = new Map<Service, Map<number, Instance>>(services.map((each) => [each, new Map()]));
  const sticky = new Set<Service>();
  const asked = new Map<ClientType, readonly Service[]>();
  const client = new RegistryClient(shared());

  /** What a client must know that has taken everything. */
  function expected(of: ClientType): Record<string, string> {
    const words = (each: Service): string => {
      if (of === "listener") return "there";
      if (of === "cluster") return sticky.has(each) ? "ring hash" : "round robin";
      return [...(instances.get(each) ?? [])]
        .map(([n, { zone, weight }]) => `10.0.0.${n}:80 ${sticky.has(each) ? "ring" : `${zone} weight-${weight}`}`)
        .sort()
        .join(", ");
    };
    return Object.fromEntries((asked.get(of) ?? []).map((each) => [nameOf(each), words(each)]));
  }

  async function take(one: Step): Promise<void> {
    switch (one.do) {
      case "register": {
        const { zone, weight } = one.instance;
        const address = `10.0.0.${one.id}:80`;
        const metadata: Record<string, string> = zone === "" ? {} : { zone };
        const serviceName = nameOf(one.service);
        await registry.registerInstance({ serviceName, instanceId: `i${one.id}`, address, weight, metadata });
        instances.get(one.service)?.set(one.id, one.instance);
        return;
      }
      case "deregister":
        await registry.deregisterInstance({ serviceName: nameOf(one.service), instanceId: `i${one.id}` });
        instances.get(one.service)?.delete(one.id);
        return;
      case "balance": {
        const { STICKY, UNSPECIFIED } = BalancingStrategy;
        const settings = one.isSticky ? { strategy: STICKY, hashHeader: "x-customer" } : { strategy: UNSPECIFIED };
        await registry.updateService({ service: { name: nameOf(one.service), ...settings } });
        if (one.isSticky) sticky.add(one.service);
        else sticky.delete(one.service);
        return;
      }
      case "subscribe":
        client.subscribe(one.type, one.services.map(nameOf));
        asked.set(one.type, one.services);
        return;
      case "refuse":
        client.refuseNext(one.type);
        return;
      case "reconnect":
        client.reconnect();
    }
  }

  try {
    for (const one of steps) await take(one);
    if (reconnects) client.reconnect();
    for (const of of types) {
      const isSo = () => JSON.stringify(client.known(of)) === JSON.stringify(expected(of));
      await Promise.race([
        client.until(isSo, `the client knew the same ${of} as the registry`),
        new Promise<never>((_, reject) => {
          setTimeout(() => {
            if (isSo()) return;
            reject(new Error(`${of}: ${JSON.stringify(client.known(of))}, not ${JSON.stringify(expected(of))}`));
          }, mostMs).unref();
        }),
      ]);
    }
  } finally {
    client.close();
  }
}

test("after any walk of changes and requests a client knows what the registry has", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), (steps) => walk(steps, true)),
    { numRuns: 60 },
  );
});

test("a client that refuses nothing knows it without a new stream", async () => {
  const walks = fc.array(step, { minLength: 5, maxLength: 40 });
  const isPatient = (one: Step) => one.do !== "refuse" && one.do !== "reconnect";
  await fc.assert(
    fc.asyncProperty(walks, (steps) => walk(steps.filter(isPatient), false)),
    { numRuns: 40 },
  );
});
