#!/usr/bin/env bash
# Metadata that a client of @grpc/grpc-js 1.14.7 sends can fail other calls of its connection.
#
# A call with one value of 100,000 bytes ends with INTERNAL, "Received RST_STREAM with code 9", and so does every other call that is open on the
# connection: what is wrong with one call closes the connection. The server has advertised no limit on the size of headers. 66,000 bytes are taken.
# A call with 120 entries is refused by the server's side of Node, with RESOURCE_EXHAUSTED and a text of the client's own ("Bandwidth
# exhausted or memory limit exceeded"): the limit is Node's 128 header fields, gRPC's own among them, and the application is not asked. Here
# the other calls go on.
#
# Seen with Node 24.21.0:
#   100 entries: OK, the other call goes on
#   120 entries: RESOURCE_EXHAUSTED: Bandwidth exhausted or memory limit exceeded, the other call goes on
#   a value of 66000 bytes: OK, the other call goes on
#   a value of 100000 bytes: INTERNAL: Received RST_STREAM with code 9, the other call ends: INTERNAL
#
# Exits 0 while this is so, non-zero if it changes.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
echo '{"type": "module", "private": true}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts @grpc/grpc-js@1.14.7
cat > run.mjs <<'JS'
import grpc from "@grpc/grpc-js";

const asIs = (bytes) => bytes;
const method = (path, responseStream) => ({
  path,
  requestStream: false,
  responseStream,
  requestSerialize: asIs,
  requestDeserialize: asIs,
  responseSerialize: asIs,
  responseDeserialize: asIs,
});
const service = { wait: method("/example.Example/Wait", true), echo: method("/example.Example/Echo", false) };

const server = new grpc.Server();
server.addService(service, { wait: () => undefined, echo: (call, callback) => callback(null, call.request) });
const port = await new Promise((resolve, reject) => {
  const credentials = grpc.ServerCredentials.createInsecure();
  server.bindAsync("127.0.0.1:0", credentials, (error, bound) => (error ? reject(error) : resolve(bound)));
});
const Client = grpc.makeGenericClientConstructor(service, "Example");

/** Calls with some metadata beside a stream that is open on the same connection. */
async function outcome(name, fill) {
  const client = new Client(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
  const echo = (metadata) =>
    new Promise((resolve) => {
      const options = { deadline: Date.now() + 10_000 };
      client.echo(Buffer.alloc(1), metadata, options, (error) =>
        resolve(error ? `${grpc.status[error.code]}: ${error.details}` : "OK"),
      );
    });
  let other = "goes on";
  const stream = client.wait(Buffer.alloc(0));
  stream.on("data", () => undefined);
  const ended = new Promise((resolve) => stream.on("error", resolve)).then((error) => {
    other = `ends: ${grpc.status[error.code]}`;
  });
  await echo(new grpc.Metadata());
  const metadata = new grpc.Metadata();
  fill(metadata);
  const result = await echo(metadata);
  await Promise.race([ended, echo(new grpc.Metadata())]);
  await new Promise((resolve) => setImmediate(resolve));
  console.log(`${name}: ${result}, the other call ${other}`);
  client.close();
}

const entries = (n) => (metadata) => {
  for (let index = 0; index < n; index++) metadata.set(`key-${index}`, "v");
};
const bytes = (n) => (metadata) => metadata.set("key", "v".repeat(n));
await outcome("100 entries", entries(100));
await outcome("120 entries", entries(120));
await outcome("a value of 66000 bytes", bytes(66_000));
await outcome("a value of 100000 bytes", bytes(100_000));
server.forceShutdown();
JS
node run.mjs | tee seen.txt
cat > expected.txt <<'TXT'
100 entries: OK, the other call goes on
120 entries: RESOURCE_EXHAUSTED: Bandwidth exhausted or memory limit exceeded, the other call goes on
a value of 66000 bytes: OK, the other call goes on
a value of 100000 bytes: INTERNAL: Received RST_STREAM with code 9, the other call ends: INTERNAL
TXT
diff expected.txt seen.txt
