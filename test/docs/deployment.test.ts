import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { type Setting, settings } from "../../src/config/settings.ts";

const known: readonly Setting<unknown>[] = Object.values(settings);
const files = ["Dockerfile", "sitq.service", "kubernetes.yaml"];
const textOf = (name: string) => readFileSync(`deploy/${name}`, "utf8");

describe.each(files)("deploy/%s", (name) => {
  test("sets nothing that the server does not have", () => {
    const text = textOf(name);
    const flags = [...text.matchAll(/"(--[a-z][a-z-]+)"/g)].map(([, flag]) => flag);
    const names = [...text.matchAll(/\bSITQ_[A-Z_]+/g)].map(([environment]) => environment);
    expect(flags.length + names.length).toBeGreaterThan(0);
    for (const flag of flags) expect(known.map((setting) => setting.flag)).toContain(flag);
    for (const environment of names) expect(known.map((setting) => setting.environment)).toContain(environment);
  });
});

test("what stops the server waits longer than it drains", () => {
  const graceSeconds = settings.drainGraceMs.defaultValue / 1_000 + 2;
  const waits = [
    /^TimeoutStopSec=(\d+)$/m.exec(textOf("sitq.service"))?.[1],
    /terminationGracePeriodSeconds: (\d+)/.exec(textOf("kubernetes.yaml"))?.[1],
    /--stop-timeout (\d+)/.exec(readFileSync("docs/deployment.md", "utf8"))?.[1],
  ].map(Number);
  for (const seconds of waits) expect(seconds).toBeGreaterThan(graceSeconds);
});

test("each file is on the page", () => {
  const page = readFileSync("docs/deployment.md", "utf8");
  for (const name of files) expect(page).toContain(`(../deploy/${name})`);
  expect(readdirSync("deploy")).toEqual(expect.arrayContaining(files));
});

test("each configuration of a proxy is on the page of proxies", () => {
  const page = readFileSync("docs/proxies.md", "utf8");
  for (const name of readdirSync("deploy/proxies")) expect(page).toContain(`(../deploy/proxies/${name})`);
});
