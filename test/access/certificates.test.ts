import { expect, it } from "vitest";
import { refreshed, signIn } from "../../src/access/authenticator.ts";
import { Directory } from "../../src/access/directory.ts";
import { OpenCalls } from "../../src/access/open-calls.ts";
import { readConfig } from "../../src/config/config.ts";
import type { Grant } from "../../src/domain/access/grant.ts";
import type { Principal } from "../../src/domain/access/principal.ts";
import { SitqError } from "../../src/domain/errors.ts";
import { openStore } from "../../src/open-store.ts";
import { storeOfTests } from "../harness/databases/store-of-tests.ts";
import { createFakeClock } from "../harness/fake-clock.ts";
import { createTempDir } from "../harness/temp-dir.ts";

const grants: readonly Grant[] = [{ role: "worker", payloads: false, queue: ["mail.*"], event_type: [], service: [] }];

/** A directory with two principals that certificates prove, and a token of each. */
async function openDirectory() {
  const dir = await createTempDir();
  const store = await openStore({ ...readConfig({}, {}), ...storeOfTests(dir.file("sitq.db")) }, () => undefined);
  const clock = createFakeClock();
  const directory = new Directory(store, clock);
  await directory.load();
  for (const name of ["mail", "shop"]) {
    const certificateUris = [`spiffe://sitq.test/${name}`];
    await directory.create({ name, grants, certificateUris, certificateDnsNames: [`${name}.test`] });
  }
  return {
    directory,
    clock,
    /** Leaves a principal without a certificate. */
    takeName: (name: string) => directory.update(name, { certificateUris: [], certificateDnsNames: [] }),
    async [Symbol.asyncDispose]() {
      await store.close();
      await dir[Symbol.asyncDispose]();
    },
  };
}

type Opened = Awaited<ReturnType<typeof openDirectory>>;
type Names = { readonly uris?: readonly string[]; readonly dnsNames?: readonly string[] };

it.each<[string, Names, string]>([
  ["a URI", { uris: ["spiffe://sitq.test/mail"] }, "mail"],
  ["a URI among others", { uris: ["spiffe://other/x", "spiffe://sitq.test/mail"] }, "mail"],
  ["a URI and the DNS name of the same", { uris: ["spiffe://sitq.test/mail"], dnsNames: ["mail.test"] }, "mail"],
  ["its only DNS name, in any case", { dnsNames: ["Mail.Test"] }, "mail"],
  ["its DNS name beside a URI that is nobody's", { uris: ["spiffe://other/x"], dnsNames: ["mail.test"] }, "mail"],
  ["two principals", { uris: ["spiffe://sitq.test/mail", "spiffe://sitq.test/shop"] }, "INVALID_CREDENTIALS"],
  [
    "a URI, and the DNS name of another",
    { uris: ["spiffe://sitq.test/mail"], dnsNames: ["shop.test"] },
    "INVALID_CREDENTIALS",
  ],
  ["two DNS names", { dnsNames: ["mail.test", "other.test"] }, "INVALID_CREDENTIALS"],
  ["a URI that is nearly right", { uris: ["spiffe://sitq.test/mail/"] }, "INVALID_CREDENTIALS"],
  ["a URI in another case", { uris: ["SPIFFE://sitq.test/mail"] }, "INVALID_CREDENTIALS"],
  ["a DNS name as a URI", { uris: ["mail.test"] }, "INVALID_CREDENTIALS"],
  ["no name, a common name at most", {}, "INVALID_CREDENTIALS"],
])("a certificate with %s", async (_, { uris = [], dnsNames = [] }, expected) => {
  await using opened = await openDirectory();
  const certificate = { uris, dnsNames, notAfterMs: opened.clock.now() + 1 };
  expect(await outcomeOf(() => signIn({ authorization: [], certificate }, opened.directory, null))).toBe(expected);
});

it("takes a certificate and a token of one principal, until the first of them ends", async () => {
  await using opened = await openDirectory();
  const { directory, clock } = opened;
  const { text: own } = await directory.createToken("mail", [], 60_000);
  const { text: other } = await directory.createToken("shop", [], null);
  const at = (token: string, notAfterMs: number) => {
    const certificate = { uris: ["spiffe://sitq.test/mail"], dnsNames: [], notAfterMs };
    return () => signIn({ authorization: [`Bearer ${token}`], certificate }, directory, null);
  };
  const now = clock.now();
  expect(await at(own, now + 5)()).toMatchObject({ name: "mail", credential: { kind: "token", expireMs: now + 5 } });
  expect(await at(own, now + 1e9)()).toMatchObject({ credential: { expireMs: now + 60_000 } });
  expect(await outcomeOf(at(other, now + 5))).toBe("CREDENTIALS_DISAGREE");
  await directory.delete("mail");
  expect(await outcomeOf(at(other, now + 5))).toBe("INVALID_CREDENTIALS");
});

