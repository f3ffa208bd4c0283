/** Which certificates of servers and clients are taken, over a real server. */

import { beforeAll, describe, expect, test } from "vitest";
import type { CertificatePair } from "../../src/cli/tls/certificates.ts";
import { createTestAuthority, inDays, selfSignedServer, type TestAuthority } from "../harness/certificates.ts";
import { failureOf } from "../rpc/rpc-harness.ts";
import { openTls, startTlsHarness } from "./tls-harness.ts";

let authority: TestAuthority;
let stranger: TestAuthority;
beforeAll(async () => {
  [authority, stranger] = [await createTestAuthority(), await createTestAuthority("another CA")];
});

const expired = () => ({ notBefore: inDays(-3), notAfter: inDays(-2) });
const wrongName = "ERR_TLS_CERT_ALTNAME_INVALID";
const notYetValid = () => ({ notBefore: inDays(2), notAfter: inDays(3) });

describe("a client takes or refuses the server's certificate", () => {
  test.each<[string, () => Promise<CertificatePair>, string | null]>([
    ["right", () => authority.server(), null],
    ["of another authority", () => stranger.server(), "UNABLE_TO_VERIFY_LEAF_SIGNATURE"],
    ["expired", () => authority.server(expired()), "CERT_HAS_EXPIRED"],
    ["not yet valid", () => authority.server(notYetValid()), "CERT_NOT_YET_VALID"],
    ["another name", () => authority.server({ altNames: [{ type: "dns", value: "x.example" }] }), wrongName],
    ["a common name only", () => authority.server({ commonName: "127.0.0.1", altNames: [] }), wrongName],
    ["self-signed", () => selfSignedServer(), "DEPTH_ZERO_SELF_SIGNED_CERT"],
    ["a client's", () => authority.server({ usages: ["client"] }), "INVALID_PURPOSE"],
  ])("%s", async (_, server, code) => {
    const harness = await startTlsHarness({ authority, server: await server(), clientAuth: "none" });
    const call = harness.connect().check({});
    if (code === null) {
      expect(await call).toMatchObject({ status: expect.any(Number) });
    } else {
      expect(await failureOf(call)).toMatchObject({ codeName: "UNAVAILABLE" });
      await expect(openTls(harness.address, { ca: authority.certificate })).rejects.toMatchObject({ code });
    }
  });
});

describe.each(["require", "optional"] as const)("with --tls-client-auth %s the server", (clientAuth) => {
  test.each<[string, () => Promise<CertificatePair | null>, "takes" | "refuses" | "by mode"]>([
    ["right", () => authority.client(), "takes"],
    ["of another authority", () => stranger.client(), "refuses"],
    ["expired", () => authority.client("old", expired()), "refuses"],
    ["not yet valid", () => authority.client("new", notYetValid()), "refuses"],
    ["a server's", () => authority.server(), "refuses"],
    ["self-signed", () => selfSignedServer({ usages: ["client"] }), "refuses"],
    ["none", async () => null, "by mode"],
  ])("judges a client's certificate: %s", async (_, identity, verdict) => {
    const harness = await startTlsHarness({ authority, clientAuth });
    const call = harness.connect(await identity()).check({});
    if (verdict === "takes" || (verdict === "by mode" && clientAuth === "optional")) {
      expect(await call).toMatchObject({ status: expect.any(Number) });
    } else {
      expect(await failureOf(call)).toMatchObject({ codeName: "UNAVAILABLE" });
      await harness.logged(1);
      expect(harness.log[0]).toMatchObject({ message: expect.stringMatching(/^a TLS handshake failed/) });
    }
  });
});

test("a server logs each reason why handshakes fail once a minute", async () => {
  const harness = await startTlsHarness({ authority, clientAuth: "require" });
  for (const identity of [await stranger.client(), await stranger.client(), await authority.client("old", expired())]) {
    expect(await failureOf(harness.connect(identity).check({}))).toMatchObject({ codeName: "UNAVAILABLE" });
  }
  await harness.logged(2);
  expect(new Set(harness.log.map(({ facts }) => facts.reason)).size).toBe(2);
});

test("a server that asks for no certificate does not look at one", async () => {
  const harness = await startTlsHarness({ authority, clientAuth: "none" });
  expect(await harness.connect(await stranger.client()).check({})).toMatchObject({ status: expect.any(Number) });
});

describe("protocol versions", () => {
  test.each(["TLSv1.2", "TLSv1.3"] as const)("%s is taken, with HTTP/2", async (version) => {
    const { address } = await startTlsHarness({ authority, clientAuth: "none" });
    const socket = await openTls(address, { ca: authority.certificate, minVersion: version, maxVersion: version });
    expect([socket.getProtocol(), socket.alpnProtocol]).toEqual([version, "h2"]);
    expect(socket.getCipher().name).toMatch(/GCM/);
  });

  test("1.3 is preferred", async () => {
    const { address } = await startTlsHarness({ authority, clientAuth: "none" });
    expect((await openTls(address, { ca: authority.certificate })).getProtocol()).toBe("TLSv1.3");
  });

  test.each(["TLSv1", "TLSv1.1"] as const)("%s is refused", async (version) => {
    const { address } = await startTlsHarness({ authority, clientAuth: "none" });
    const options = { ca: authority.certificate, minVersion: version, maxVersion: version, ciphers: "ALL:@SECLEVEL=0" };
    await expect(openTls(address, options)).rejects.toThrow(/protocol version/i);
  });

  test("ciphers of TLS 1.2 without forward secrecy are refused", async () => {
    const { address } = await startTlsHarness({ authority, clientAuth: "none" });
    const options = {
      ca: authority.certificate,
      maxVersion: "TLSv1.2",
      ciphers: "AES128-SHA:ECDHE-ECDSA-AES128-SHA",
    } as const;
    await expect(openTls(address, options)).rejects.toThrow(/handshake failure/i);
  });
});
