import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { ServerCredentials } from "@grpc/grpc-js";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import type { CertificatePair } from "../../../src/cli/tls/certificates.ts";
import { type CallError, type ConnectOptions, connect, createProducer } from "../../../src/client/index.ts";
import { createTestAuthority } from "../../harness/certificates.ts";
import { createTempDir, type TempDir } from "../../harness/temp-dir.ts";
import { startFakeServer } from "../fake-server.ts";
import { recordLog } from "../log-recorder.ts";

/** The files of a certificate and its key. */
interface Files {
  readonly cert: string;
  readonly key: string;
}

let dir: TempDir;
const issued = {} as Record<"ours" | "theirs" | "server" | "elsewhere" | "client" | "stranger", Files>;

function store(name: keyof typeof issued, { certificate, key }: CertificatePair): void {
  issued[name] = { cert: dir.file(`${name}.pem`), key: dir.file(`${name}.key`) };
  writeFileSync(issued[name].cert, certificate);
  writeFileSync(issued[name].key, key);
}

beforeAll(async () => {
  dir = await createTempDir();
  const [ours, theirs] = await Promise.all([createTestAuthority("ours"), createTestAuthority("theirs")]);
  store("ours", ours);
  store("theirs", theirs);
  store("server", await ours.server());
  store("elsewhere", await ours.server({ altNames: [{ type: "dns", value: "elsewhere" }] }));
  store("client", await ours.client());
  store("stranger", await theirs.client());
});
afterAll(() => dir.remove());

/** A server that shows a certificate. @param trusts whose client certificates it wants. Default: none */
function serverCredentials(shown: Files, trusts?: Files): ServerCredentials {
  const wanted = trusts === undefined ? null : readFileSync(trusts.cert);
  const pair = { cert_chain: readFileSync(shown.cert), private_key: readFileSync(shown.key) };
  return ServerCredentials.createSsl(wanted, [pair], trusts !== undefined);
}

/** How a call to a server ends. */
async function callOf(address: string, options: ConnectOptions): Promise<CallError | "served"> {
  const client = connect({ address, log: "silent", ...options });
  onTestFinished(() => client.close());
  // The fake server has no queue; that it says so is an answer.
  return client.queue.getQueue({ name: "q" }, { timeoutMs: 20_000 }).then(
    () => "served" as const,
    (error) => (error.unreached === null ? "served" : error),
  );
}

