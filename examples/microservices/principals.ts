import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Grant, Role } from "sitq/client";
import { withLocalAccess } from "../../src/local/local-access.ts";
import { uriOf } from "./certificates.ts";
import { type ServiceName, serviceNames } from "./shop.ts";

type Rights = Partial<Pick<Grant, "queues" | "eventTypes" | "services">>;

/** Works on the queue of its name, and registers its instances under it. */
const works = (service: ServiceName) => ({ role: Role.WORKER, queues: [service], services: [service] });
const produces = (rights: Rights) => ({ role: Role.PRODUCER, ...rights });

/** What each principal may do, and nothing more. */
const grantsOf = {
  order: [
    works("order"),
    // The steps of its workflow go to these queues.
    produces({ queues: ["order", "inventory", "payment", "shipping"], eventTypes: ["order.created"] }),
  ],
  inventory: [works("inventory"), produces({ eventTypes: ["inventory.updated"] })],
  // It learns of its own events, too: those come as tasks of its queue.
  payment: [works("payment"), produces({ eventTypes: ["payment.processed"] })],
  shipping: [
    works("shipping"),
    produces({ eventTypes: ["shipping.scheduled"] }),
    // It calls inventory, by `sitq:///inventory`.
    { role: Role.VIEWER, services: ["inventory"] },
  ],
  notification: [works("notification")],
  // The shop's own people: they make the subscriptions, and read what becomes of the orders.
  shop: [
    {
      role: Role.OPERATOR,
      queues: [...serviceNames],
      eventTypes: ["order.*", "inventory.*", "payment.*", "shipping.*"],
      services: [...serviceNames],
    },
  ],
} satisfies Record<ServiceName | "shop", readonly unknown[]>;

/**
 * Creates the principals in a database that no server has open, as `sitq principal create NAME --cert-uri URI --grant … --db FILE`
 * does, and a token of each, as `sitq token create NAME --out FILE --db FILE`.
 *
 * @returns the file of a principal's token, which only this user can read
 */
export async function createPrincipals(db: string, directory: string): Promise<(name: string) => string> {
  const tokenFileOf = (name: string) => join(directory, `${name}.token`);
  await withLocalAccess({ dbPath: db }, async (access) => {
    for (const [name, grants] of Object.entries(grantsOf)) {
      await access.createPrincipal({ principal: { name, grants, certificateUris: [uriOf(name)] } });
      const { secret } = await access.createToken({ principal: name });
      await writeFile(tokenFileOf(name), `${secret}\n`, { mode: 0o600, flag: "wx" });
    }
  });
  return tokenFileOf;
}
