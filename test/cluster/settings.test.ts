import { readFile } from "node:fs/promises";
import { describe, expect, it, onTestFinished } from "vitest";
import { Role } from "../../gen/sitq/v1/access_pb.js";
import { formatToken } from "../../src/access/token-text.ts";
import { storeUnreachable } from "../../src/domain/refusals/server.ts";
import { as } from "../access/secured-server.ts";
import { connectWorker } from "../harness/calls/scripted-worker.ts";
import { enqueue } from "../harness/calls/tasks.ts";
import { isPostgresMissing } from "../harness/databases/postgres.ts";
import { refusalOf } from "../harness/refusal.ts";
import type { ServerOverrides, TestServer } from "../harness/server.ts";
import { createTempDir } from "../harness/temp-dir.ts";
import { clustersForTests } from "./cluster-harness.ts";

/** Looking again every two seconds would take far longer than a test may. */
const rounds = 40;
const timeout = 55_000;

describe.skipIf(isPostgresMissing)("settings of several servers on one database", () => {
  const startCluster = clustersForTests();

  it("lets tasks go at one server when their queue is resumed at another, at once", { timeout }, async () => {
    const [first, second] = (await startCluster(2)) as [TestServer, TestServer];
    const worker = await connectWorker(second);
    const pause = (paused: boolean) =>
      first.queue.updateQueue({
        queue: { name: "orders", paused },
        updateMask: { paths: ["paused"] },
        allowMissing: true,
      });
    for (let round = 0; round < rounds; round++) {
      await pause(true);
      const task = await enqueue(second);
      await worker.heard();
      expect(worker.tasks).toHaveLength(round);
      await pause(false);
      const taken = await worker.take(1);
      expect(taken).toMatchObject([{ id: task.id }]);
      await worker.complete(...taken);
    }
  });

  it("takes a token at one server at once that another one has made, and refuses it there once it is revoked", {
    timeout,
  }, async () => {
    const { first, second, admin } = await startSecured();
    for (let round = 0; round < rounds / 2; round++) {
      const { token, secret: text } = await first.access.createToken({ principal: `p${round}`, grants }, admin);
      await second.queue.listQueues({}, as(text));
      await first.access.revokeToken({ tokenId: token?.tokenId ?? "" }, admin);
      await expectSoon(async () => {
        expect(await refusalOf(second.queue.listQueues({}, as(text)))).toMatchObject({
          reason: "CREDENTIALS_REVOKED",
        });
      });
    }
  });

  it("takes a token at once that a server has made which is not heard, and looks for unknown ones a few times a second", async () => {
    let looks = 0;
    const { first, second, admin } = await startSecured((each) => ({
      config: { advertise: { host: "127.0.0.1", port: 1 }, maxFailedSignIns: 1_000_000 },
      wrapStore: (store) =>
        each === 0
          ? store
          : Object.assign(Object.create(store), {
              accessRevision() {
                looks++;
                return store.accessRevision();
              },
            }),
    }));
    for (let round = 0; round < 5; round++) {
      const { secret } = await first.access.createToken({ principal: `q${round}`, grants }, admin);
      await second.queue.listQueues({}, as(secret));
      const { secret: text } = await first.access.createToken({ principal: `p${round}`, grants }, admin);
      const { principal } = await second.access.getPrincipal({ name: `p${round}` }, admin);
      expect(principal?.grants).toHaveLength(1);
      const { tokens } = await second.access.listTokens({ principal: `p${round}` }, admin);
      expect(text).toContain(tokens[0]?.tokenId);
    }
    const unknown = as(formatToken({ id: "0123456789ab", secret: "s".repeat(43) }));
    const [beganMs, before] = [performance.now(), looks];
    for (let round = 0; round < 10; round++) {
      const refused = Array.from({ length: 50 }, () => refusalOf(second.queue.listQueues({}, unknown)));
      for (const each of await Promise.all(refused)) expect(each).toMatchObject({ reason: "INVALID_CREDENTIALS" });
    }
    expect(looks - before).toBeGreaterThan(0);
    // One more may be that of the tokens that were made just before.
    const seconds = (performance.now() - beganMs) / 1_000;
    expect(looks - before).toBeLessThanOrEqual(2 + 4 * seconds);
  });

  it("says that the database is away where it cannot be looked for a token, and not that it is unknown", async () => {
    let isAway = false;
    const { first, second, admin } = await startSecured((each) => ({
      config: { advertise: { host: "127.0.0.1", port: 1 } },
      wrapStore: (store) =>
        each === 0
          ? store
          : Object.assign(Object.create(store), {
              accessRevision: () => (isAway ? Promise.reject(storeUnreachable()) : store.accessRevision()),
            }),
    }));
    isAway = true;
    const { secret } = await first.access.createToken({ principal: "shop", grants }, admin);
    const refusal = await refusalOf(second.queue.listQueues({}, as(secret)));
    expect(refusal).toMatchObject({ code: "UNAVAILABLE", reason: "STORE_UNREACHABLE" });
    isAway = false;
    await second.queue.listQueues({}, as(secret));
  });

  it("changes a principal that another server has changed, though the database counts no change since", async () => {
    let revision: Promise<number> | null = null;
    const { first, second, admin } = await startSecured((each) => ({
      config: { advertise: { host: "127.0.0.1", port: 1 } },
      wrapStore: (store) =>
        each === 0
          ? store
          : Object.assign(Object.create(store), {
              accessRevision: () => {
                revision ??= store.accessRevision();
                return revision;
              },
            }),
    }));
    await first.access.createPrincipal({ principal: { name: "shared", grants } }, admin);
    revision = null;
    await second.access.getPrincipal({ name: "shared" }, admin);
    const uris = { principal: { name: "shared", certificateUris: ["spiffe://sitq.test/1"] } };
    await first.access.updatePrincipal({ ...uris, updateMask: { paths: ["certificate_uris"] } }, admin);
    const names = { principal: { name: "shared", certificateDnsNames: ["host.sitq.test"] } };
    const changed = await second.access.updatePrincipal(
      { ...names, updateMask: { paths: ["certificate_dns_names"] } },
      admin,
    );
    expect(changed.principal).toMatchObject({ ...uris.principal, ...names.principal });
  });

  it("loses no change of a principal that admins change at both servers at once, though these do not hear each other", async () => {
    const { first, second, admin } = await startSecured(() => ({
      config: { advertise: { host: "127.0.0.1", port: 1 } },
    }));
    await first.access.createPrincipal({ principal: { name: "shared", grants } }, admin);
    for (let round = 0; round < 20; round++) {
      const [uri, name] = [`spiffe://sitq.test/${round}`, `host-${round}.sitq.test`];
      await Promise.all([
        first.access.updatePrincipal(
          { principal: { name: "shared", certificateUris: [uri] }, updateMask: { paths: ["certificate_uris"] } },
          admin,
        ),
        second.access.updatePrincipal(
          {
            principal: { name: "shared", certificateDnsNames: [name] },
            updateMask: { paths: ["certificate_dns_names"] },
          },
          admin,
        ),
      ]);
      // Who changes it next sees both.
      for (const server of [first, second]) {
        const { principal } = await server.access.updatePrincipal(
          { principal: { name: "shared", grants }, updateMask: { paths: ["grants"] } },
          admin,
        );
        expect(principal).toMatchObject({ certificateUris: [uri], certificateDnsNames: [name] });
      }
    }
  });

  /** Starts two servers with authentication on, and the token of an admin. */
  async function startSecured(overridesOf: (each: number) => ServerOverrides = () => ({})) {
    const dir = await createTempDir();
    onTestFinished(() => dir.remove());
    const bootstrapTokenFilePath = dir.file("admin.token");
    const [first, second] = (await startCluster(2, (each) => {
      const overrides = overridesOf(each);
      return { ...overrides, config: { ...overrides.config, auth: "on", bootstrapTokenFilePath } };
    })) as [TestServer, TestServer];
    return { first, second, admin: as((await readFile(bootstrapTokenFilePath, "utf8")).trim()) };
  }
});

const grants = [{ role: Role.VIEWER, queues: ["*"] }];

/** Tries it until it succeeds. */
async function expectSoon(attempt: () => Promise<unknown>): Promise<void> {
  try {
    await attempt();
  } catch {
    await new Promise((resolve) => setImmediate(resolve));
    await expectSoon(attempt);
  }
}
