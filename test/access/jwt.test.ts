import { rm, utimes, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT } from "jose";
import { expect, it } from "vitest";
import { Role } from "../../gen/sitq/v1/access_pb.js";
import { createJwtVerifier } from "../../src/access/jwt.ts";
import type { Clock } from "../../src/domain/clock.ts";
import { type Log, silentLog } from "../../src/domain/log.ts";
import { createFakeClock } from "../harness/fake-clock.ts";
import { refusalOf } from "../harness/refusal.ts";
import { createTempDir } from "../harness/temp-dir.ts";
import { as, startSecured } from "./secured-server.ts";

const issuer = "https://issuer.test";
const audience = "sitq";

async function newKey(kid: string, alg = "ES256") {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  const jwk = { ...(await exportJWK(publicKey)), kid, alg, use: "sig" };
  /** Signs a JWT that is valid for a minute from `nowMs` on, with changes to its claims. */
  const sign = (nowMs: number, changes: Readonly<Record<string, unknown>> = {}, header: object = {}) =>
    new SignJWT({
      iss: issuer,
      aud: audience,
      sub: "mail",
      sitq: ["worker:mail.*"],
      exp: nowMs / 1_000 + 60,
      ...changes,
    })
      .setProtectedHeader({ alg, kid, ...header })
      .sign(privateKey);
  return { jwk, sign, publicKey };
}

