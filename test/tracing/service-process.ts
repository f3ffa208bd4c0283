/**
 * Services of a shop in one process, with an SDK of OpenTelemetry as an application has it: `service-process.ts NAME inventory,payment`. It
 * places an order for each line of its standard input, and ends with it.
 */

import { createInterface } from "node:readline";
import { context, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { BatchSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";
import {
  connect,
  createProducer,
  createPublisher,
  createWorker,
  type Handlers,
  newTask,
  startWorkflow,
  subscribe,
  TerminalError,
  workflow,
} from "../../src/client/index.ts";

const [name = "", services = ""] = process.argv.slice(2);

const provider = new TracerProvider({
  resource: resourceFromAttributes({ "service.name": name }),
  spanProcessors: [new BatchSpanProcessor({ exporter: new OTLPTraceExporter(), scheduledDelayMillis: 10 })],
});
trace.setGlobalTracerProvider(provider);
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());

const client = connect({ service: name });
const producer = createProducer(client);
const publisher = createPublisher(client);

const handlersOf: Readonly<Record<string, Handlers>> = {
  inventory: { reserve: () => "shelf 7", release: () => undefined },
  payment: { charge: (order) => (order === "unpaid" ? refuse() : "paid") },
  shipping: { ship: (order) => publisher.publish("order.shipped", order) },
  mail: { send: () => undefined },
};

function refuse(): never {
  throw new TerminalError("the card was declined", { type: "CARD_DECLINED" });
}

const running: { stop(): Promise<void> }[] = [];
for (const service of services.split(",")) {
  const handlers = handlersOf[service];
  if (handlers !== undefined) {
    const worker = createWorker(client, { queues: [service], handlers });
    await worker.start();
    running.push(worker);
    continue;
  }
  // A subscriber: its first attempt fails, the second one writes two mails.
  const types = ["order.shipped"];
  const retryPolicy = { initialBackoffMs: 1, maxBackoffMs: 1, jitter: 0 };
  running.push(
    await subscribe(client, {
      name: service,
      types,
      from: "now",
      retryPolicy,
      async handler(_, { task }) {
        if (service !== "notification") return;
        if (task.attempt === 1) throw new Error("no template");
        await producer.enqueueAll([newTask("mail", "send", "customer"), newTask("mail", "send", "warehouse")]);
      },
    }),
  );
}

const placeOrder = workflow("place-order")
  .step("reserve", "reserve", "${input}", { service: "inventory", compensateWith: "release" })
  .step("charge", "charge", "${input}", { service: "payment", dependsOn: ["reserve"] })
  .step("ship", "ship", "${input}", { service: "shipping", dependsOn: ["charge"] });

process.stdout.write("ready\n");
for await (const order of createInterface({ input: process.stdin })) {
  await trace.getTracer("shop").startActiveSpan(`POST /orders ${order}`, async (span) => {
    await startWorkflow(client, placeOrder, { input: order, correlationId: order });
    span.end();
  });
}
for (const each of running) await each.stop();
await Promise.all([producer.close(), publisher.close()]);
client.close();
await provider.shutdown();
