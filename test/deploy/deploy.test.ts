import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { delimiter, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import type { Setting } from "../../src/config/setting.ts";
import { settings } from "../../src/config/settings.ts";
import { createTestAuthority, writeTlsFiles } from "../harness/certificates.ts";
import { environment, startServer } from "../harness/server-process.ts";
import { createTempDir } from "../harness/temp-dir.ts";

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

test("the first token is left beside the database, where only the server's user can write, and the page takes it from there", () => {
  const args = textOf("kubernetes.yaml").matchAll(/--(db|bootstrap-token-file)=(\S+)/g);
  const paths = new Map([...args].map(([, name, path]) => [name, path]));
  expect(paths.get("bootstrap-token-file")).toBe(paths.get("db")?.replace("sitq.db", "bootstrap.token"));
  const path = String(paths.get("bootstrap-token-file"));
  expect(textOf("Containerfile")).toContain(`"--bootstrap-token-file", "${path}"`);
  expect(page).toContain(`SITQ_BOOTSTRAP_TOKEN_FILE=${path}\n`);
  expect(handover()).toContain(`--token-file ${path} `);
});

/** What the page runs in the container to make an admin of one's own. */
const handover = () =>
  /kubectl exec sitq-0 -- sh -ec '\n(.*?)' > ops\.token\n/s.exec(page)?.[1] ?? expect.unreachable();

test("the page's commands make an admin of one's own, and leave nothing of the first", async () => {
  await using dir = await createTempDir();
  const authority = await createTestAuthority();
  const { certPath, keyPath } = await writeTlsFiles(dir, await authority.server(), authority.certificate);
  await writeFile(dir.file("ca.crt"), authority.certificate);
  const args = ["--tls-cert", certPath, "--tls-key", keyPath, "--auth", "on"];
  args.push("--bootstrap-token-file", dir.file("bootstrap.token"));
  await using server = await startServer({ db: dir.file("sitq.db"), args });
  const script = handover()
    .replaceAll("/var/lib/sitq/", `${dir.path}/`)
    .replaceAll("/tmp/ops.token", dir.file("ops.token"))
    .replace("localhost:50051", server.address);
  const PATH = [resolve("bin"), process.env.PATH].join(delimiter);
  const env = { ...environment(), PATH, SITQ_TLS_CA: dir.file("ca.crt") };
  const run = spawnSync("sh", ["-ec", script], { env, encoding: "utf8" });
  expect(run).toMatchObject({
    stderr: expect.not.stringContaining("sitq_"),
    status: 0,
    stdout: expect.stringMatching(/^sitq_[0-9a-z]{12}_[\w-]{43}\n$/),
  });
  const named = { ...env, SITQ_ADDRESS: server.address, SITQ_TOKEN: run.stdout.trim() };
  expect(spawnSync("sitq", ["principal", "list"], { env: named, encoding: "utf8" }).stdout).toMatch(/\nops +admin\n$/);
  expect(readdirSync(dir.path).filter((name) => name.endsWith(".token"))).toEqual([]);
});
