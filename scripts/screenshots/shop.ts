import { setTimeout as sleep } from "node:timers/promises";
import {
  createProducer,
  createPublisher,
  createRegistration,
  createWorker,
  type HandlerContext,
  type Handlers,
  type SitqClient,
  subscribe,
  TerminalError,
  toPayload,
} from "../../src/client/index.ts";

/** A shop at work, with some things that go wrong. */
export interface Shop {
  /** A task that failed. */
  readonly failedTask: string;
  /** A workflow that was compensated, and everything that belongs to its order. */
  readonly workflow: string;
  readonly correlationId: string;
  /** Ends its services. */
  stop(): Promise<void>;
}

const customers = ["ada", "grace", "edsger", "barbara", "alan"];
/** The order whose card is declined. */
const declined = "order-1042";

/** Starts a shop: mail and thumbnails come in, orders are placed, some of it fails, and some stands still. */
export async function startShop(client: SitqClient): Promise<Shop> {
  const services = await startServices(client);
  await standStill(client);
  const producer = createProducer(client);
  const publisher = createPublisher(client);
  const failing = await producer.enqueue(
    "mail",
    "send",
    { to: "alan@example.com", template: "welcome" },
    { correlationId: declined, headers: { tenant: "north", trace: "on" } },
  );
  const workflow = await placeOrder(client, declined);
  await announce(declined);
  const closing = new AbortController();
  const open = keepOpen();

  function announce(order: string): Promise<unknown> {
    return publisher.publish("order.created", { order }, { id: order, subject: order, correlationId: order });
  }

  async function keepOpen(): Promise<void> {
    for (let second = 0; !closing.signal.aborted; second++) {
      const order = `order-${1_100 + second}`;
      const mails = Array.from({ length: 3 + ((second * 7) % 9) }, () => producer.enqueue("mail", "send", receipt()));
      const files = Array.from({ length: 3 }, (_, at) => `${second}-${at}.jpg`);
      const resized = files.map((file) => producer.enqueue("thumbnails", "resize", { file }));
      await Promise.all([...mails, ...resized, placeOrder(client, order), announce(order)]);
      await sleep(1_000, undefined, { signal: closing.signal }).catch(() => undefined);
    }
  }

  return {
    failedTask: failing.id,
    workflow,
    correlationId: declined,
    async stop() {
      closing.abort();
      await open;
      await Promise.all([producer.close(), publisher.close()]);
      await Promise.all(services.map((service) => service.stop({ graceMs: 0 })));
    },
  };
}

function receipt() {
  const customer = customers[Math.floor(Math.random() * customers.length)];
  return { to: `${customer}@example.com`, template: "receipt" };
}

/** About so long, more or less. */
function takes(ms: number, { signal }: HandlerContext): Promise<void> {
  return sleep(ms * (0.5 + Math.random()), undefined, { signal });
}

const handlers: Readonly<Record<string, Handlers>> = {
  mail: {
    async send(payload, context) {
      await takes(700, context);
      const { to } = payload as { readonly to: string };
      if (to.startsWith("alan")) throw new TerminalError(`550 no such mailbox: ${to}`, { type: "SmtpError" });
      return { accepted: to };
    },
  },
  thumbnails: {
    async resize(_, context) {
      context.progress(0.4, "scaling");
      await takes(2_000, context);
      return { width: 320 };
    },
  },
  stock: {
    async reserve(_, context) {
      await takes(150, context);
      return { shelf: "B7" };
    },
    release: (_, context) => takes(80, context),
  },
  payment: {
    async charge(payload, context) {
      await takes(250, context);
      const { order } = payload as { readonly order: string };
      if (order === declined) throw new TerminalError("the card was declined", { type: "CardDeclined" });
      return { invoice: `invoice-${order}` };
    },
  },
  shipping: { book: (_, context) => takes(600, context) },
};

interface Service {
  stop(options: { readonly graceMs: number }): Promise<unknown>;
}

async function startServices(client: SitqClient): Promise<Service[]> {
  const capacities: Readonly<Record<string, number>> = { mail: 12, thumbnails: 4 };
  const workers = Object.entries(handlers).map(([service, handlersOfIt], at) =>
    createWorker(client, {
      workerId: `${service}-1`,
      service,
      queues: [service],
      capacity: capacities[service] ?? 8,
      address: `10.0.0.${at + 11}:8080`,
      metadata: { version: `1.${at}.2`, zone: at % 2 === 0 ? "north" : "south" },
      handlers: handlersOfIt,
      log: "silent",
    }),
  );
  await Promise.all(workers.map((worker) => worker.start()));
  const billing = await subscribe(client, {
    name: "billing",
    types: ["order.*"],
    from: "now",
    workerId: "billing-1",
    service: "billing",
    log: "silent",
    handler: (_, context) => takes(100, context),
  });
  const front = createRegistration(client, {
    service: "front",
    instanceId: "front-1",
    address: "10.0.0.30:8080",
    load: () => 17,
    log: "silent",
  });
  await front.start();
  return [...workers, billing, { stop: () => front.stop() }];
}

async function standStill(client: SitqClient): Promise<void> {
  const producer = createProducer(client);
  const invoices = Array.from({ length: 12 }, (_, at) =>
    producer.enqueue("invoices", "print", { invoice: 7_000 + at }),
  );
  const reports = Array.from({ length: 5 }, (_, at) => producer.enqueue("reports", "monthly", { month: at + 1 }));
  await Promise.all([...invoices, ...reports]);
  await producer.close();
  await client.queue.updateQueue({
    queue: { name: "reports", paused: true },
    updateMask: { paths: ["paused"] },
    reason: "the warehouse is being moved",
  });
}

async function placeOrder(client: SitqClient, order: string): Promise<string> {
  const { workflow } = await client.workflow.startWorkflow({
    name: "place-order",
    input: toPayload({ order, sku: "lamp", price: 12.5 }),
    correlationId: order,
    sourceService: "shop",
    requestId: order,
    steps: [
      {
        stepId: "reserve",
        serviceName: "stock",
        action: "reserve",
        compensateWith: "release",
        parameters: toPayload({ order: "${input.order}", sku: "${input.sku}" }),
      },
      {
        stepId: "charge",
        serviceName: "payment",
        action: "charge",
        parameters: toPayload({ order: "${input.order}", amount: "${input.price}" }),
      },
      {
        stepId: "book",
        serviceName: "shipping",
        action: "book",
        dependsOn: ["reserve", "charge"],
        parameters: toPayload({ shelf: "${results.reserve.shelf}" }),
      },
      {
        stepId: "mail",
        serviceName: "mail",
        action: "send",
        dependsOn: ["book"],
        parameters: toPayload({ to: "ada@example.com" }),
      },
    ],
  });
  return workflow?.id ?? "";
}
