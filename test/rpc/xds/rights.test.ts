import { expect, test } from "vitest";
import { BalancingStrategy } from "../../../gen/sitq/v1/queue_pb.js";
import type { Principal } from "../../../src/domain/access/principal.ts";
import { credentialsRevoked } from "../../../src/domain/refusals/access.ts";
import type { Authenticator } from "../../../src/rpc/calls/authorize.ts";
import { typeUrls } from "../../../src/rpc/xds/resources.ts";
import { as, type GrantInit, trustingAuthenticator } from "../../harness/calls/principals.ts";
import { refusalOf } from "../../harness/refusal.ts";
import { startServer, type TestServer } from "../../harness/server.ts";
import { endpointsOf, openStream, servicesOf } from "./ads-harness.ts";

const root = as("root", { role: "admin" });
const { listener, route, cluster, assignment } = typeUrls;

/** Principals whose rights a test changes, but for those of root. */
function changeable() {
  const listeners: (() => void)[] = [];
  let refreshed = (principal: Principal): Principal => principal;
  const authenticator: Authenticator = {
    principalOf: trustingAuthenticator.principalOf,
    changes: {
      refreshed: (principal) => (principal.name === "root" ? principal : refreshed(principal)),
      onChange: (added) => listeners.push(added),
    },
  };
  return {
    authenticator,
    change(to: typeof refreshed): void {
      refreshed = to;
      for (const each of listeners) each();
    },
  };
}

const viewerOf = (...service: string[]): GrantInit => ({ role: "viewer", service });
const grantsOf = (grant: GrantInit): Principal["grants"] => [
  { payloads: false, queue: [], event_type: [], service: [], ...grant },
];

async function register(server: TestServer, serviceName: string, instanceId = "a") {
  await server.registry.registerInstance(
    { serviceName, instanceId, address: `10.0.0.${instanceId.charCodeAt(0)}:80` },
    root,
  );
}

test.each(["producer", "worker", "viewer", "operator"] as const)(
  "a %s sees the services of its scope",
  async (role) => {
    await using server = await startServer({ authenticator: trustingAuthenticator });
    for (const name of ["shop-a", "shop-b", "bank"]) await register(server, name);
    const stream = openStream(server, as("client", { role, service: ["shop-*"] }));
    const response = await stream.ask({ typeUrl: assignment, resourceNames: ["shop-a", "shop-b", "bank"] });
    expect(endpointsOf(response)).toHaveLength(2);
  },
);

test("a stream needs credentials", async () => {
  await using server = await startServer({ authenticator: trustingAuthenticator });
  const refusal = await refusalOf(openStream(server).ask({ typeUrl: cluster, resourceNames: ["shop"] }));
  expect(refusal).toMatchObject({ code: "UNAUTHENTICATED" });
});

test("a service that it may not see looks like one that there is not, also when it changes", async () => {
  await using server = await startServer({ authenticator: trustingAuthenticator });
  await register(server, "bank");
  await register(server, "shop");
  const service = { name: "bank", strategy: BalancingStrategy.STICKY, hashHeader: "x-customer" };
  await server.registry.updateService({ service }, root);
  const stream = openStream(server, as("client", viewerOf("shop")));
  for (const typeUrl of [listener, route, cluster, assignment]) {
    const { resources } = await stream.ask({ typeUrl, resourceNames: ["bank", "none"] });
    const [bank = "", none = ""] = resources.map(({ value }) => Buffer.from(value).toString("latin1"));
    expect(bank.replaceAll("bank", "none")).toBe(none);
  }
  await register(server, "bank", "b");
  await server.registry.deregisterInstance({ serviceName: "bank", instanceId: "a" }, root);
  // Nothing comes of these changes.
  expect(await stream.ask({ typeUrl: cluster, resourceNames: ["shop"] })).toMatchObject({ typeUrl: cluster });
  const { service: seen } = await server.registry.getService({ name: "bank" }, root);
  expect(seen?.xds?.watchers).toBe(0);
});

test("a token that is revoked ends the stream, and its watches", async () => {
  const principals = changeable();
  await using server = await startServer({ authenticator: principals.authenticator });
  await register(server, "shop");
  const stream = openStream(server, as("client", viewerOf("shop")));
  await stream.ask({ typeUrl: assignment, resourceNames: ["shop"] });
  principals.change(() => {
    throw credentialsRevoked("0123456789ab", 0);
  });
  expect(await refusalOf(stream.next())).toMatchObject({ reason: "CREDENTIALS_REVOKED" });
  const { service } = await server.registry.getService({ name: "shop" }, root);
  expect(service?.xds?.watchers).toBe(0);
});

test("a scope that changes takes services away and brings them at once, and without a role the stream ends", async () => {
  const principals = changeable();
  await using server = await startServer({ authenticator: principals.authenticator });
  for (const name of ["shop", "bank"]) await register(server, name);
  const both = ["bank", "shop"];
  const stream = openStream(server, as("client", viewerOf(...both)));
  expect(endpointsOf(await stream.ask({ typeUrl: assignment, resourceNames: both }))).toHaveLength(2);
  principals.change((was) => ({ ...was, grants: grantsOf(viewerOf("shop")) }));
  const taken = await stream.next();
  expect([servicesOf(taken), endpointsOf(taken)]).toEqual([["bank"], []]);
  principals.change((was) => ({ ...was, grants: grantsOf(viewerOf("shop", "bank")) }));
  const back = await stream.next();
  expect([servicesOf(back), endpointsOf(back)]).toEqual([["bank"], ["10.0.0.97:80 HEALTHY"]]);
  principals.change((was) => ({ ...was, grants: [] }));
  expect(await refusalOf(stream.next())).toMatchObject({ reason: "ROLE_REQUIRED" });
});
