import { expect, test } from "vitest";
import { type DiscoveryRequest, DiscoveryRequestSchema } from "../../../gen/envoy/service/discovery/v3/discovery_pb.js";
import { codecOf } from "../../../src/grpc/message-codec.ts";
import type { RpcContext } from "../../../src/rpc/calls/rpc-context.ts";
import { adsHandlers } from "../../../src/rpc/xds/ads-service.ts";
import { AdsTally } from "../../../src/rpc/xds/ads-tally.ts";
import type { Catalog } from "../../../src/rpc/xds/catalog.ts";
import { Nacks } from "../../../src/rpc/xds/nacks.ts";
import { typeUrls } from "../../../src/rpc/xds/resources.ts";
import { createFakeClock } from "../../harness/fake-clock.ts";

const nothing = () => undefined;

/** The buffer in front of a client: full after each message, and empty when the client has read it. */
class OneMessage {
  readonly #listeners: (() => void)[] = [];
  sent = 0;
  writable = true;

  send(): boolean {
    this.sent++;
    this.writable = false;
    return false;
  }

  bound(): void {
    // It holds one message.
  }

  drained(): Promise<void> {
    return Promise.resolve();
  }

  onDrain(listener: () => void): void {
    this.#listeners.push(listener);
  }

  read(): void {
    this.writable = true;
    for (const listener of this.#listeners) listener();
  }
}

test("a client that has read some of what it was sent is ended a minute after it has read last", async () => {
  const clock = createFakeClock();
  const resource = { $typeName: "google.protobuf.Any", typeUrl: "", value: new Uint8Array() };
  const catalog = { watch: nothing, unwatch: nothing, isPending: () => false, resource: () => resource };
  const { streamAggregatedResources } = adsHandlers({
    catalog: catalog as unknown as Catalog,
    nacks: new Nacks(clock, { warn: nothing }),
    tally: new AdsTally(),
    watchers: { takePlace: () => nothing },
    clock,
    log: { info: nothing },
    maxIdleMessages: 100,
    stopped: new AbortController().signal,
  });
  const context = {
    signal: new AbortController().signal,
    peer: "",
    scope: { allows: () => true },
    onRightsChange: nothing,
  };
  const out = new OneMessage();
  async function* requests(): AsyncGenerator<DiscoveryRequest> {
    for (const typeUrl of [typeUrls.listener, typeUrls.cluster, typeUrls.assignment]) {
      yield { ...codecOf(DiscoveryRequestSchema).blank(), typeUrl, resourceNames: ["inventory"] };
    }
    await new Promise(nothing);
  }
  const end = streamAggregatedResources(requests(), context as unknown as RpcContext, out).catch((error) => error);
  await new Promise((resolve) => setImmediate(resolve));
  expect(out.sent).toBe(1);
  clock.advance(40_000);
  out.read();
  expect(out.sent).toBe(2);
  clock.advance(59_000);
  expect(clock.pendingTimers).toBe(1);
  clock.advance(1_000);
  expect(await end).toMatchObject({ reason: "WATCH_TOO_SLOW" });
  expect(clock.pendingTimers).toBe(0);
});
