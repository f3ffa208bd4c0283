import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { create } from "@bufbuild/protobuf";
import { ServerCredentials, status } from "@grpc/grpc-js";
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { GetQueueResponseSchema } from "../../gen/sitq/v1/queue_service_pb.js";
import { callFailure } from "../../src/cli/command/describe-failure.ts";
import { exitCodes } from "../../src/cli/command/exit-codes.ts";
import type { CertificatePair } from "../../src/cli/tls/certificates.ts";
import { CallError, fromPayload } from "../../src/client/index.ts";
import { type Checkpoint, createCheckpoint } from "../client/credentials/checkpoint.ts";
import { type FakeServer, startFakeServer, taskOf } from "../client/fake-server.ts";
import { createTestAuthority, inDays } from "../harness/certificates.ts";
import { startServer } from "../harness/server-process.ts";
import { createTempDir, type TempDir } from "../harness/temp-dir.ts";
import { type ShellOptions, sitq, startSitq } from "./cli-harness.ts";

let dir: TempDir;
let ca: string;
let strangeCa: string;
let pairs: Record<"server" | "elsewhere" | "client", CertificatePair>;

beforeAll(async () => {
  dir = await createTempDir();
  const [ours, theirs] = await Promise.all([createTestAuthority(), createTestAuthority()]);
  ca = store("ca.pem", ours.certificate);
  strangeCa = store("strange.pem", theirs.certificate);
  pairs = {
    server: await ours.server(),
    elsewhere: await ours.server({ altNames: [{ type: "dns", value: "elsewhere" }] }),
    client: await ours.client(),
  };
  store("client.pem", pairs.client.certificate);
  store("client.key", pairs.client.key);
  const [stranger, expired] = [
    await theirs.client(),
    await ours.client("old", { notBefore: inDays(-3), notAfter: inDays(-2) }),
  ];
  for (const [name, pair] of Object.entries({ stranger, expired })) {
    store(`${name}.pem`, pair.certificate);
    store(`${name}.key`, pair.key);
  }
  store("token", "secret-1\n");
});
afterAll(() => dir.remove());

function store(name: string, content: string): string {
  writeFileSync(dir.file(name), content, { mode: 0o600 });
  return dir.file(name);
}

/** A server with one queue. */
async function start(shown: CertificatePair | null, wantsCertificate = false): Promise<FakeServer & Checkpoint> {
  const checkpoint = createCheckpoint();
  const { interceptor } = checkpoint;
  const handlers = { getQueue: async () => create(GetQueueResponseSchema, { queue: { name: "q" } }) };
  const pair = shown && [{ cert_chain: Buffer.from(shown.certificate), private_key: Buffer.from(shown.key) }];
  const trusted = wantsCertificate ? readFileSync(ca) : null;
  const credentials =
    pair === null ? ServerCredentials.createInsecure() : ServerCredentials.createSsl(trusted, pair, wantsCertificate);
  return Object.assign(await startFakeServer(handlers, { interceptor, credentials }), checkpoint);
}

const pairOf = (name: string) => ["--tls-cert", dir.file(`${name}.pem`), "--tls-key", dir.file(`${name}.key`)];
const certificate = () => pairOf("client");

