import { createHash, X509Certificate } from "node:crypto";
import { create } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { EnqueueResponseSchema, QueueService } from "../../gen/sitq/v1/queue_service_pb.js";
import type { CertificatePair } from "../../src/cli/tls/certificates.ts";
import { createClient } from "../../src/grpc/client/client.ts";
import type { PeerCertificate } from "../../src/grpc/handlers.ts";
import { altNamesIn, readCertificate } from "../../src/grpc/server/peer-certificate.ts";
import type { ClientAuth } from "../../src/rpc/handshakes.ts";
import { createTestAuthority, type TestAuthority } from "../harness/certificates.ts";
import { startRpcHarness } from "../rpc/rpc-harness.ts";
import { openSecureChannel, startTlsHarness } from "./tls-harness.ts";

test.each<[string, [string, string][]]>([
  ["", []],
  ["DNS:localhost", [["DNS", "localhost"]]],
  [
    "DNS:a.example, IP Address:0:0:0:0:0:0:0:1, URI:spiffe://a/b, email:a@b",
    [
      ["DNS", "a.example"],
      ["IP Address", "0:0:0:0:0:0:0:1"],
      ["URI", "spiffe://a/b"],
      ["email", "a@b"],
    ],
  ],
  ['DNS:"a\\u002c DNS:evil"', [["DNS", "a, DNS:evil"]]],
  [
    'URI:"say \\"hi\\", URI:evil", DNS:b',
    [
      ["URI", 'say "hi", URI:evil'],
      ["DNS", "b"],
    ],
  ],
  ["DNS:", [["DNS", ""]]],
  // What has another form names nobody.
  ["DNS:a,DNS:b", []],
  ['DNS:a"b', []],
  ['DNS:"a', []],
  ['DNS:"a"b', []],
  ['DNS:"\\x"', []],
  ["DNS:a, nonsense", []],
])("the names in %j", (text, names) => {
  expect(altNamesIn(text)).toEqual(names);
});

test("a name cannot pretend to be another one", async () => {
  const authority = await createTestAuthority();
  const altNames = [
    { type: "dns" as const, value: "a, URI:spiffe://sitq.test/admin" },
    { type: "url" as const, value: "spiffe://sitq.test/b, DNS:c" },
    { type: "url" as const, value: 'spiffe://sitq.test/"\\u0041' },
    { type: "email" as const, value: "spiffe://sitq.test/admin" },
    { type: "dns" as const, value: "plain.example" },
  ];
  const { certificate } = await authority.client("x", { altNames, commonName: "common.example" });
  expect(readCertificate(new X509Certificate(certificate))).toMatchObject({
    uris: ["spiffe://sitq.test/b, DNS:c", 'spiffe://sitq.test/"\\u0041'],
    dnsNames: ["a, URI:spiffe://sitq.test/admin", "plain.example"],
  });
});

/** What the handlers see of the certificate of a client that calls twice over one connection. */
async function seenOf(authority: TestAuthority, clientAuth: ClientAuth, identity: CertificatePair | null) {
  const seen: (PeerCertificate | null)[] = [];
  const harness = await startTlsHarness({
    authority,
    clientAuth,
    queue: {
      async enqueue(_, context) {
        seen.push(context.peerCertificate());
        return create(EnqueueResponseSchema);
      },
    },
  });
  const client = createClient(QueueService, openSecureChannel(harness.address, authority.certificate, identity));
  await client.enqueue({});
  await client.enqueue({});
  return seen;
}

test.each(["require", "optional"] as const)("a handler sees the client's certificate, with %s", async (clientAuth) => {
  const authority = await createTestAuthority();
  const identity = await authority.client("mail");
  const [first, second] = await seenOf(authority, clientAuth, identity);
  const { raw, validToDate } = new X509Certificate(identity.certificate);
  expect(first).toEqual({
    uris: ["spiffe://sitq.test/mail"],
    dnsNames: [],
    notAfterMs: validToDate.getTime(),
    fingerprint: createHash("sha256").update(raw).digest("hex"),
  });
  expect(second).toBe(first);
});

test("a handler sees none where none was asked for, or none was shown", async () => {
  const authority = await createTestAuthority();
  expect(await seenOf(authority, "none", await authority.client())).toEqual([null, null]);
  expect(await seenOf(authority, "optional", null)).toEqual([null, null]);
});

test("a handler sees none without TLS", async () => {
  const seen: unknown[] = [];
  const harness = await startRpcHarness({
    queue: {
      async enqueue(_, context) {
        seen.push(context.peerCertificate());
        return create(EnqueueResponseSchema);
      },
    },
  });
  await harness.client(QueueService).enqueue({});
  expect(seen).toEqual([null]);
});
