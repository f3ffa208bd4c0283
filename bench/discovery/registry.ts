import { setTimeout as pause } from "node:timers/promises";
import type { SitqClient } from "../../src/client/index.ts";
import { machineMs } from "../measure/delays.ts";
import { addressOf, instanceId, type Layout, markedAddress, serviceName, zoneOf } from "./layout.ts";

/** Long enough that no instance needs a heartbeat. */
const ttl = { seconds: 3_600n, nanos: 0 };
/** Registrations that are under way at a time. */
const lanes = 64;

/** Registers every instance. */
export async function registerAll(client: SitqClient, { services, instances }: Layout): Promise<void> {
  let next = 0;
  async function lane(): Promise<void> {
    while (next < services * instances) {
      const number = next++;
      const [service, instance] = [number % services, Math.floor(number / services)];
      await register(client, service, instance, addressOf(service, instance));
    }
  }
  await Promise.all(Array.from({ length: lanes }, lane));
}

/** Gives an instance the address that tells of a change; answers when that was asked for, by `machineMs`. */
export async function change(client: SitqClient, service: number, instance: number, number: number): Promise<number> {
  const beginMs = machineMs();
  await register(client, service, instance, markedAddress(number));
  return beginMs;
}

async function register(client: SitqClient, service: number, instance: number, address: string): Promise<void> {
  await client.registry.registerInstance({
    serviceName: serviceName(service),
    instanceId: instanceId(instance),
    // A later registration with the same id is the same instance.
    registrationId: `${service}-${instance}`,
    address,
    capacity: 10,
    metadata: { zone: zoneOf(instance) },
    ttl,
  });
}

/** Sends a heartbeat of every instance in each period, evenly, until it is ended. */
export async function keepAlive(client: SitqClient, layout: Layout, periodMs: number, end: AbortSignal): Promise<void> {
  const all = layout.services * layout.instances;
  const beganMs = performance.now();
  const underWay = new Set<Promise<unknown>>();
  for (let sent = 0; !end.aborted; ) {
    const due = ((performance.now() - beganMs) / periodMs) * all;
    for (; sent < due; sent++) {
      const [service, instance] = [sent % layout.services, Math.floor(sent / layout.services) % layout.instances];
      const call = client.registry.heartbeat({ serviceName: serviceName(service), instanceId: instanceId(instance) });
      underWay.add(call);
      void call.finally(() => underWay.delete(call)).catch(() => undefined);
    }
    await pause(10);
  }
  await Promise.all(underWay);
}