describe("the connection of a command", () => {
  it("has the certificates and the token that its options name", async () => {
    const { address, seen } = await start(pairs.server, true);
    const options = ["--address", address, "--tls-ca", ca, ...certificate(), "--token-file", dir.file("token")];
    expect(await sitq(["queue", "q", ...options])).toMatchObject({ exitCode: 0, stderr: "" });
    expect(await sitq([...options, "queue", "q"])).toMatchObject({ exitCode: 0 });
    expect(seen.all.map(({ authorization }) => authorization)).toEqual(["Bearer secret-1", "Bearer secret-1"]);
  });

  it("is that of the environment where the options say nothing", async () => {
    const { address, seen } = await start(pairs.server, true);
    setVariable("SITQ_ADDRESS", address);
    setVariable("SITQ_TLS_CA", ca);
    // The server's, which it may share its environment with.
    setVariable("SITQ_TLS_CERT", "/nowhere");
    setVariable("SITQ_TLS_KEY", "/nowhere");
    setVariable("SITQ_TLS_CLIENT_CERT", dir.file("client.pem"));
    setVariable("SITQ_TLS_CLIENT_KEY", dir.file("client.key"));
    expect(await sitq(["queue", "q"], { environment: { SITQ_TOKEN: "of-the-environment" } })).toMatchObject({
      exitCode: 0,
    });
    expect(
      await sitq(["queue", "q", "--token-file", dir.file("token")], { environment: { SITQ_TOKEN: "x" } }),
    ).toMatchObject({
      exitCode: 0,
    });
    expect(seen.all.map(({ authorization }) => authorization)).toEqual([
      "Bearer of-the-environment",
      "Bearer secret-1",
    ]);
  });

  it("is that of the programs that it runs, too", async () => {
    const server = await start(pairs.server);
    const options = ["--address", server.address, "--tls-ca", ca, "--token-file", dir.file("token")];
    const exec = "env | grep -E '^SITQ_(ADDRESS|TLS|TOKEN)' | sort";
    const command = startSitq(["work", "q", "--exec", exec, ...options]);
    const stream = await server.nextStream();
    stream.tasks(taskOf("a"));
    const [told] = await stream.nextOutcomes();
    const result = told?.outcome.case === "completed" ? fromPayload(told.outcome.value.result) : told;
    expect(String(result).split("\n")).toEqual([
      `SITQ_ADDRESS=${server.address}`,
      `SITQ_TLS_CA=${ca}`,
      `SITQ_TOKEN_FILE=${dir.file("token")}`,
    ]);
    stream.runByItself();
    command.interrupt();
    await command.ended;
  });

  it("is no matter of the server, which starts with the same variables in its environment", async () => {
    const env = {
      SITQ_TOKEN: "x",
      SITQ_TOKEN_FILE: "/nowhere",
      SITQ_CONTEXT: "x",
      SITQ_TLS: "true",
      SITQ_TLS_CA: "/nowhere",
      SITQ_TLS_CLIENT_CERT: "/nowhere",
      SITQ_TLS_CLIENT_KEY: "/nowhere",
      SITQ_TLS_SERVER_NAME: "nowhere",
    };
    await using server = await startServer({ db: dir.file("served.db"), env });
    expect(await sitq(["health", "--address", server.address])).toMatchObject({ exitCode: 0 });
  });

  it("warns of a token that everybody can read", async () => {
    const { address } = await start(null);
    const path = dir.file("open-token");
    writeFileSync(path, "secret", { mode: 0o644 });
    const { exitCode, stderr } = await sitq(["queue", "q", "--address", address, "--token-file", path]);
    expect({ exitCode, stderr }).toEqual({
      exitCode: 0,
      stderr: `sitq: warn: everybody on this machine can read ${path}: chmod o-r it\n`,
    });
  });

  it.each<[string, () => string[], ShellOptions["environment"], RegExp]>([
    [
      "a token in clear text",
      () => ["--address", "example.com:1", "--token-file", dir.file("token")],
      {},
      /clear text.*\nUse --tls/,
    ],
    [
      "a token that is not there",
      () => ["--token-file", "/nowhere/token"],
      {},
      /cannot read the token in \/nowhere\/token: /,
    ],
    ["an authority that is not there", () => ["--tls-ca", "/nowhere/ca"], {}, /--tls-ca \/nowhere\/ca: no such file/],
    ["a certificate without a key", () => certificate().slice(0, 2), {}, /--tls-cert needs --tls-key with it/],
    ["a key without a certificate", () => certificate().slice(2), {}, /--tls-key needs --tls-cert with it/],
    ["a token that is a directory", () => ["--token-file", dir.path], {}, /it is a directory/],
    ["a variable that is neither", () => [], { SITQ_TLS: "yes" }, /SITQ_TLS is true or false, not "yes"/],
  ])("refuses %s", async (_, options, environment, message) => {
    const outcome = await sitq(["queue", "q", ...options()], { environment: environment ?? {} });
    expect(outcome).toMatchObject({ exitCode: exitCodes.usage, stderr: expect.stringMatching(message) });
  });
});

