import { connect } from "node:http2";
import { create, toBinary } from "@bufbuild/protobuf";
import { status } from "@grpc/grpc-js";
import { expect, onTestFinished, test } from "vitest";
import {
  AggregatedDiscoveryService,
  DiscoveryRequestSchema,
} from "../../../gen/envoy/service/discovery/v3/discovery_pb.js";
import { typeUrls } from "../../../src/rpc/xds/resources.ts";
import { createFakeClock } from "../../harness/fake-clock.ts";
import { refusalOf } from "../../harness/refusal.ts";
import { startServer } from "../../harness/server.ts";
import { frame, rawCall } from "../rpc-harness.ts";
import { countWatchers, endpointsOf, openStream, register } from "./ads-harness.ts";

const inventory = ["inventory"];
const { cluster, assignment, listener } = typeUrls;

test.each([
  ["another type", { typeUrl: "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret" }, "the type"],
  ["no type", { resourceNames: inventory }, 'the type ""'],
  ["a type of a megabyte", { typeUrl: "x".repeat(1_048_576) }, "the type"],
  ["control characters", { typeUrl: "\u001b[2J\n" }, 'the type "\\u001b[2J\\n"'],
])("%s is not answered, logged once and disturbs nothing", async (_what, request, said) => {
  await using server = await startServer();
  await register(server, "a");
  const stream = openStream(server);
  for (let n = 0; n < 3; n++) stream.send(request);
  expect((await stream.ask({ typeUrl: cluster, resourceNames: inventory })).resources).toHaveLength(1);
  const logged = server.log.filter(({ message }) => message.startsWith(`a client of xDS asks for ${said}`));
  expect(logged).toHaveLength(1);
  expect(logged[0]?.message.length).toBeLessThan(300);
});

test("names that no service can have, and names twice, are left out of the answer", async () => {
  await using server = await startServer();
  await register(server, "a");
  const stream = openStream(server);
  const odd = ["", "no such/name", "xdstp://sitq/envoy.config.cluster.v3.Cluster/inventory", "ü", "x".repeat(101)];
  const names = [...odd, "inventory", "inventory"];
  expect((await stream.ask({ typeUrl: cluster, resourceNames: names })).resources).toHaveLength(1);
  expect(await countWatchers(server)).toBe(1);
  const logged = server.log.filter(({ message }) => message.startsWith("a client of xDS asks for the name"));
  expect(logged).toHaveLength(odd.length);
});

test("a client need not say who it is, and what it says is cut", async () => {
  await using server = await startServer();
  await register(server, "a");
  const nameless = openStream(server);
  nameless.refuse(await nameless.ask({ typeUrl: cluster, resourceNames: inventory }), inventory, "no");
  await server.logged("a client of xDS has refused");
  const hostile = openStream(server);
  const long = "\u001b]0;owned\u0007".repeat(80_000);
  const node = { id: long, userAgentName: long, locality: { region: long, zone: long } };
  const response = await hostile.ask({ typeUrl: cluster, resourceNames: inventory, node });
  hostile.refuse(response, inventory, long);
  await server.logged("a client of xDS has refused", 2);
  const facts = server.log.filter(({ level }) => level === "warn").map((entry) => entry.facts);
  expect(facts).toMatchObject([{ node: "" }, {}]);
  expect(JSON.stringify(facts).length).toBeLessThan(10_000);
  const { service } = await server.registry.getService({ name: "inventory" });
  expect(service?.xds?.lastRefusal).toHaveLength(1_024);
});

test("a message above the bound ends its own stream, with the reason", async () => {
  await using server = await startServer({ config: { maxReceiveBytes: 131_072, maxPayloadBytes: 65_536 } });
  await register(server, "a");
  const [greedy, modest] = [openStream(server), openStream(server)];
  const refusal = await refusalOf(greedy.ask({ typeUrl: cluster, resourceNames: ["x".repeat(200_000)] }));
  expect(refusal).toMatchObject({ code: "RESOURCE_EXHAUSTED" });
  expect((await modest.ask({ typeUrl: cluster, resourceNames: inventory })).resources).toHaveLength(1);
});

test("a stream that asks for too many names is refused with the field, and leaves no watch", async () => {
  await using server = await startServer();
  await register(server, "a");
  const [greedy, modest] = [openStream(server), openStream(server)];
  await greedy.ask({ typeUrl: listener, resourceNames: inventory });
  const names = Array.from({ length: 10_000 }, (_, at) => `service-${at}`);
  const refusal = await refusalOf(greedy.ask({ typeUrl: cluster, resourceNames: names }));
  expect(refusal).toMatchObject({ code: "INVALID_ARGUMENT", reason: "INVALID_FIELD", field: "resource_names" });
  expect((await modest.ask({ typeUrl: assignment, resourceNames: inventory })).resources).toHaveLength(1);
  expect(await countWatchers(server)).toBe(1);
  await register(server, "b");
  expect(endpointsOf(await modest.next())).toHaveLength(2);
});

