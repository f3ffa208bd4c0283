/** The registry that clients discover: how much there is of it, and what is where. */
export interface Layout {
  readonly services: number;
  /** Of each service. */
  readonly instances: number;
  readonly clients: number;
  /** How many services each client watches. All watch the first; the others are spread evenly. */
  readonly watched: number;
}

/** The name of a service. @param service from 0 */
export function serviceName(service: number): string {
  return `service-${service}`;
}

/** The id of an instance within its service. @param instance from 0 */
export function instanceId(instance: number): string {
  return `instance-${instance}`;
}

/** Where an instance is called. @param service below 65,280, which keeps it apart from `markedAddress` */
export function addressOf(service: number, instance: number): string {
  return `10.${service >> 8}.${service & 255}.${instance + 1}:8080`;
}

/** The zone of the nth client or instance. */
export function zoneOf(n: number): string {
  return ["a", "b", "c"][n % 3] ?? "";
}

/** The services that a client watches. @param client from 0 */
export function watchedBy(client: number, { services, watched }: Layout): string[] {
  const own = Array.from({ length: watched - 1 }, (_, n) => 1 + ((client * (watched - 1) + n) % (services - 1)));
  return [0, ...own].map(serviceName);
}

/** How many clients watch each service, by its name. */
export function countWatchers(layout: Layout): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (let client = 0; client < layout.clients; client++) {
    for (const name of watchedBy(client, layout)) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
}

const markedPrefix = Buffer.from("10.255.");

/** An address that tells which change it came with. @param change from 0, below 65,536 */
export function markedAddress(change: number): string {
  return `${markedPrefix}${change >> 8}.${change & 255}:8080`;
}

/** The changes whose addresses stand in a message, whatever it is encoded as. */
export function changesIn(message: Buffer): number[] {
  const changes: number[] = [];
  for (let at = message.indexOf(markedPrefix); at >= 0; at = message.indexOf(markedPrefix, at + 1)) {
    const [, high, low] = /^10\.255\.(\d+)\.(\d+)/.exec(message.toString("latin1", at, at + 15)) ?? [];
    changes.push(Number(high) * 256 + Number(low));
  }
  return changes;
}