describe("a failed connection says what to do", () => {
  it.each<[string, () => Promise<FakeServer>, () => string[], RegExp]>([
    ["an unknown authority", () => start(pairs.server), () => ["--tls-ca", strangeCa], /not trusted\n.*--tls-ca FILE/],
    ["another name", () => start(pairs.elsewhere), () => ["--tls-ca", ca], /for another name\n.*--tls-server-name/],
    ["a plaintext server", () => start(null), () => ["--tls-ca", ca], /does not speak TLS\nLeave out TLS/],
    ["a server with TLS", () => start(pairs.server), () => [], /closed the connection at once\nIt may want TLS: --tls/],
    [
      "a certificate of another authority",
      () => start(pairs.server, true),
      () => ["--tls-ca", ca, ...pairOf("stranger")],
      /\nThe server does not trust this client certificate/,
    ],
    [
      "an expired certificate",
      () => start(pairs.server, true),
      () => ["--tls-ca", ca, ...pairOf("expired")],
      /\nThe client certificate has expired at 20/,
    ],
    [
      "no certificate",
      () => start(pairs.server, true),
      () => ["--tls-ca", ca],
      /wants a client certificate\n.*--tls-cert/,
    ],
  ])("of %s", async (_, server, options, message) => {
    const { address } = await server();
    const outcome = await sitq(["queue", "q", "--address", address, ...options()]);
    expect(outcome).toMatchObject({ exitCode: exitCodes.unreachable, stderr: expect.stringMatching(message) });
  });

  it("of credentials and rights", async () => {
    const server = await start(null);
    const call = (...options: string[]) => sitq(["queue", "q", "--address", server.address, ...options]);
    const denied = (stderr: string) => ({ exitCode: exitCodes.denied, stderr });
    server.admit("another");
    expect(await call()).toMatchObject(
      denied(
        "error: The token is not known. (CREDENTIALS_REQUIRED)\nSay who you are: --token-file FILE, SITQ_TOKEN, or --tls-cert FILE --tls-key FILE; or sitq context use NAME.\n",
      ),
    );
    const refused = await call("--token-file", dir.file("token"), "--json");
    expect(JSON.parse(refused.stderr)).toMatchObject({ error: { reason: "INVALID_CREDENTIALS", exitCode: 8 } });
    server.forbid();
    expect(await call()).toMatchObject(
      denied(
        "error: This needs the role worker. (ROLE_REQUIRED)\nSee what you have: sitq whoami. An admin replaces all grants by: sitq principal set NAME --grant ROLE:PATTERN\n",
      ),
    );
  });
});

