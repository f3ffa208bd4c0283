#!/usr/bin/env bash
# nice-grpc-client-middleware-deadline 2.0.20 enforces a deadline in the client and never tells it to the server.
#
# gRPC sends a call's deadline as the header `grpc-timeout`, so that the server stops work whose answer nobody waits for, and a long
# poll ends in time. The middleware starts a timer and aborts the call instead: the server sees a call without a deadline, which its
# client then cancels. What a server does by the deadline (refuse early, shorten a wait, pass it on) does not happen.
#
# Seen with nice-grpc 2.1.18, @grpc/grpc-js 1.14.7 and Node 24.21.0, a deadline of 5 s:
#   grpc-js: the server is told a deadline
#   nice-grpc: the server is told none
#
# Exits 0 while this is so, non-zero if it changes.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
echo '{"type": "module", "private": true}' > package.json
npm install --silent --no-audit --no-fund @grpc/grpc-js@1.14.7 nice-grpc@2.1.18 nice-grpc-client-middleware-deadline@2.0.20
cat > run.mjs <<'JS'
import { Client, credentials, Server, ServerCredentials } from "@grpc/grpc-js";
import { createChannel, createClientFactory } from "nice-grpc";
import { deadlineMiddleware } from "nice-grpc-client-middleware-deadline";

const bytes = (value) => Buffer.from(value);
const say = {
  path: "/test.Echo/Say", requestStream: false, responseStream: false,
  requestSerialize: bytes, requestDeserialize: bytes, responseSerialize: bytes, responseDeserialize: bytes,
};
let told;
const server = new Server();
server.addService({ say }, { say: (call, answer) => {
  told = Number.isFinite(Number(call.getDeadline()));
  answer(null, call.request);
} });
const port = await new Promise((resolve, reject) =>
  server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) => error ? reject(error) : resolve(bound)));
const address = `127.0.0.1:${port}`;

const found = [];
const client = new Client(address, credentials.createInsecure());
await new Promise((resolve, reject) =>
  client.makeUnaryRequest(say.path, bytes, bytes, Buffer.from("x"), { deadline: Date.now() + 5_000 },
    (error) => error ? reject(error) : resolve()));
client.close();
found.push(`grpc-js: the server is told ${told ? "a deadline" : "none"}`);

const channel = createChannel(address);
const nice = createClientFactory().use(deadlineMiddleware).create({ say }, channel);
await nice.say(Buffer.from("x"), { deadline: new Date(Date.now() + 5_000) });
channel.close();
found.push(`nice-grpc: the server is told ${told ? "a deadline" : "none"}`);

console.log(found.join("\n"));
server.forceShutdown();
process.exit(found.join() === "grpc-js: the server is told a deadline,nice-grpc: the server is told none" ? 0 : 1);
JS
timeout 60 node run.mjs