/** A server on loopback that hands out a JWK set. */
async function serveKeys(keys: () => readonly object[] | "silence") {
  const server: Server = createServer((_, response) => {
    const now = keys();
    if (now !== "silence") response.setHeader("content-type", "application/json").end(JSON.stringify({ keys: now }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

interface Changes {
  readonly principalClaim?: string | undefined;
  readonly log?: Pick<Log, "info" | "warn">;
}

function newVerifier(jwks: string, clock: Clock, { principalClaim = "sub", log = silentLog }: Changes = {}) {
  const rules = { issuer, audience, jwks, algorithms: ["ES256"], principalClaim, grantsClaim: "sitq" };
  return createJwtVerifier(rules, clock, log);
}

function verifierOf(jwks: string, clock: Clock, principalClaim?: string) {
  const verifier = newVerifier(jwks, clock, { principalClaim });
  return async (text: string) => verifier.verify(text);
}

/** A claim of a JWT that outlives a test's steps of the clock. */
const hour = { exp: 4_000_000_000 };

const reasonOf = (call: Promise<unknown>) =>
  call.then(
    () => null,
    (error: { reason?: string }) => error.reason ?? error,
  );

it("takes the JWTs of the issuer, for the audience, in their time, by the listed algorithms, and no others", async () => {
  const clock = createFakeClock();
  const key = await newKey("a");
  const other = await newKey("a");
  const rsa = await newKey("r", "RS256");
  await using keys = await serveKeys(() => [key.jwk, rsa.jwk]);
  const verify = verifierOf(keys.url, clock);
  const now = clock.now();
  expect(await verify(await key.sign(now, { jti: "j1" }))).toMatchObject({
    name: "mail",
    grants: [{ role: "worker", queue: ["mail.*"], event_type: ["mail.*"], service: ["mail.*"] }],
    credential: { kind: "jwt", id: "j1", expireMs: Math.floor(now / 1_000 + 90) * 1_000 + (now % 1_000) },
  });
  const secret = new TextEncoder().encode(JSON.stringify(key.jwk));
  const claims = { iss: issuer, aud: audience, sub: "mail", sitq: ["admin"], exp: now / 1_000 + 60 };
  const refused = {
    issuer: await key.sign(now, { iss: "https://other.test" }),
    "no issuer": await key.sign(now, { iss: undefined }),
    audience: await key.sign(now, { aud: "other" }),
    "no audience": await key.sign(now, { aud: undefined }),
    "no expiry": await key.sign(now, { exp: undefined }),
    "not yet": await key.sign(now, { nbf: now / 1_000 + 31 }),
    key: await other.sign(now),
    algorithm: await rsa.sign(now),
    "no subject": await key.sign(now, { sub: undefined }),
    subject: await key.sign(now, { sub: "Not A Name" }),
    "a subject that is a list": await key.sign(now, { sub: ["mail"] }),
    "a time without end": await key.sign(now, { exp: 1e300 }),
    "grants in a list": await key.sign(now, { sitq: [["admin"]] }),
    "a grant that is no text": await key.sign(now, { sitq: [{ toString: 1 }] }),
    "no grants": await key.sign(now, { sitq: undefined }),
    "grants of another form": await key.sign(now, { sitq: "worker:mail.*" }),
    role: await key.sign(now, { sitq: ["king:*"] }),
    "no scope": await key.sign(now, { sitq: ["worker"] }),
    "an admin with a scope": await key.sign(now, { sitq: ["admin:mail.*"] }),
    none: new UnsecuredJWT(claims).encode(),
    "HMAC with the public key": await new SignJWT(claims).setProtectedHeader({ alg: "HS256", kid: "a" }).sign(secret),
    "its own key": await other.sign(now, {}, { jwk: other.jwk, jku: keys.url }),
    nonsense: "nonsense.nonsense.nonsense",
  };
  const said: Record<string, string> = {};
  for (const [what, text] of Object.entries(refused)) {
    const refusal = await verify(text).then(
      () => null,
      (error: Error & { reason: string }) => error,
    );
    expect(refusal?.reason, what).toBe("INVALID_CREDENTIALS");
    expect(refusal?.message).not.toContain(text.split(".")[2] || text);
    said[what] = refusal?.message ?? "";
  }
  expect(said).toMatchObject({
    issuer: expect.stringContaining('the iss of the JWT is "https://other.test", expected "'),
    audience: expect.stringContaining('the aud of the JWT is "other", expected "'),
    "no issuer": expect.stringContaining("the JWT has no iss"),
    "no expiry": expect.stringContaining("the JWT has no exp"),
    "no subject": expect.stringContaining("the JWT has no sub"),
    "not yet": expect.stringContaining("the nbf of the JWT is"),
  });
  // Clocks differ by some seconds.
  await verify(await key.sign(now, { nbf: now / 1_000 + 29 }));
  const short = await key.sign(now, { exp: now / 1_000 - 29 });
  await verify(short);
  clock.advance(2_000);
  expect(await reasonOf(verify(short))).toBe("CREDENTIALS_EXPIRED");
  expect(await reasonOf(verify(await key.sign(now, { exp: now / 1_000 - 60 })))).toBe("CREDENTIALS_EXPIRED");
});

it("takes the name of the principal from another claim", async () => {
  const clock = createFakeClock();
  const key = await newKey("a");
  await using keys = await serveKeys(() => [key.jwk]);
  const verify = verifierOf(keys.url, clock, "client_id");
  const principal = await verify(await key.sign(clock.now(), { sub: "auth0|5f7c8", client_id: "mail" }));
  expect(principal.name).toBe("mail");
  const nameless = verify(await key.sign(clock.now(), { sub: "mail" }));
  await expect(nameless).rejects.toThrow("the JWT has no client_id");
});

it("goes on with the keys that it knows while the issuer is gone", async () => {
  const clock = createFakeClock();
  const [first, second] = [await newKey("first"), await newKey("second")];
  let known: readonly object[] | "silence" = [first.jwk];
  const keys = await serveKeys(() => known);
  const verify = verifierOf(keys.url, clock);
  await verify(await first.sign(clock.now()));
  known = "silence";
  await keys[Symbol.asyncDispose]();
  await verify(await first.sign(clock.now(), { jti: "another" }));
  const gone = await serveKeys(() => known);
  await gone[Symbol.asyncDispose]();
  expect(await reasonOf(verifierOf(gone.url, clock)(await second.sign(clock.now())))).toBe("ISSUER_UNAVAILABLE");
});

it("reads a file of keys again when it has changed, and keeps what it knows when the file is gone", async () => {
  await using dir = await createTempDir();
  const clock = createFakeClock();
  const [first, second] = [await newKey("first"), await newKey("second")];
  const path = dir.file("keys.json");
  const verify = verifierOf(path, clock);
  expect(await reasonOf(verify(await first.sign(clock.now())))).toBe("ISSUER_UNAVAILABLE");
  await writeFile(path, JSON.stringify({ keys: [first.jwk] }));
  clock.advance(1_000);
  await verify(await first.sign(clock.now()));
  expect(await reasonOf(verify(await second.sign(clock.now())))).toBe("INVALID_CREDENTIALS");
  await writeFile(path, JSON.stringify({ keys: [second.jwk] }));
  await utimes(path, 1, 1);
  clock.advance(1_000);
  await verify(await second.sign(clock.now()));
  expect(await reasonOf(verify(await first.sign(clock.now(), { jti: "new" })))).toBe("INVALID_CREDENTIALS");
  await rm(path);
  clock.advance(1_000);
  await verify(await second.sign(clock.now(), { jti: "new" }));
});

it.each(["a URL", "a file"])(
  "refuses what it has accepted once the key is gone from %s, and not while it stands",
  async (place) => {
    await using dir = await createTempDir();
    const path = dir.file("keys.json");
    const clock = createFakeClock();
    const [first, second] = [await newKey("first"), await newKey("second")];
    let set = [first.jwk, second.jwk];
    await using served = await serveKeys(() => set);
    let count = 0;
    async function publish(...keys: typeof set): Promise<void> {
      set = keys;
      await writeFile(path, JSON.stringify({ keys }));
      await utimes(path, ++count, count);
    }
    await publish(first.jwk, second.jwk);
    const isFile = place === "a file";
    const verifier = newVerifier(isFile ? path : served.url, clock);
    await verifier.start();
    const texts = [await first.sign(clock.now(), hour), await second.sign(clock.now(), hour)] as const;
    const [byFirst, bySecond] = [await verifier.verify(texts[0]), await verifier.verify(texts[1])];

    const changed = new Promise<void>((resolve) => verifier.onChange(resolve));
    await publish(second.jwk);
    clock.advance(isFile ? 1_000 : 60_000);
    await changed;
    expect(() => verifier.refreshed(byFirst)).toThrow(expect.objectContaining({ reason: "INVALID_CREDENTIALS" }));
    expect(await reasonOf(Promise.resolve(verifier.verify(texts[0])))).toBe("INVALID_CREDENTIALS");
    expect(verifier.refreshed(bySecond)).toBe(bySecond);
    expect(await verifier.verify(texts[1])).toEqual(bySecond);
    await verifier.stop();
    expect(clock.pendingTimers).toBe(0);
  },
);

it("ends a stream whose JWT's key is gone", async () => {
  const key = await newKey("a");
  const other = await newKey("b");
  await using dir = await createTempDir();
  const jwks = dir.file("keys.json");
  await writeFile(jwks, JSON.stringify({ keys: [key.jwk] }));
  const clock = createFakeClock();
  await using secured = await startSecured(clock, { jwtIssuer: issuer, jwtAudience: audience, jwtJwks: jwks });
  const mine = as(await key.sign(clock.now(), { ...hour, sitq: ["viewer:mail"] }));
  const watch = secured.server.queue.watchTasks({ filter: { queue: "mail" } }, mine)[Symbol.asyncIterator]();
  await watch.next();
  const ended = refusalOf(watch.next());
  await writeFile(jwks, JSON.stringify({ keys: [other.jwk] }));
  await utimes(jwks, 1, 1);
  clock.advance(1_000);
  const refusal = { code: "UNAUTHENTICATED", reason: "INVALID_CREDENTIALS" };
  expect(await ended).toMatchObject(refusal);
  expect(await refusalOf(secured.access.getIdentity({}, mine))).toMatchObject(refusal);
});

it("announces each signature that it is to verify, and verifies none that is refused then", async () => {
  const clock = createFakeClock();
  await using dir = await createTempDir();
  const key = await newKey("one");
  await writeFile(dir.file("jwks.json"), JSON.stringify({ keys: [key.jwk] }));
  const verifier = newVerifier(dir.file("jwks.json"), clock);
  const [text, other] = [await key.sign(clock.now()), await key.sign(clock.now(), { sub: "shop" })];
  let announced = 0;
  for (let n = 0; n < 3; n++) expect(await verifier.verify(text, () => announced++)).toMatchObject({ name: "mail" });
  expect(announced).toBe(1);
  const refuse = () => {
    throw new Error("refused");
  };
  const attempt = async (each: string) => verifier.verify(each, refuse);
  await expect(attempt(other)).rejects.toThrow("refused");
  expect(await attempt(text)).toMatchObject({ name: "mail" });
  clock.advance(90_000);
  for (let n = 0; n < 3; n++) expect(await reasonOf(attempt(text))).toBe("CREDENTIALS_EXPIRED");
});

it("signs a caller in over the wire, beside tokens", async () => {
  const key = await newKey("a");
  await using dir = await createTempDir();
  const jwks = dir.file("keys.json");
  await writeFile(jwks, JSON.stringify({ keys: [key.jwk] }));
  const jwt = { jwtIssuer: issuer, jwtAudience: audience, jwtJwks: jwks } as const;
  await using secured = await startSecured(undefined, jwt);
  const { access, server, admin } = secured;
  const mine = as(await key.sign(Date.now()));
  expect(await access.getIdentity({}, mine)).toMatchObject({ principal: "mail", grants: [{ role: Role.WORKER }] });
  await server.worker.claimTasks({ workerId: "w", queues: ["mail.out"] }, mine);
  const scope = { code: "PERMISSION_DENIED", reason: "OUT_OF_SCOPE", field: "queues[0]" };
  expect(await refusalOf(server.worker.claimTasks({ workerId: "w", queues: ["other"] }, mine))).toMatchObject(scope);
  expect((await access.getIdentity({}, admin)).principal).toBe("root");
  // A change of what is stored ends no call of a JWT.
  const waiting = server.worker.claimTasks(
    { workerId: "w", queues: ["mail.out"], wait: { seconds: 1n, nanos: 0 } },
    mine,
  );
  await secured.tokenOf("another", { role: Role.WORKER, queues: ["a"] });
  expect((await waiting).tasks).toEqual([]);
});

it("signs a caller in by a new JWT from an address that sends invalid ones, as far as there is room for signatures", async () => {
  const key = await newKey("a");
  await using dir = await createTempDir();
  const jwtJwks = dir.file("keys.json");
  await writeFile(jwtJwks, JSON.stringify({ keys: [key.jwk] }));
  const clock = createFakeClock();
  const config = { jwtIssuer: issuer, jwtAudience: audience, jwtJwks, maxFailedSignIns: 2 };
  await using secured = await startSecured(clock, config);
  const { access, admin } = secured;
  const call = (text: string) => access.getIdentity({}, as(text));
  const known = await key.sign(clock.now(), hour);
  await call(known);
  expect(await refusalOf(call("sitq_"))).toMatchObject({ reason: "INVALID_CREDENTIALS" });
  const slow = refusalOf(call("sitq_"));
  // It is behind the other on the same connection.
  await call(known);
  clock.advance(1_000);
  expect(await slow).toMatchObject({ reason: "INVALID_CREDENTIALS" });
  const refused = { code: "RESOURCE_EXHAUSTED", reason: "TOO_MANY_FAILED_SIGN_INS" };
  expect(await refusalOf(call("sitq_"))).toMatchObject({ ...refused, retryAfterMs: 60_000 });

  expect((await call(await key.sign(clock.now(), { ...hour, jti: "new" }))).principal).toBe("mail");
  // Of 600 signatures 599 are left, while the clock stands.
  for (let n = 0; n < 599; n++) await refusalOf(call(`e30.e30.${n}`));
  const late = await key.sign(clock.now(), { ...hour, jti: "late" });
  expect(await refusalOf(call(late))).toMatchObject({ ...refused, retryAfterMs: 1_000 });
  expect((await call(known)).principal).toBe("mail");
  expect((await access.getIdentity({}, admin)).principal).toBe("root");
  clock.advance(1_000);
  expect((await call(late)).principal).toBe("mail");
});

it.each([
  ["is missing", null, /^cannot read the keys in .*keys\.json \(--jwt-jwks\): ENOENT/],
  ["is not JSON", "secret", /: it is not JSON$/],
  ["is no JWK set", "{}", /: JSON Web Key Set malformed$/],
  ["holds no keys", '{"keys": []}', /keys\.json \(--jwt-jwks\) holds no key$/],
])("does not start where the file of keys %s", async (_, content, text) => {
  await using dir = await createTempDir();
  const path = dir.file("keys.json");
  if (content !== null) await writeFile(path, content);
  const clock = createFakeClock();
  const verifier = newVerifier(path, clock);
  const refusal = await verifier.start().then(
    () => null,
    (error: Error) => error,
  );
  expect(refusal).toMatchObject({ name: "IssuerKeysRefused", message: expect.stringMatching(text) });
  await verifier.stop();
  expect(clock.pendingTimers).toBe(0);
});

it("logs once that the keys cannot be read, once that they can again, and when they change", async () => {
  await using dir = await createTempDir();
  const path = dir.file("keys.json");
  const clock = createFakeClock();
  const [first, second] = [await newKey("first"), await newKey("second")];
  await writeFile(path, JSON.stringify({ keys: [first.jwk] }));
  const lines: string[] = [];
  const waiting: (() => void)[] = [];
  const line = (level: string) => (facts: object, text: string) => {
    lines.push(`${level} ${text} ${JSON.stringify(facts)}`);
    waiting.shift()?.();
  };
  const verifier = newVerifier(path, clock, { log: { info: line("info"), warn: line("warn") } });
  await verifier.start();
  const next = () => new Promise<void>((resolve) => void waiting.push(resolve));

  await rm(path);
  const lost = next();
  clock.advance(1_000);
  await lost;
  clock.advance(1_000);
  expect(await reasonOf(Promise.resolve(verifier.verify(await first.sign(clock.now()))))).toBeNull();
  const [back, changed] = [next(), next()];
  await writeFile(path, JSON.stringify({ keys: [first.jwk, second.jwk] }));
  clock.advance(1_000);
  await back;
  await changed;
  expect(lines).toEqual([
    expect.stringMatching(/^warn cannot read the keys of the issuer of JWTs: those .*"reason":"ENOENT/),
    expect.stringMatching(/^info the keys of the issuer of JWTs can be read again/),
    expect.stringMatching(/^info the keys of the issuer of JWTs have changed .*"keys":2/),
  ]);
  await verifier.stop();
});