describe("contexts", () => {
  let home: Readonly<Record<string, string>>;
  let path: string;
  const run = (...args: string[]) => sitq(args, { environment: home });

  beforeEach(async () => {
    const own = await createTempDir();
    onTestFinished(() => own.remove());
    home = { XDG_CONFIG_HOME: own.path };
    path = own.file("sitq/config.toml");
  });

  it("are set, listed, chosen, shown, changed and deleted", async () => {
    expect(await run("context", "list")).toMatchObject({ exitCode: 0, stderr: `There is no context in ${path}.\n` });
    const set = await run("context", "set", "prod", "--address", "sitq.internal:1", "--tls-ca", ca, "--tls");
    expect(set).toMatchObject({ exitCode: 0, stderr: "Choose it: sitq context use prod\n" });
    await run("context", "set", "dev", "--address", "127.0.0.1:2");
    expect(await run("context", "use", "prod")).toMatchObject({
      exitCode: 0,
      stdout: "",
      stderr: "Commands go to prod from now on: sitq.internal:1\n",
    });
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readFileSync(path, "utf8")).toBe(
      `current = "prod"\n\n[contexts.prod]\naddress = "sitq.internal:1"\ntls = true\ntls-ca = "${ca}"\n\n[contexts.dev]\naddress = "127.0.0.1:2"\n\n`,
    );
    expect((await run("context", "list")).stdout).toMatch(
      /^ *CONTEXT +ADDRESS *\n\* +prod +sitq\.internal:1 *\n +dev +127\.0\.0\.1:2 *\n$/,
    );
    await run("context", "set", "prod", "--unset", "tls", "--address", "sitq.internal:3");
    const shown = JSON.parse((await run("context", "show", "--json")).stdout);
    expect(shown).toEqual({ name: "prod", isCurrent: true, address: "sitq.internal:3", tlsCa: ca });
    expect((await run("context", "delete", "prod")).stderr).toBe(
      "The context prod is deleted; commands go to the local server again.\n",
    );
    expect(await run("context", "show")).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining("no current context"),
    });
  });

  it("say how the server is called", async () => {
    const { address, seen } = await start(pairs.server, true);
    const given = ["--address", address, "--tls-ca", ca, ...certificate(), "--token-file", dir.file("token")];
    await run("context", "set", "prod", ...given);
    expect(await run("queue", "q", "--context", "prod")).toMatchObject({ exitCode: 0 });
    await run("context", "use", "prod");
    expect(await run("queue", "q")).toMatchObject({ exitCode: 0 });
    expect(seen.all.map(({ authorization }) => authorization)).toEqual(["Bearer secret-1", "Bearer secret-1"]);
  });

  it("send no token to an address that is given otherwise, unless they are named", async () => {
    const [theirs, other] = [await start(null), await start(null)];
    await run("context", "set", "prod", "--address", theirs.address, "--token-file", dir.file("token"));
    await run("context", "use", "prod");
    expect(await run("queue", "q", "--address", other.address)).toMatchObject({ exitCode: 0 });
    expect(await run("queue", "q", "--address", other.address, "--context", "prod")).toMatchObject({ exitCode: 0 });
    expect(other.seen.all.map(({ authorization }) => authorization)).toEqual([undefined, "Bearer secret-1"]);
    expect(theirs.seen.all).toEqual([]);
  });

  it("say which one a token is of that does not fit, and go without it", async () => {
    const { address, seen } = await start(null);
    const token = dir.file("token");
    expect(await run("context", "use", "prod")).toMatchObject({
      stderr: expect.stringContaining("Make it: sitq context set prod --address HOST:PORT"),
    });
    const missing = dir.file("not-yet");
    const { stderr } = await run("context", "set", "prod", "--address", address, "--token-file", missing);
    expect(stderr).toContain(`There is no ${missing} yet.`);
    await run("context", "set", "prod", "--token-file", token);
    expect(await run("queue", "q", "--context", "prod", "--token-file", "")).toMatchObject({ exitCode: 0 });
    expect(seen.all.map(({ authorization }) => authorization)).toEqual([undefined]);
    const error = new CallError("Two.", { code: status.UNAUTHENTICATED, reason: "CREDENTIALS_DISAGREE" });
    expect(callFailure(error, address, { tokenContext: "prod" }).hint).toBe(
      "The token is that of the context prod. Without it: --token-file ''",
    );
  });

  it("in a file that is written by hand have paths relative to it", async () => {
    write('current = "here"\n[contexts.here]\naddress = "127.0.0.1:1"\ntoken-file = "my.token"\n');
    const { stderr } = await run("queue", "q");
    expect(stderr).toContain(`cannot read the token in ${path.replace("config.toml", "my.token")}`);
  });

  it.each([
    ["current = 3", /current: expected the name of a context/],
    ['current = "x"', /current: there is no context "x"/],
    ["[contexts.a]\ntoken = 'x'", /contexts\.a\.token: is none of address, /],
    ["[contexts.a]\ntls = 'x'", /contexts\.a\.tls: expected a boolean/],
    ["[contexts", /config\.toml: line 1: /],
  ])("in a file with %j are refused with its place", async (text, message) => {
    write(text);
    const outcome = await run("queue", "q");
    expect(outcome).toMatchObject({ exitCode: exitCodes.usage, stderr: expect.stringMatching(message) });
  });

  it("that there are not are refused with those that there are", async () => {
    write("[contexts.a]\naddress = '127.0.0.1:1'\n");
    const outcome = await run("queue", "q", "--context", "b");
    expect(outcome.stderr).toBe(`error: there is no context "b"\nThere are: a, in ${path}.\n`);
    expect(await run("context", "use", "b")).toMatchObject({ exitCode: 2 });
  });

  function write(text: string): void {
    mkdirSync(path.replace("/config.toml", ""), { recursive: true });
    writeFileSync(path, text);
  }
});

function setVariable(name: string, value: string): void {
  process.env[name] = value;
  onTestFinished(() => void Reflect.deleteProperty(process.env, name));
}
