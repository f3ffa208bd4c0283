#!/usr/bin/env bash
# @grpc/grpc-js-xds 1.14.1 refuses a cluster whose ring_hash policy gives the size of the ring.
#
# `minimum_ring_size` and `maximum_ring_size` of envoy.extensions.load_balancing_policies.ring_hash.v3.RingHash are UInt64Values, which are read
# as text (longs: String); the check of the policy then demands numbers. So every size, the defaults of gRFC A42 too, is answered by a NACK, and
# calls fail by UNAVAILABLE. A ring without sizes is taken.
#
# Seen with grpc-js 1.14.7 and Node 24.21.0:
#   with a size: UNAVAILABLE, ring_hash config field min_ring_size must be a number if provided
#   without: OK
#
# Exits 0 while this is so, non-zero if it changes.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
echo '{"type": "module", "private": true}' > package.json
npm install --silent --no-audit --no-fund @grpc/grpc-js@1.14.7 @grpc/grpc-js-xds@1.14.1
cat > ads.mjs <<'JS'
// A server of xDS, state of the world, with messages encoded by hand, and an instance that answers.
import { Server, ServerCredentials } from "@grpc/grpc-js";

const varint = (n) => (n < 128 ? [n] : [(n & 127) | 128, ...varint(n >> 7)]);
export const number = (field, n) => Buffer.from([...varint(field << 3), ...varint(n)]);
export const bytes = (field, ...parts) => {
  const value = Buffer.concat(parts.map((part) => Buffer.from(part)));
  return Buffer.concat([Buffer.from([...varint((field << 3) | 2), ...varint(value.length)]), value]);
};
const url = (name) => `type.googleapis.com/envoy.${name}`;
export const any = (name, ...parts) => [bytes(1, url(name)), bytes(2, ...parts)];
/** The length-delimited fields of a message: [number, bytes]. */
function* fieldsOf(message) {
  for (let at = 0; at < message.length; ) {
    const read = () => { let n = 0; for (let shift = 0; ; shift += 7) { const byte = message[at++]; n += (byte & 127) * 2 ** shift; if (byte < 128) return n; } };
    const tag = read();
    if ((tag & 7) === 0) { read(); continue; }
    const length = read();
    yield [tag >> 3, message.subarray(at, (at += length))];
  }
}
const raw = (value) => value;
const method = (path, requestStream) => ({ path, requestStream, responseStream: requestStream, requestSerialize: raw, requestDeserialize: raw, responseSerialize: raw, responseDeserialize: raw });
const listen = (server) => new Promise((resolve, reject) => server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => (error ? reject(error) : resolve(port))));

export const types = { listener: "config.listener.v3.Listener", cluster: "config.cluster.v3.Cluster", assignment: "config.endpoint.v3.ClusterLoadAssignment" };
const route = [bytes(1, bytes(1, "")), bytes(2, bytes(1, "inventory"))];
const manager = [bytes(2, "x"), bytes(4, bytes(1, "r"), bytes(2, bytes(1, "v"), bytes(2, "*"), bytes(3, ...route))), bytes(5, bytes(1, "router"), bytes(4, ...any("extensions.filters.http.router.v3.Router")))];
export const listener = [bytes(1, "inventory"), bytes(19, bytes(1, ...any("extensions.filters.network.http_connection_manager.v3.HttpConnectionManager", ...manager)))];
/** EDS over the same stream. `more` are further fields. */
export const cluster = (...more) => [bytes(1, "inventory"), number(2, 3), bytes(3, bytes(1, bytes(3), number(6, 2))), ...more];
export const assignment = (...ports) => [bytes(1, "inventory"), ...(ports.length === 0 ? [] : [bytes(2, bytes(1, bytes(1, "here")), ...ports.map((port) => bytes(2, bytes(1, bytes(1, bytes(1, bytes(2, "127.0.0.1"), number(3, port)))))), bytes(3, number(1, 1)))])];

