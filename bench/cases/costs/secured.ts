import { execFile } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { connect as connectTls, createSecureContext } from "node:tls";
import { promisify } from "node:util";
import { parseHostPort } from "../../../src/contract/host-port.ts";
import { environment } from "../../../test/harness/server-process.ts";
import type { Case, Figure } from "../../case.ts";
import {
  type DrainVariant,
  drainInTurn,
  type RunningVariant,
  startVariant,
  variantFile,
} from "../../measure/drain-variants.ts";
import type { SecuredBy } from "../../processes/worker-process.ts";

/** Handshakes of one measurement, and how many are under way at a time. */
const handshakes = 2_000;
const lanes = 16;

/** What TLS, a token and client certificates cost: servers that differ in nothing else, drained in turn, round by round. */
export const secured: Case = {
  name: "secured",
  what: "a drain with room for 256 by TLS, by TLS with a token, by mTLS, each beside one in clear text, and handshakes",
  server: "none",
  goals: [
    { figure: "TLS", atLeast: 0.9 },
    { figure: "TLS and token", atLeast: 0.9 },
    { figure: "mTLS", atLeast: 0.9 },
  ],
  async run(context, rounds) {
    const tls = join(context.directory, "tls");
    await sitq("tls", "init", tls);
    const variants = variantsWith(tls, join(context.directory, "root.token"));
    const names = variants.map(({ name }) => name);
    await using stack = new AsyncDisposableStack();
    const running: RunningVariant[] = [];
    for (const variant of variants) {
      const { tokenFile } = variant.security;
      const db = variantFile(context, variant.name);
      if (tokenFile !== undefined)
        await sitq("token", "create", "root", "--role", "admin", "--db", db, "--out", tokenFile);
      running.push(await startVariant(context, variant, stack));
    }
    const shake = (index: number) =>
      shakeHands(running[index]?.address ?? "", variants[index]?.security ?? {}, context.quick ? 50 : handshakes);
    const figures: Figure[][] = [];
    for (let round = 0; round <= rounds; round++) {
      const drained = await drainInTurn(context, running, round);
      const rates = drained.map(({ rate }) => rate);
      const costs = drained.map(({ cpu }) => cpu);
      const [plainRate = Number.NaN, ...others] = rates;
      figures.push([
        ...others.map((rate, index) => ({
          name: names[index + 1] ?? "",
          unit: "ratio" as const,
          value: rate / plainRate,
        })),
        { name: "in clear text", unit: "tasks/s", value: plainRate },
        ...costs.map((value, index) => ({ name: `server CPU, ${names[index]}`, unit: "µs" as const, value })),
        { name: "handshakes of TLS", unit: "calls/s", value: await shake(1) },
        { name: "handshakes of mTLS", unit: "calls/s", value: await shake(3) },
      ]);
    }
    // The first one was the warm-up.
    return figures.slice(1);
  },
};

function variantsWith(tls: string, tokenFile: string): readonly DrainVariant[] {
  const file = (name: string) => join(tls, name);
  const encrypted = ["--tls-cert", file("server.pem"), "--tls-key", file("server-key.pem")];
  const caFile = file("ca.pem");
  const certificate = { certFile: file("client.pem"), keyFile: file("client-key.pem") };
  const mutual = [...encrypted, "--tls-client-ca", caFile, "--tls-client-auth", "require"];
  const variants: readonly DrainVariant[] = [
    { name: "in clear text", flags: [], security: {} },
    { name: "TLS", flags: encrypted, security: { tls: { caFile } } },
    { name: "TLS and token", flags: [...encrypted, "--auth", "on"], security: { tls: { caFile }, tokenFile } },
    { name: "mTLS", flags: mutual, security: { tls: { caFile, ...certificate } } },
  ];
  const bound = ["--max-connections-per-address", String(handshakes)];
  return variants.map((variant) => ({ ...variant, flags: [...variant.flags, ...bound] }));
}

/** Makes connections as a client does, each with a whole handshake, and answers how many a second. */
async function shakeHands(address: string, { tls }: SecuredBy, count: number): Promise<number> {
  const files = typeof tls === "object" ? tls : {};
  const secureContext = createSecureContext({
    ...(files.caFile !== undefined && { ca: readFileSync(files.caFile) }),
    ...(files.certFile !== undefined && { cert: readFileSync(files.certFile) }),
    ...(files.keyFile !== undefined && { key: readFileSync(files.keyFile) }),
  });
  const target = parseHostPort(address);
  let left = count;
  async function lane(): Promise<void> {
    while (left-- > 0) {
      const socket = connectTls({ ...target, secureContext, ALPNProtocols: ["h2"] });
      await once(socket, "secureConnect");
      socket.destroy();
    }
  }
  const beganMs = performance.now();
  await Promise.all(Array.from({ length: lanes }, lane));
  return (count / (performance.now() - beganMs)) * 1_000;
}

/** Runs the `sitq` command, without the settings of the environment. */
async function sitq(...words: string[]): Promise<void> {
  await promisify(execFile)(resolve(import.meta.dirname, "../../../bin/sitq"), words, { env: environment() });
}