describe("a client with TLS", () => {
  it("calls a server whose certificate is right, by its address and by its name, with files and with texts", async () => {
    const { address } = await startFakeServer({}, { credentials: serverCredentials(issued.server, issued.ours) });
    const [ca, cert, key] = [issued.ours.cert, issued.client.cert, issued.client.key].map((file) => readFileSync(file));
    const inFiles = { caFile: issued.ours.cert, certFile: issued.client.cert, keyFile: issued.client.key };
    expect(await callOf(address, { tls: inFiles })).toBe("served");
    expect(await callOf(address.replace("127.0.0.1", "localhost"), { tls: inFiles })).toBe("served");
    const tls = { ca: String(ca), cert: new Uint8Array(cert ?? []), key: String(key) };
    expect(await callOf(address, { tls })).toBe("served");
    expect(await callOf(`dns:///${address}`, { tls: { ...inFiles, serverName: "localhost" } })).toBe("served");
  });

  const cases: [string, () => ServerCredentials, () => ConnectOptions, string, string][] = [
    [
      "an authority that it does not trust",
      () => serverCredentials(issued.server),
      () => ({ tls: { caFile: issued.theirs.cert } }),
      "its certificate is not trusted",
      "untrusted",
    ],
    [
      "an authority that Node does not trust",
      () => serverCredentials(issued.server),
      () => ({ tls: true }),
      "its certificate is not trusted",
      "untrusted",
    ],
    [
      "a certificate for another name",
      () => serverCredentials(issued.elsewhere),
      () => ({ tls: { caFile: issued.ours.cert } }),
      "its certificate is for another name",
      "wrong_name",
    ],
    [
      "a plaintext server",
      () => ServerCredentials.createInsecure(),
      () => ({ tls: { caFile: issued.ours.cert } }),
      "it does not speak TLS",
      "not_tls",
    ],
    [
      "a server that wants a client certificate",
      () => serverCredentials(issued.server, issued.ours),
      () => ({ tls: { caFile: issued.ours.cert } }),
      "it wants a client certificate",
      "certificate_required",
    ],
    [
      "a server that does not trust its certificate",
      () => serverCredentials(issued.server, issued.ours),
      () => ({ tls: { caFile: issued.ours.cert, certFile: issued.stranger.cert, keyFile: issued.stranger.key } }),
      "it closed the connection at once",
      "closed",
    ],
    [
      "a server with TLS, without having it itself",
      () => serverCredentials(issued.server),
      () => ({}),
      "it closed the connection at once",
      "closed",
    ],
  ];
  it.each(cases)("says of %s what is wrong", async (_, credentials, options, why, handshake) => {
    const { address } = await startFakeServer({}, { credentials: credentials() });
    const error = await callOf(address, options());
    expect(error).toMatchObject({ codeName: "UNAVAILABLE", message: `cannot reach ${address}: ${why}` });
    expect(error).toMatchObject({ unreached: { handshake, maybeSent: false } });
  });

  it("sends nothing again to a server that it does not trust", async () => {
    const { address } = await startFakeServer({}, { credentials: serverCredentials(issued.server) });
    const client = connect({ address, log: "silent", tls: { caFile: issued.theirs.cert } });
    onTestFinished(() => client.close());
    const producer = createProducer(client, { retryTimeoutMs: 3_600_000 });
    await expect(producer.enqueue("q", "t")).rejects.toMatchObject({ unreached: { handshake: "untrusted" } });
    await producer.close();
  });

  it("takes the name that a certificate is for from serverName", async () => {
    const { address } = await startFakeServer({}, { credentials: serverCredentials(issued.elsewhere) });
    expect(await callOf(address, { tls: { caFile: issued.ours.cert, serverName: "elsewhere" } })).toBe("served");
  });

  it("has new connections take what its files hold then, and stays with the last when they hold nothing usable", async () => {
    const [caFile, certFile, keyFile] = ["live-ca.pem", "live.pem", "live.key"].map((name) => dir.file(name));
    const put = (authority: Files, own: Files) => {
      copyFileSync(authority.cert, caFile as string);
      copyFileSync(own.cert, certFile as string);
      copyFileSync(own.key, keyFile as string);
    };
    put(issued.ours, issued.stranger);
    const { address } = await startFakeServer({}, { credentials: serverCredentials(issued.server, issued.ours) });
    const { log, next } = recordLog();
    const tls = { caFile, certFile, keyFile } as { caFile: string; certFile: string; keyFile: string };
    const client = connect({ address, log, tls });
    onTestFinished(() => client.close());
    /** Each Work stream has a connection of its own. */
    const callAnew = async () => {
      const connection = client.openWorkerConnection();
      const answer = connection.service.claimTasks({ workerId: "w", queues: ["q"] }).catch((error) => error);
      return answer.finally(() => connection.close());
    };
    expect(await callAnew()).toMatchObject({ unreached: { handshake: "closed" } });
    put(issued.ours, issued.client);
    expect(await callAnew()).toMatchObject({ unreached: null });
    writeFileSync(certFile as string, "half a certific");
    expect(await callAnew()).toMatchObject({ unreached: null });
    expect(await next()).toMatch(/^warn: going on with the last certificates: tls: /);
    put(issued.ours, issued.stranger);
    expect(await callAnew()).toMatchObject({ unreached: { handshake: "closed" } });
  });

  it.each<[string, () => ConnectOptions, RegExp]>([
    ["a file that is not there", () => ({ tls: { caFile: dir.file("none") } }), /^tls\.caFile: cannot be read: ENOENT/],
    ["a text that is no certificate", () => ({ tls: { ca: "hello" } }), /^tls\.ca: holds no certificate in PEM$/],
    ["a key as an authority", () => ({ tls: { caFile: issued.ours.key } }), /^tls\.ca: holds no certificate in PEM$/],
    ["a certificate without its key", () => ({ tls: { certFile: issued.client.cert } }), /^tls: .* needs both/],
    [
      "another certificate's key",
      () => ({ tls: { certFile: issued.client.cert, keyFile: issued.stranger.key } }),
      /^tls: the key is not that of the certificate$/,
    ],
    ["a part given twice", () => ({ tls: { ca: "x", caFile: "y" } }), /^tls\.ca: given twice/],
    ["an option that there is not", () => ({ tls: { certfile: "x" } as object }), /did you mean certFile\?$/],
  ])("refuses %s when it is made", (_, options, message) => {
    expect(() => connect({ address: "127.0.0.1:1", ...options() })).toThrow(message);
  });

  it("takes its files from the environment where no option says otherwise", async () => {
    const { address } = await startFakeServer({}, { credentials: serverCredentials(issued.server, issued.ours) });
    const { cert, key } = issued.client;
    const variables = { SITQ_TLS_CA: issued.ours.cert, SITQ_TLS_CLIENT_CERT: cert, SITQ_TLS_CLIENT_KEY: key };
    for (const [name, value] of Object.entries(variables)) setVariable(name, value);
    expect(await callOf(address, {})).toBe("served");
    expect(await callOf(address, { tls: false })).toMatchObject({ unreached: { handshake: "closed" } });
  });
});

function setVariable(name: string, value: string): void {
  process.env[name] = value;
  onTestFinished(() => void Reflect.deleteProperty(process.env, name));
}
