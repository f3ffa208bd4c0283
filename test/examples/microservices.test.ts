import { execFile } from "node:child_process";
import { stat } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { secure } from "../../examples/microservices/security.ts";
import { createTempDir } from "../harness/temp-dir.ts";

const main = fileURLToPath(new URL("../../examples/microservices/main.ts", import.meta.url));

it.each([
  { how: "in clear text", isSecured: false },
  { how: "with certificates and scoped tokens", isSecured: true },
])(
  "brings every order to its end $how, though one instance is killed half-way",
  {
    timeout: 180_000,
  },
  async ({ isSecured }) => {
    const args = [main, "--orders", "30", ...(isSecured ? ["--secure"] : [])];
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
    for (const service of ["order", "inventory", "payment", "shipping", "notification"]) {
      const principal = isSecured ? `${service}/` : "";
      expect(stdout).toMatch(new RegExp(`^${principal}${service}-2 +[1-9]\\d*`, "m"));
    }
    expect(stdout.match(/^Refused: .*?: [A-Z_]+, [A-Z_]+/gm)).toEqual(
      isSecured
        ? [
            "Refused: shipping asks for a refund: PERMISSION_DENIED, OUT_OF_SCOPE",
            "Refused: shipping does it with the token of payment: UNAUTHENTICATED, CREDENTIALS_DISAGREE",
          ]
        : null,
    );

    const trace = stdout.slice(stdout.indexOf("sitq trace order-0001"));
    for (const what of ["order.created", "reserve", "charge", "payment.processed", "schedule", "confirm"]) {
      expect(trace).toContain(what);
    }
  },
);

it("writes keys and tokens that only their owner can read", async () => {
  await using dir = await createTempDir();
  const { identityOf } = await secure(dir.file("shop.db"), dir.path);
  for (const name of ["order", "inventory", "payment", "shipping", "notification", "shop"]) {
    const { tls, tokenFile } = identityOf(name);
    for (const file of [tls.keyFile, tokenFile]) expect((await stat(file)).mode & 0o777, file).toBe(0o600);
  }
});
