import { execFile } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { connect as connectTls, createSecureContext } from "node:tls";
import { promisify } from "node:util";
import { connect } from "../../src/client/index.ts";
import { parseHostPort } from "../../src/contract/host-port.ts";
import { environment } from "../../test/harness/server-process.ts";
import type { Case, CaseContext, Figure } from "../case.ts";
import { startDrains } from "../measure/measure-drain.ts";
import { fillQueue } from "../processes/fill-queue.ts";
import { startSitq } from "../processes/sitq-server.ts";
import type { SecuredBy } from "../processes/worker-process.ts";

/** How a server is secured, and its clients with it. */
interface Variant {
  readonly name: string;
  readonly flags: readonly string[];
  readonly security: SecuredBy;
}

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
    const running: Running[] = [];
    for (const variant of variants) running.push(await startVariant(context, variant, stack));
    const figures: Figure[][] = [];
    for (let round = 0; round <= rounds; round++) {
      const rates: number[] = [];
      const costs: number[] = [];
      // Every second round in reverse: no variant has a place of its own.
      for (const index of round % 2 === 0 ? variants.keys() : [...variants.keys()].reverse()) {
        context.say(`round ${round}: ${names[index]}`);
        const { rate, cpu } = (await running[index]?.drain()) ?? { rate: Number.NaN, cpu: Number.NaN };
        rates[index] = rate;
        costs[index] = cpu;
      }
      const [plainRate = Number.NaN, ...others] = rates;
      figures.push([
        ...others.map((rate, index) => ({
          name: names[index + 1] ?? "",
          unit: "ratio" as const,
          value: rate / plainRate,
        })),
        { name: "in clear text", unit: "tasks/s", value: plainRate },
        ...costs.map((value, index) => ({ name: `server CPU, ${names[index]}`, unit: "µs" as const, value })),
        { name: "handshakes of TLS", unit: "calls/s", value: (await running[1]?.shakeHands()) ?? Number.NaN },
        { name: "handshakes of mTLS", unit: "calls/s", value: (await running[3]?.shakeHands()) ?? Number.NaN },
      ]);
    }
    // The first one was the warm-up.
    return figures.slice(1);
  },
};

function variantsWith(tls: string, tokenFile: string): readonly Variant[] {
  const file = (name: string) => join(tls, name);
  const encrypted = ["--tls-cert", file("server.pem"), "--tls-key", file("server-key.pem")];
  const caFile = file("ca.pem");
  const certificate = { certFile: file("client.pem"), keyFile: file("client-key.pem") };
  const mutual = [...encrypted, "--tls-client-ca", caFile, "--tls-client-auth", "require"];
  return [
    { name: "in clear text", flags: [], security: {} },
    { name: "TLS", flags: encrypted, security: { tls: { caFile } } },
    { name: "TLS and token", flags: [...encrypted, "--auth", "on"], security: { tls: { caFile }, tokenFile } },
    { name: "mTLS", flags: mutual, security: { tls: { caFile, ...certificate } } },
  ];
}

/** A server of a variant with its worker; both stay until the stack ends. */
interface Running {
  drain(): Promise<{ readonly rate: number; readonly cpu: number }>;
  /** Handshakes a second. */
  shakeHands(): Promise<number>;
}

async function startVariant(context: CaseContext, variant: Variant, stack: AsyncDisposableStack): Promise<Running> {
  const { name, flags, security } = variant;
  const db = join(context.directory, `${name.replaceAll(" ", "-")}.db`);
  if (security.tokenFile !== undefined) {
    await sitq("token", "create", "root", "--role", "admin", "--db", db, "--out", security.tokenFile);
  }
  const server = stack.use(await startSitq(db, [...flags, "--max-connections-per-address", String(handshakes)]));
  const client = stack.adopt(connect({ address: server.address, ...security }), (each) => each.close());
  const of = { address: server.address, serverPid: server.pid };
  const drains = stack.use(await startDrains(client, of, ["drain"], { capacity: 256, security }));
  const tasks = context.quick ? 2_000 : 100_000;
  return {
    async drain() {
      const { rate, cpu } = await drains.drain(tasks, () => fillQueue(client, "drain", tasks, () => undefined));
      return { rate, cpu: cpu[0]?.value ?? Number.NaN };
    },
    shakeHands: () => shakeHands(server.address, security, context.quick ? 50 : handshakes),
  };
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
  await promisify(execFile)(resolve(import.meta.dirname, "../../bin/sitq"), words, { env: environment() });
}