test("nonces that it was not sent, or before, refuse nothing; what it asks for with them counts", async () => {
  await using server = await startServer();
  await register(server, "a");
  const stream = openStream(server);
  // Of another server's life: taken for the first request of a stream.
  const known = { versionInfo: "99", responseNonce: "99" };
  const first = await stream.ask({ ...known, typeUrl: assignment, resourceNames: inventory });
  await register(server, "b");
  const second = await stream.next();
  for (const nonce of [first.nonce, "99", "-1", "x".repeat(100_000)]) {
    stream.refuse({ ...first, nonce }, ["orders"], "an old nonce");
    stream.send({ typeUrl: assignment, responseNonce: nonce, resourceNames: ["orders"] });
  }
  expect(endpointsOf(await stream.next())).toEqual([]);
  stream.acknowledge(second, inventory);
  expect(endpointsOf(await stream.next())).toHaveLength(2);
  await register(server, "c");
  expect(endpointsOf(await stream.next())).toHaveLength(3);
  const { service } = await server.registry.getService({ name: "inventory" });
  expect(service?.xds).toMatchObject({ watchers: 1, refusals: 0n });
});

test("a stream ends when its client has sent its last request", async () => {
  await using server = await startServer();
  await register(server, "a");
  const stream = openStream(server);
  await stream.ask({ typeUrl: cluster, resourceNames: inventory });
  stream.halfClose();
  expect(await stream.isOver()).toBe(true);
  expect(await countWatchers(server)).toBe(0);
});

test("answers to responses are free, and more of them than responses end the stream", async () => {
  await using server = await startServer({ clock: createFakeClock(), config: { maxIdleMessages: 20 } });
  await register(server, "a");
  const stream = openStream(server);
  let response = await stream.ask({ typeUrl: assignment, resourceNames: inventory });
  for (let n = 0; n < 30; n++) {
    stream.acknowledge(response, inventory);
    await register(server, n % 2 === 0 ? "b" : "a", { weight: n + 1 });
    response = await stream.next();
  }
  for (let n = 0; n < 22; n++) stream.acknowledge(response, inventory);
  expect(await refusalOf(stream.next())).toMatchObject({ reason: "TOO_MANY_IDLE_MESSAGES" });
  expect(await countWatchers(server)).toBe(0);
});

test("a stream that asks anew without end waits, and others get changes meanwhile", async () => {
  const clock = createFakeClock();
  await using server = await startServer({ clock });
  await register(server, "a");
  const [restless, calm] = [openStream(server), openStream(server)];
  await calm.ask({ typeUrl: assignment, resourceNames: inventory });
  for (let n = 0; n < 1_500; n++) {
    restless.send({ typeUrl: listener, resourceNames: n % 2 === 0 ? inventory : ["orders", "inventory"] });
  }
  for (let n = 0; n < 1_000; n++) await restless.next();
  await register(server, "b");
  expect(endpointsOf(await calm.next())).toHaveLength(2);
  // The rest comes at the pace that is allowed: a hundred in a second.
  const rest = (async () => {
    for (let n = 0; n < 500; n++) await restless.next();
  })();
  let isDone = false;
  void rest.then(() => {
    isDone = true;
  });
  for (let passedMs = 0; !isDone; passedMs += 10) {
    expect(passedMs).toBeLessThan(10_000);
    await clock.timers((pending) => pending > 0);
    clock.advance(10);
    await new Promise((resolve) => setImmediate(resolve));
  }
  await rest;
});

test("a client that reads nothing is ended, and others get changes meanwhile", async () => {
  const clock = createFakeClock();
  await using server = await startServer({ clock });
  const names = Array.from({ length: 1_000 }, (_, at) => `service-${at}`);
  await Promise.all(names.map((serviceName) => register(server, "a", { serviceName })));
  const session = connect(`http://${server.address}`);
  onTestFinished(() => session.destroy());
  const { stream, status: ended } = rawCall(
    session,
    `/${AggregatedDiscoveryService.typeName}/StreamAggregatedResources`,
  );
  stream.pause();
  for (const typeUrl of [listener, cluster, assignment]) {
    const request = create(DiscoveryRequestSchema, { typeUrl, resourceNames: names });
    stream.write(frame(toBinary(DiscoveryRequestSchema, request)));
  }
  const calm = openStream(server);
  await calm.ask({ typeUrl: assignment, resourceNames: ["service-1"] });
  await register(server, "b", { serviceName: "service-1" });
  // After much work the sending rests for a while.
  clock.advance(1_000);
  expect(endpointsOf(await calm.next())).toHaveLength(2);
  clock.advance(60_000);
  stream.resume();
  expect(await ended).toMatchObject({ code: status.RESOURCE_EXHAUSTED, reason: "WATCH_TOO_SLOW" });
  expect(await countWatchers(server, "service-1")).toBe(1);
  session.destroy();
});
