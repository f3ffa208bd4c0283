#!/usr/bin/env bash
# @grpc/grpc-js-xds 1.14.1 does not notice a resource that was taken away and comes back the same.
#
# A server of xDS takes a cluster away by a response without it (state of the world), as it does when nothing is left to be called. The
# client fails calls by UNAVAILABLE, as it should. When the cluster comes back with the bytes that it had, the client acknowledges it and goes
# on failing: `cachedResource` keeps what was deleted, and what equals it is not handed to the watchers. Only a cluster that differs ends it.
# The same holds for listeners. Other clients (grpc-go, grpcio, grpc-java) go on as soon as the cluster is back.
#
# Seen with grpc-js 1.14.7 and Node 24.21.0:
#   with the cluster: OK
#   without: UNAVAILABLE
#   the same again, after 5 s: UNAVAILABLE
#   a different one: OK
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
const number = (field, n) => Buffer.from([...varint(field << 3), ...varint(n)]);
const bytes = (field, ...parts) => {
  const value = Buffer.concat(parts.map((part) => Buffer.from(part)));
  return Buffer.concat([Buffer.from([...varint((field << 3) | 2), ...varint(value.length)]), value]);
};
const url = (name) => `type.googleapis.com/envoy.${name}`;
const any = (name, ...parts) => [bytes(1, url(name)), bytes(2, ...parts)];
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
import { assignment, cluster, listener, startAds, startInstance } from "./ads.mjs";

const ads = await startAds();
process.env.GRPC_XDS_BOOTSTRAP_CONFIG = ads.bootstrap;
register();
const { port } = await startInstance();
ads.put("listener", listener);
ads.put("cluster", cluster());
ads.put("assignment", assignment(port));
const client = new Client("xds:///inventory", credentials.createInsecure());
const raw = (value) => value;
const call = () => new Promise((resolve) => {
  const options = { deadline: Date.now() + 5_000 };
  client.makeUnaryRequest("/test.Echo/Say", raw, raw, Buffer.alloc(0), options, (error) => resolve(status[error?.code ?? status.OK]));
});
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
/** Calls until it comes to something, for at most five seconds; answers what it came to. */
async function until(wanted) {
  let found = await call();
  for (const endMs = Date.now() + 5_000; found !== wanted && Date.now() < endMs; found = await call()) await pause(50);
  return found;
}
const found = [`with the cluster: ${await until("OK")}`];
ads.put("cluster", null);
found.push(`without: ${await until("UNAVAILABLE")}`);
ads.put("cluster", cluster());
found.push(`the same again, after 5 s: ${await until("OK")}`);
// circuit_breakers: at most 9 calls at a time.
ads.put("cluster", cluster(Buffer.from([0x52, 6, 0x0a, 4, 0x22, 2, 8, 9])));
found.push(`a different one: ${await until("OK")}`);
for (const line of found) console.log(line);
const expected = ["with the cluster: OK", "without: UNAVAILABLE", "the same again, after 5 s: UNAVAILABLE", "a different one: OK"];
process.exit(JSON.stringify(found) === JSON.stringify(expected) ? 0 : 1);
JS
node run.mjs
