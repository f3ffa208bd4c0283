import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { Setting } from "../../src/config/setting.ts";
import { settings } from "../../src/config/settings.ts";

const known: readonly Setting<unknown>[] = Object.values(settings);
const textOf = (name: string) => readFileSync(`deploy/${name}`, "utf8");
const page = readFileSync("docs/deployment.md", "utf8");
const proxiesPage = readFileSync("docs/proxies.md", "utf8");

/** What the clients and the command read beside the settings of the server. */
const clientVariables = ["SITQ_TLS_CA"];

describe.each(["Containerfile", "compose.yaml", "sitq.service", "kubernetes.yaml"])("deploy/%s", (name) => {
  test("sets nothing that the server does not have", () => {
    const text = textOf(name);
    const served = text.replaceAll(/"health".*/g, "").replaceAll(/^(#|RUN|FROM|HEALTHCHECK|COPY| {2}&&).*$/gm, "");
    const flags = [...served.matchAll(/(?<=["\s])--[a-z][a-z-]+(?=["=])/g)].map(([flag]) => flag);
    const names = [...served.matchAll(/\bSITQ_[A-Z_]+/g)].map(([environment]) => environment);
    expect(flags.length + names.length).toBeGreaterThan(0);
    for (const flag of flags) expect(known.map((setting) => setting.flag)).toContain(flag);
    for (const environment of names) {
      expect([...known.map((setting) => setting.environment), ...clientVariables]).toContain(environment);
    }
  });
});

test("what stops the server waits longer than it drains", () => {
  const graceSeconds = settings.drainGraceMs.defaultValue / 1_000 + 2;
  const waits = [
    /^TimeoutStopSec=(\d+)$/m.exec(textOf("sitq.service"))?.[1],
    /terminationGracePeriodSeconds: (\d+)/.exec(textOf("kubernetes.yaml"))?.[1],
    /stop_grace_period: (\d+)s/.exec(textOf("compose.yaml"))?.[1],
    /--stop-timeout (\d+)/.exec(page)?.[1],
  ].map(Number);
  for (const seconds of waits) expect(seconds).toBeGreaterThan(graceSeconds);
});

test("each file is on a page", () => {
  for (const entry of readdirSync("deploy", { withFileTypes: true })) {
    if (entry.isFile()) expect(page).toContain(`(../deploy/${entry.name})`);
  }
  for (const name of readdirSync("deploy/proxies")) expect(proxiesPage).toContain(`(../deploy/proxies/${name})`);
});