/** Starts the server; `put` changes a resource and sends it, `null` takes it away. */
export async function startAds() {
  const resources = {};
  const refusals = [];
  let stream = null;
  let nonce = 0;
  const asked = new Set();
  const send = (type) => {
    const resource = resources[type];
    stream?.write(Buffer.concat([bytes(1, String(++nonce)), ...(resource ? [bytes(2, ...any(types[type], ...resource))] : []), bytes(4, url(types[type])), bytes(5, String(nonce))]));
  };
  const server = new Server();
  server.addService({ go: method("/envoy.service.discovery.v3.AggregatedDiscoveryService/StreamAggregatedResources", true) }, {
    go(call) {
      stream = call;
      asked.clear();
      const wanted = {};
      call.on("error", () => undefined);
      call.on("data", (request) => {
        const fields = [...fieldsOf(request)];
        const type = Object.keys(types).find((each) => fields.some(([field, value]) => field === 4 && String(value) === url(types[each])));
        const names = fields.filter(([field]) => field === 3).map(([, value]) => String(value)).join();
        for (const [field, value] of fields) if (field === 6) for (const [inner, text] of fieldsOf(value)) if (inner === 2) refusals.push(String(text));
        if (wanted[type] === names) return;
        wanted[type] = names;
        if (names === "") { asked.delete(type); return; }
        asked.add(type);
        if (resources[type]) send(type);
      });
    },
  });
  const port = await listen(server);
  const bootstrap = JSON.stringify({ xds_servers: [{ server_uri: `127.0.0.1:${port}`, channel_creds: [{ type: "insecure" }], server_features: ["xds_v3"] }], node: { id: "n", locality: {} } });
  return { bootstrap, refusals, put(type, resource) { resources[type] = resource; if (asked.has(type)) send(type); } };
}

/** Starts an instance that answers with nothing, and counts. */
export async function startInstance() {
  const server = new Server();
  const instance = { port: 0, calls: 0 };
  server.addService({ go: method("/test.Echo/Say", false) }, { go(_call, answer) { instance.calls++; answer(null, Buffer.alloc(0)); } });
  instance.port = await listen(server);
  return instance;
}
JS
cat > run.mjs <<'JS'
import { Client, credentials, status } from "@grpc/grpc-js";
import { register } from "@grpc/grpc-js-xds";
import { any, assignment, bytes, cluster, listener, number, startAds, startInstance } from "./ads.mjs";

const ads = await startAds();
process.env.GRPC_XDS_BOOTSTRAP_CONFIG = ads.bootstrap;
register();
const { port } = await startInstance();
/** XX_HASH, which is the default, and further fields. */
const ring = (...more) => {
  const policy = any("extensions.load_balancing_policies.ring_hash.v3.RingHash", number(1, 1), ...more);
  return cluster(bytes(41, bytes(1, bytes(4, bytes(1, "ring_hash"), bytes(2, ...policy)))));
};
ads.put("listener", listener);
ads.put("cluster", ring(bytes(2, number(1, 1024))));
ads.put("assignment", assignment(port));
const client = new Client("xds:///inventory", credentials.createInsecure());
const raw = (value) => value;
const call = () => new Promise((resolve) => {
  const options = { deadline: Date.now() + 5_000 };
  client.makeUnaryRequest("/test.Echo/Say", raw, raw, Buffer.alloc(0), options, (error) => resolve(status[error?.code ?? status.OK]));
});
const first = await call();
const [refusal = ""] = ads.refusals;
const found = [`with a size: ${first}, ${/ring_hash config.*provided/.exec(refusal)?.[0]}`];
ads.put("cluster", ring());
let second = await call();
for (const endMs = Date.now() + 5_000; second !== "OK" && Date.now() < endMs; second = await call()) await new Promise((resolve) => setTimeout(resolve, 50));
found.push(`without: ${second}`);
for (const line of found) console.log(line);
const expected = ["with a size: UNAVAILABLE, ring_hash config field min_ring_size must be a number if provided", "without: OK"];
process.exit(JSON.stringify(found) === JSON.stringify(expected) ? 0 : 1);
JS
node run.mjs
