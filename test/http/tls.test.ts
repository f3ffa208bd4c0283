/** HTTP over TLS on the port of gRPC: what the handshake agrees on, and whose certificate it shows. */

import { connect as connectHttp2 } from "node:http2";
import { Agent, request } from "node:https";
import { expect, onTestFinished, test } from "vitest";
import type { CertificatePair } from "../../src/cli/tls/certificates.ts";
import { openTls, replaceFile, startTlsHarness, type TlsHarness, type TlsHarnessOptions } from "../tls/tls-harness.ts";

/** A server whose queue has the name of the caller's certificate. */
function start(options: TlsHarnessOptions = {}): Promise<TlsHarness> {
  return startTlsHarness({
    queue: { getQueue: async (_, context) => ({ queue: { name: context.peerCertificate()?.uris[0] ?? "nobody" } }) },
    ...options,
  });
}

const path = "/sitq.v1.QueueService/GetQueue";

function optionsOf({ authority }: TlsHarness, identity?: CertificatePair) {
  return { ca: authority.certificate, ...(identity && { cert: identity.certificate, key: identity.key }) };
}

/** Calls over HTTP/1.1. @returns the version, the answer, and the serial number of the server's certificate */
async function callByHttp1(
  harness: TlsHarness,
  identity?: CertificatePair,
): Promise<readonly [answer: string, serial: string]> {
  const { promise, resolve, reject } = Promise.withResolvers<readonly [string, string]>();
  const agent = new Agent({ keepAlive: false, ALPNProtocols: ["http/1.1"] });
  const sent = request(
    `https://${harness.address}${path}`,
    { method: "POST", headers: { "content-type": "application/json" }, agent, ...optionsOf(harness, identity) },
    async (response) => {
      const { socket } = response;
      const serial =
        "getPeerX509Certificate" in socket
          ? String(
              (socket as { getPeerX509Certificate(): { serialNumber: string } }).getPeerX509Certificate().serialNumber,
            )
          : "";
      let body = "";
      for await (const chunk of response) body += chunk;
      resolve([`${response.httpVersion} ${body}`, serial]);
    },
  );
  sent.on("error", reject);
  sent.end("{}");
  return await promise;
}

/** Calls over HTTP/2. */
async function callByHttp2(harness: TlsHarness, identity?: CertificatePair): Promise<string> {
  const session = connectHttp2(`https://${harness.address}`, optionsOf(harness, identity));
  onTestFinished(() => session.destroy());
  const stream = session.request({ ":method": "POST", ":path": path, "content-type": "application/json" });
  stream.end("{}");
  let body = "";
  for await (const chunk of stream) body += chunk;
  return body;
}

test("the handshake agrees on HTTP/2 where it can, and else on HTTP/1.1", async () => {
  const harness = await start({ clientAuth: "none" });
  const ca = harness.authority.certificate;
  const agreed = async (...offered: string[]) =>
    (await openTls(harness.address, { ca, ALPNProtocols: offered })).alpnProtocol;
  expect(await agreed("h2")).toBe("h2");
  // As clients of .NET and browsers offer it.
  expect(await agreed("h2", "http/1.1")).toBe("h2");
  expect(await agreed("http/1.1", "h2")).toBe("h2");
  // As older clients of gRPC's C core offer it.
  expect(await agreed("grpc-exp", "h2")).toBe("h2");
  expect(await agreed("http/1.1")).toBe("http/1.1");
  await expect(agreed("http/1.0")).rejects.toThrow();
  const [answer] = await callByHttp1(harness);
  expect(answer).toBe('1.1 {"queue":{"name":"nobody"}}');
  expect(await callByHttp2(harness)).toBe('{"queue":{"name":"nobody"}}');
  expect(await harness.connect().check({})).toMatchObject({ status: expect.any(Number) });
});

test("a client that agrees on no protocol speaks HTTP/1.1", async () => {
  const harness = await start({ clientAuth: "none" });
  const socket = await openTls(harness.address, { ca: harness.authority.certificate, ALPNProtocols: [] });
  socket.write("GET /healthz HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
  let received = "";
  for await (const chunk of socket) received += chunk;
  expect(received).toMatch(/^HTTP\/1\.1 200 OK\r\n[\s\S]*ok\n$/);
});

test("a client's certificate says who calls, by both versions", async () => {
  const harness = await start({ clientAuth: "require" });
  const identity = await harness.authority.client("shop");
  const name = '{"queue":{"name":"spiffe://sitq.test/shop"}}';
  expect((await callByHttp1(harness, identity))[0]).toBe(`1.1 ${name}`);
  expect(await callByHttp2(harness, identity)).toBe(name);
  await expect(callByHttp1(harness)).rejects.toThrow();
});

test("the next connection gets a new certificate of the server's", async () => {
  const harness = await start({ clientAuth: "none" });
  const [, before] = await callByHttp1(harness);
  const next = await harness.authority.server();
  await replaceFile(harness.paths.keyPath, next.key);
  await replaceFile(harness.paths.certPath, next.certificate);
  await harness.reloader.reload();
  const [answer, after] = await callByHttp1(harness);
  expect(answer).toBe('1.1 {"queue":{"name":"nobody"}}');
  expect(after).not.toBe(before);
});
