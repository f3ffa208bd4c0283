import { writeFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { readConfig } from "../src/config/config.ts";
import type { Config } from "../src/config/settings.ts";
import { greeting } from "../src/greeting.ts";
import { createTempDir } from "./harness/temp-dir.ts";

/** The command that a server offers to try, without how it is called. */
function tried(address: string, config: Partial<Config> = {}): string {
  const app = { address, data: { location: "/data/sitq.db", isNew: true, asOfMs: null, cluster: null }, notices: [] };
  const text = greeting(app, { ...readConfig({}, {}), ...config });
  expect(text).toContain(`listens on  ${address}\n`);
  return /sitq enqueue hello greet '{"name":"you"}' ?(.*)$/.exec(text)?.[1] ?? expect.unreachable(text);
}

const tls = { tlsCertPath: "server.pem", tlsKeyPath: "server.key" };

test.each<[string, Partial<Config>, string]>([
  ["127.0.0.1:50051", {}, ""],
  ["127.0.0.1:6000", {}, "--address 127.0.0.1:6000"],
  ["0.0.0.0:50051", { insecure: true }, ""],
  ["[::]:6000", { insecure: true }, "--address 127.0.0.1:6000"],
  ["127.0.0.1:50051", tls, "--tls-ca CA.pem"],
  ["0.0.0.0:50051", { ...tls, auth: "on" }, "--address localhost:50051 --tls-ca CA.pem --token-file TOKEN"],
  ["127.0.0.1:50051", { ...tls, tlsClientCaPath: "ca.pem", tlsClientAuth: "optional" }, "--tls-ca CA.pem"],
  [
    "10.0.0.1:50051",
    { ...tls, tlsClientCaPath: "ca.pem" },
    "--address 10.0.0.1:50051 --tls-ca CA.pem --tls-cert CLIENT.pem --tls-key CLIENT.key",
  ],
  ["127.0.0.1:50051", { auth: "on", bootstrapTokenFilePath: "/nowhere/token" }, "--token-file TOKEN"],
])("on %s with %j the command to try has: %s", (address, config, options) => {
  expect(tried(address, config)).toBe(options);
});

test("the command to try names the token of the first admin that is there", async () => {
  await using dir = await createTempDir();
  const path = dir.file("the token");
  await writeFile(path, "sitq_…");
  expect(tried("127.0.0.1:50051", { auth: "on", bootstrapTokenFilePath: path })).toBe(`--token-file '${path}'`);
});

test.each<[string, Partial<Config>, string | null]>([
  ["127.0.0.1:50051", {}, "http://127.0.0.1:50051/console/"],
  ["0.0.0.0:6000", tls, "https://localhost:6000/console/"],
  ["127.0.0.1:50051", { console: "off" }, null],
  ["127.0.0.1:50051", { http: "off" }, null],
])("on %s with %j the console is at %s", (address, config, url) => {
  const app = { address, data: { location: "/data/sitq.db", isNew: false, asOfMs: null, cluster: null }, notices: [] };
  const text = greeting(app, { ...readConfig({}, {}), ...config });
  expect(/console +(.*)/.exec(text)?.[1] ?? null).toBe(url);
});
