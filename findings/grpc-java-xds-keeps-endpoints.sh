#!/usr/bin/env bash
# grpc-java 1.85.1 (grpc-xds) goes on calling the endpoints that it had when a server of xDS says that there are none left.
#
# A ClusterLoadAssignment without localities says that nothing can be called (so does one whose endpoints are all DRAINING or UNHEALTHY). The
# client acknowledges it and goes on calling the old endpoint, with no end seen. When it is the first assignment, calls fail as they should
# ("No usable endpoint from cluster"). When the cluster itself is taken away the client stops. grpc-go, grpcio and grpc-js fail by UNAVAILABLE
# in both cases.
#
# Seen with JDK 17:
#   with an endpoint: OK
#   without one, after 5 s: OK, called 1
#   without the cluster: UNAVAILABLE
#
# Exits 0 while this is so, non-zero if it changes.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
echo '{"type": "module", "private": true}' > package.json
npm install --silent --no-audit --no-fund @grpc/grpc-js@1.14.7
cat > pom.xml <<'XML'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>finding</groupId>
  <artifactId>finding</artifactId>
  <version>1</version>
  <dependencies>
    <dependency><groupId>io.grpc</groupId><artifactId>grpc-xds</artifactId><version>1.85.1</version></dependency>
    <dependency><groupId>io.grpc</groupId><artifactId>grpc-netty-shaded</artifactId><version>1.85.1</version></dependency>
  </dependencies>
</project>
XML
cat > Main.java <<'JAVA'
import io.grpc.*;
import io.grpc.stub.ClientCalls;
import java.io.*;
import java.util.concurrent.TimeUnit;

/** Makes a call for each line of standard input, and prints its status. */
public class Main {
  static final MethodDescriptor.Marshaller<byte[]> RAW = new MethodDescriptor.Marshaller<>() {
    public InputStream stream(byte[] value) { return new ByteArrayInputStream(value); }
    public byte[] parse(InputStream stream) { return new byte[0]; }
  };

  public static void main(String[] args) throws IOException {
    var channel = Grpc.newChannelBuilder("xds:///inventory", InsecureChannelCredentials.create()).build();
    var method = MethodDescriptor.newBuilder(RAW, RAW).setType(MethodDescriptor.MethodType.UNARY).setFullMethodName("test.Echo/Say").build();
    var lines = new BufferedReader(new InputStreamReader(System.in));
    while (lines.readLine() != null) {
      try {
        ClientCalls.blockingUnaryCall(channel, method, CallOptions.DEFAULT.withDeadlineAfter(10, TimeUnit.SECONDS), new byte[0]);
        System.out.println("OK");
      } catch (StatusRuntimeException e) {
        System.out.println(e.getStatus().getCode());
      }
    }
    System.exit(0);
  }
}
JAVA
mvn --quiet --batch-mode dependency:build-classpath -Dmdep.outputFile=classpath
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
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { assignment, cluster, listener, startAds, startInstance } from "./ads.mjs";

const ads = await startAds();
const instance = await startInstance();
ads.put("listener", listener);
ads.put("cluster", cluster());
ads.put("assignment", assignment(instance.port));
const child = spawn("java", ["-cp", readFileSync("classpath", "utf8"), "Main.java"], { env: { ...process.env, GRPC_XDS_BOOTSTRAP_CONFIG: ads.bootstrap }, stdio: ["pipe", "pipe", "ignore"] });
const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
const call = async () => {
  child.stdin.write("\n");
  return (await lines.next()).value;
};
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
/** Calls until it comes to something, for at most five seconds; answers what it came to. */
async function until(wanted) {
  let found = await call();
  for (const endMs = Date.now() + 5_000; found !== wanted && Date.now() < endMs; found = await call()) await pause(50);
  return found;
}
const found = [`with an endpoint: ${await until("OK")}`];
ads.put("assignment", assignment());
const later = await until("UNAVAILABLE");
const before = instance.calls;
await call();
found.push(`without one, after 5 s: ${later}, called ${instance.calls - before}`);
ads.put("cluster", null);
found.push(`without the cluster: ${await until("UNAVAILABLE")}`);
child.stdin.end();
for (const line of found) console.log(line);
const expected = ["with an endpoint: OK", "without one, after 5 s: OK, called 1", "without the cluster: UNAVAILABLE"];
process.exit(JSON.stringify(found) === JSON.stringify(expected) ? 0 : 1);
JS
node run.mjs
