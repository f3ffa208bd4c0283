import { expect, test } from "vitest";
import { createTestAuthority } from "../harness/certificates.ts";
import { failureOf } from "../rpc/rpc-harness.ts";
import { openTls, replaceFile, startTlsHarness } from "./tls-harness.ts";

const serves = { status: expect.any(Number) };

test("new connections get the new certificate, and those that stand keep theirs", async () => {
  const harness = await startTlsHarness({ clientAuth: "none" });
  const standing = harness.connect();
  await standing.check({});
  const other = await createTestAuthority();
  const { certificate, key } = await other.server();
  await replaceFile(harness.paths.certPath, certificate);
  await replaceFile(harness.paths.keyPath, key);
  await harness.reloader.reload();
  expect(await standing.check({})).toMatchObject(serves);
  expect(await harness.connect(null, other.certificate).check({})).toMatchObject(serves);
  expect(await failureOf(harness.connect().check({}))).toMatchObject({ codeName: "UNAVAILABLE" });
});

test("a client whose authority is removed is refused at its next connection, and one that is added is taken", async () => {
  const harness = await startTlsHarness();
  const identity = await harness.authority.client();
  const standing = harness.connect(identity);
  await standing.check({});
  const other = await createTestAuthority();
  await replaceFile(harness.paths.clientCaPath, other.certificate);
  await harness.reloader.reload();
  expect(await standing.check({})).toMatchObject(serves);
  expect(await failureOf(harness.connect(identity).check({}))).toMatchObject({ codeName: "UNAVAILABLE" });
  expect(await harness.connect(await other.client()).check({})).toMatchObject(serves);
});

test("the floor and the ciphers stay after a reload", async () => {
  const { address, authority, reloader } = await startTlsHarness({ clientAuth: "none" });
  await reloader.reload();
  const ca = authority.certificate;
  const old = { ca, minVersion: "TLSv1.1", maxVersion: "TLSv1.1", ciphers: "ALL:@SECLEVEL=0" } as const;
  await expect(openTls(address, old)).rejects.toThrow(/protocol version/i);
  const weak = { ca, maxVersion: "TLSv1.2", ciphers: "ECDHE-ECDSA-AES128-SHA" } as const;
  await expect(openTls(address, weak)).rejects.toThrow(/handshake failure/i);
});

test.each(["TLSv1.2", "TLSv1.3"] as const)("no session is resumed: %s", async (maxVersion) => {
  const { address, authority } = await startTlsHarness();
  const { certificate: cert, key } = await authority.client();
  const options = { ca: authority.certificate, cert, key, maxVersion };
  const first = await openTls(address, options);
  const tickets: Buffer[] = [];
  first.on("session", (session: Buffer) => tickets.push(session));
  // The server's first frame comes behind what TLS has to say.
  await new Promise((resolve) => first.once("data", resolve));
  const session = tickets[0] ?? first.getSession();
  if (session === undefined) throw new Error("a connection has a session");
  expect((await openTls(address, { ...options, session })).isSessionReused()).toBe(false);
});

test("rotation fails no call, over connections that stand and new ones", async () => {
  const harness = await startTlsHarness();
  const { authority, paths, reloader } = harness;
  const identity = await authority.client();
  const standing = harness.connect(identity);
  let isOver = false;
  let calls = 0;
  const load = [standing, null, null, null].map(async (client) => {
    while (!isOver) {
      await (client ?? harness.connect(identity)).check({});
      calls++;
    }
  });
  for (let round = 0; round < 10; round++) {
    const { certificate, key } = await authority.server();
    await replaceFile(paths.certPath, certificate);
    await replaceFile(paths.keyPath, key);
    await reloader.reload();
    const before = calls;
    while (calls < before + 10) await standing.check({});
  }
  isOver = true;
  await Promise.all(load);
  expect(harness.log).toEqual([]);
});
