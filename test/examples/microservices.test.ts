import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";

const main = fileURLToPath(new URL("../../examples/microservices/main.ts", import.meta.url));

it.each([
  ["in clear text", []],
  ["with certificates on all connections", ["--tls"]],
])("brings every order to its end %s, though one instance is killed half-way", { timeout: 180_000 }, async (_, how) => {
  const args = [main, "--orders", "30", ...how];
  const { stdout } = await promisify(execFile)(process.execPath, args, { maxBuffer: 16_777_216 });
  expect(stdout).toContain("Healthy instances: inventory 2, notification 2, order 2, payment 2, shipping 2.");
  expect(stdout).toContain("payment-1 was killed with SIGKILL");
  expect(stdout).toContain("Healthy instances: inventory 2, notification 2, order 2, payment 1, shipping 2.");

  // Order 7 has a card that is declined, and to order 13 no carrier goes.
  expect(stdout).toMatch(/^orders +30, 28 completed, 2 compensated, 0 open$/m);
  expect(stdout).toMatch(/^mails +notification +88 +0$/m);
  expect(stdout).toMatch(/^restocking +inventory +32 +0$/m);
  expect(stdout).toMatch(/^bookkeeping +payment +30 +0$/m);
  expect(stdout).toMatch(/^tracking +order +28 +0$/m);
  for (const instance of ["order-1", "order-2", "inventory-1", "inventory-2", "payment-2", "shipping-1"]) {
    expect(stdout).toMatch(new RegExp(`^${instance} +[1-9]\\d*`, "m"));
  }

  const trace = stdout.slice(stdout.indexOf("sitq trace order-0001"));
  for (const what of ["order.created", "reserve", "charge", "payment.processed", "schedule", "confirm"]) {
    expect(trace).toContain(what);
  }
});
