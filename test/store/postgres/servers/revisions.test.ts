/** Servers that share a database learn that what they keep in memory has changed. */

import { afterAll, beforeAll, expect, test } from "vitest";
import type { StoredPrincipal, Token } from "../../../../src/domain/access/stored-principal.ts";
import type { Registration } from "../../../../src/domain/instance.ts";
import type { Revisions } from "../../../../src/store/cluster-store.ts";
import type { Store } from "../../../../src/store/store.ts";
import { newSubscription } from "../../../harness/calls/builders.ts";
import { isPostgresMissing } from "../../../harness/databases/postgres.ts";
import { startMs } from "../../store-harness.ts";
import { type OpenServers, serversForTests } from "../open-postgres.ts";
import { clusterOf } from "./sharing.ts";

const openServers = serversForTests();
const principal: StoredPrincipal = {
  name: "mail",
  grants: [],
  certificateUris: [],
  certificateDnsNames: [],
  createMs: startMs,
  updateMs: startMs,
};
const registration: Registration = {
  serviceName: "shop",
  instanceId: "a",
  registrationId: "r1",
  address: "10.0.0.1:80",
  capacity: 5,
  weight: 0,
  metadata: {},
  ttlMs: 30_000,
  isDraining: false,
  registerMs: startMs,
};
const token: Token = {
  id: "0123456789ab",
  principal: "mail",
  hash: "a".repeat(64),
  createMs: startMs,
  expireMs: null,
  lastUseMs: null,
  revokeMs: null,
};

let servers: OpenServers;
beforeAll(async () => {
  if (!isPostgresMissing) servers = await openServers(2);
});
afterAll(() => servers?.close());

/** In this order: each finds what those before it have stored. */
const steps: readonly (readonly [string, keyof Revisions | null, (store: Store) => Promise<unknown>])[] = [
  ["a principal is made", "access", (store) => store.putPrincipal(principal, null)],
  ["a principal is there already", null, (store) => store.putPrincipal(principal, null)],
  ["a principal is changed", "access", (store) => store.putPrincipal({ ...principal, updateMs: startMs + 1 }, startMs)],
  ["a principal was changed by another server", null, (store) => store.putPrincipal(principal, startMs)],
  ["a token is made", "access", (store) => store.putToken(token)],
  ["a token is used", null, (store) => store.setTokenUses([{ id: token.id, lastUseMs: startMs }])],
  ["a token has no principal", null, (store) => store.putToken({ ...token, principal: "nobody" })],
  ["a principal is deleted", "access", (store) => store.deletePrincipal("mail")],
  ["nothing is deleted", null, (store) => store.deletePrincipal("mail")],
  [
    "a service gets settings",
    "services",
    (store) => store.putService({ name: "shop", strategy: null, hashHeader: "", updateMs: startMs }, null),
  ],
  [
    "a service got settings at another server",
    null,
    (store) => store.putService({ name: "shop", strategy: null, hashHeader: "", updateMs: startMs + 1 }, null),
  ],
  ["an instance registers", "services", (store) => store.putInstances([registration])],
  ["an instance drains", "services", (store) => store.setDraining([{ ...registration, isDraining: true }])],
  ["an instance deregisters", "services", (store) => store.deleteInstances([registration])],
  ["no instance deregisters", null, (store) => store.deleteInstances([registration])],
  ["a queue is made", null, (store) => store.updateQueue("orders", {}, true, startMs)],
  ["a queue gets settings", "settings", (store) => store.updateQueue("orders", { paused: true }, true, startMs)],
  ["times are shifted", "shifts", (store) => store.shiftTimes(1_000, 0)],
  ["they have been shifted by this jump already", null, (store) => store.shiftTimes(1_000, 0)],
  ["they are shifted by another jump", "shifts", (store) => store.shiftTimes(1_000, 1)],
  ["a subscription is made", null, (store) => store.createSubscription(newSubscription(), { kind: "now" }, startMs)],
];

test.skipIf(isPostgresMissing).for(steps)("%s: %s is counted", async ([, counted, change]) => {
  const [writer, reader] = servers.stores;
  const read = async () => (await clusterOf(reader).renew()).revisions;
  const before = await read();
  await change(writer as Store);
  const after = await read();
  const more = Object.entries(after).filter(([what, n]) => n !== before[what as keyof Revisions]);
  expect(more).toEqual(counted === null ? [] : [[counted, before[counted] + 1]]);
});
