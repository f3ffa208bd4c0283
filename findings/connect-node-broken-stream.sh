#!/usr/bin/env bash
# @connectrpc/connect-node 2.3.0 tells a killed server as `canceled`, the code for a call that its own caller has given up.
#
# A server stream is open over gRPC and the server's process is killed: the connection is cut without a trailer. grpc-js, grpc-go,
# grpc-java and grpcio tell it as UNAVAILABLE, which retry policies and reconnecting loops look for. connect-node's gRPC transport
# rejects with Code.Canceled, though no signal was aborted and no deadline has passed. Code that takes `canceled` for "we ended this
# ourselves" never reconnects.
#
# Seen with Node 20.20.2 and Node 24.21.0, server and reference client @grpc/grpc-js 1.14.7:
#   grpc-js: UNAVAILABLE
#   connect-node: canceled
#
# Exits 0 while this is so, non-zero if it changes.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
echo '{"type": "module", "private": true}' > package.json
npm install --silent --no-audit --no-fund @grpc/grpc-js@1.14.7 @connectrpc/connect@2.3.0 @connectrpc/connect-node@2.3.0 \
  @bufbuild/protobuf@2.17.0
cat > server.mjs <<'JS'
import { Server, ServerCredentials } from "@grpc/grpc-js";

const bytes = (value) => value;
const watch = {
  path: "/grpc.health.v1.Health/Watch", requestStream: false, responseStream: true,
  requestSerialize: bytes, requestDeserialize: bytes, responseSerialize: bytes, responseDeserialize: bytes,
};
const server = new Server();
// One message, { status: SERVING }, and then nothing.
server.addService({ Watch: watch }, { Watch: (call) => { call.write(Buffer.from([8, 1])); } });
server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error;
  console.log(port);
});
JS
cat > run.mjs <<'JS'
import { spawn } from "node:child_process";
import { once } from "node:events";
import { Client, credentials, status } from "@grpc/grpc-js";
import { Code, createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { fileDesc, serviceDesc } from "@bufbuild/protobuf/codegenv2";
import { create, toBinary } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";

// The descriptor of grpc.health.v1, from its published field numbers.
const file = create(FileDescriptorProtoSchema, {
  name: "health.proto", package: "grpc.health.v1", syntax: "proto3",
  messageType: [
    { name: "HealthCheckRequest", field: [{ name: "service", number: 1, type: 9, label: 1 }] },
    { name: "HealthCheckResponse", field: [{ name: "status", number: 1, type: 5, label: 1 }] },
  ],
  service: [{ name: "Health", method: [{
    name: "Watch", inputType: ".grpc.health.v1.HealthCheckRequest", outputType: ".grpc.health.v1.HealthCheckResponse",
    serverStreaming: true }] }],
});
const Health = serviceDesc(fileDesc(Buffer.from(toBinary(FileDescriptorProtoSchema, file)).toString("base64")), 0);

async function startServer() {
  const child = spawn(process.execPath, ["server.mjs"], { stdio: ["ignore", "pipe", "inherit"] });
  const [port] = await once(child.stdout, "data");
  return { port: Number(port), kill: () => child.kill("SIGKILL") };
}

async function withGrpcJs() {
  const server = await startServer();
  const client = new Client(`127.0.0.1:${server.port}`, credentials.createInsecure());
  const bytes = (value) => value;
  const stream = client.makeServerStreamRequest("/grpc.health.v1.Health/Watch", bytes, bytes, Buffer.alloc(0));
  stream.on("data", () => server.kill());
  const [error] = await once(stream, "error").catch((thrown) => [thrown]);
  client.close();
  return status[error.code];
}

async function withConnect() {
  const server = await startServer();
  const client = createClient(Health, createGrpcTransport({ baseUrl: `http://127.0.0.1:${server.port}` }));
  try {
    for await (const _ of client.watch({})) server.kill();
    return "a clean end";
  } catch (error) {
    return Code[error.code].toLowerCase();
  }
}

const found = [`grpc-js: ${await withGrpcJs()}`, `connect-node: ${await withConnect()}`];
console.log(found.join("\n"));
process.exit(found.join() === "grpc-js: UNAVAILABLE,connect-node: canceled" ? 0 : 1);
JS
timeout 60 node run.mjs