const jwtOfMail: Principal = { name: "mail", grants, credential: { kind: "jwt", id: "j1", expireMs: null } };
const jwt = { verify: () => jwtOfMail, refreshed: (principal: Principal) => principal };
const uri = "spiffe://sitq.test/mail";

it.each<[string, "token" | "jwt", string | null, (opened: Opened, tokenId: string) => Promise<unknown>]>([
  ["the token is revoked", "token", "CREDENTIALS_REVOKED", ({ directory }, id) => directory.revokeToken(id)],
  ["the certificate's name is taken away", "token", "INVALID_CREDENTIALS", (opened) => opened.takeName("mail")],
  ["the same beside a JWT", "jwt", "INVALID_CREDENTIALS", (opened) => opened.takeName("mail")],
  ["the principal is deleted", "jwt", "INVALID_CREDENTIALS", ({ directory }) => directory.delete("mail")],
  ["another principal changes", "token", null, (opened) => opened.takeName("shop")],
])("ends the streams of a certificate and a token beside it when %s", async (_, kind, reason, change) => {
  await using opened = await openDirectory();
  const { directory, clock } = opened;
  const { text, token } = await directory.createToken("mail", [], null);
  const certificate = { uris: [uri], dnsNames: [], notAfterMs: clock.now() + 60_000 };
  const authorization = [`Bearer ${kind === "token" ? text : "a.b.c"}`];
  const call = () => signIn({ authorization, certificate }, directory, jwt);
  const openCalls = new OpenCalls(clock, {
    refreshed: (principal) => refreshed(principal, directory, jwt),
    onChange: (listener) => directory.onChange(listener),
  });
  const ends: unknown[] = [];
  const release = openCalls.add({
    principal: await call(),
    changeRights: () => undefined,
    end: (error) => ends.push(error instanceof SitqError ? error.reason : error),
  });
  await change(opened, token.id);
  expect(ends).toEqual(reason === null ? [] : [reason]);
  expect(await outcomeOf(call)).toBe(reason ?? "mail");
  release();
});

it("ends the streams of a certificate and a token when the certificate names another principal", async () => {
  await using opened = await openDirectory();
  const { directory, clock } = opened;
  const { text } = await directory.createToken("mail", [], null);
  const certificate = { uris: [uri], dnsNames: [], notAfterMs: clock.now() + 60_000 };
  const call = () => signIn({ authorization: [`Bearer ${text}`], certificate }, directory, null);
  const principal = await call();
  await opened.takeName("mail");
  await directory.update("shop", { certificateUris: [uri] });
  expect(await outcomeOf(() => refreshed(principal, directory, null))).toBe("CREDENTIALS_DISAGREE");
  expect(await outcomeOf(call)).toBe("CREDENTIALS_DISAGREE");
});

it("refuses a certificate that proves no principal before it verifies a JWT", async () => {
  await using opened = await openDirectory();
  const verified: string[] = [];
  const throwing = {
    async verify(text: string): Promise<never> {
      verified.push(text);
      throw new Error("a rejection without a handler ends the process");
    },
  };
  const certificate = { uris: ["spiffe://other/x"], dnsNames: [], notAfterMs: opened.clock.now() + 1 };
  const call = () => signIn({ authorization: ["Bearer a.b.c"], certificate }, opened.directory, throwing);
  expect(await outcomeOf(call)).toBe("INVALID_CREDENTIALS");
  expect(verified).toEqual([]);
});

it("refuses a certificate that has expired over a connection that stands, with a token too", async () => {
  await using opened = await openDirectory();
  const { directory, clock } = opened;
  const { text } = await directory.createToken("mail", [], null);
  const certificate = { uris: ["spiffe://sitq.test/mail"], dnsNames: [], notAfterMs: clock.now() + 1_000 };
  const call = (...authorization: string[]) => outcomeOf(() => signIn({ authorization, certificate }, directory, null));
  expect(await call()).toBe("mail");
  clock.advance(1_000);
  expect(await call()).toBe("CREDENTIALS_EXPIRED");
  expect(await call(`Bearer ${text}`)).toBe("CREDENTIALS_EXPIRED");
});

it("takes a DNS name in two cases for one", async () => {
  await using opened = await openDirectory();
  const other = { name: "other", grants, certificateUris: [], certificateDnsNames: ["MAIL.test"] };
  await expect(opened.directory.create(other)).rejects.toMatchObject({ reason: "CERTIFICATE_IN_USE" });
  const twice = { ...other, certificateDnsNames: ["Other.test", "other.TEST"] };
  expect(await opened.directory.create(twice)).toMatchObject({ certificateDnsNames: ["other.test"] });
});

/** The principal's name, or the reason of the refusal. */
async function outcomeOf(call: () => ReturnType<typeof signIn>): Promise<string> {
  try {
    return (await call()).name;
  } catch (error) {
    if (error instanceof SitqError) return error.reason;
    throw error;
  }
}
