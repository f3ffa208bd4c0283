#!/usr/bin/env bash
# @grpc/grpc-js 1.14.7 checks two fields of a service config and then does not do what they say.
#
# 1. `timeout` of a methodConfig: the fraction is read as a number of nanoseconds. "0.5s" is a timeout of 5 ns, so that every call
#    fails at once with DEADLINE_EXCEEDED; "1.9s" is one second. (The same package's `parseDuration` reads both rightly.)
# 2. `loadBalancingPolicy`: must be a text, and is not looked at. With {"loadBalancingPolicy": "round_robin"} over two addresses
#    all calls go to one of them, as under pick_first.
#
# Seen with Node 24.21.0:
#   timeout 0.5s: DEADLINE_EXCEEDED, called 0 times
#   timeout 2s: OK, called 1 times
#   loadBalancingPolicy round_robin: calls go to 1 of 2
#   loadBalancingConfig round_robin: calls go to 2 of 2
#
# Exits 0 while this is so, non-zero if it changes.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
echo '{"type": "module", "private": true}' > package.json
npm install --silent --no-audit --no-fund @grpc/grpc-js@1.14.7
cat > run.mjs <<'JS'
import { Client, credentials, Server, ServerCredentials, status } from "@grpc/grpc-js";

const bytes = (value) => value;
const method = {
  path: "/test.Echo/Say",
  requestStream: false,
  responseStream: false,
  requestSerialize: bytes,
  requestDeserialize: bytes,
  responseSerialize: bytes,
  responseDeserialize: bytes,
};
const calls = [0, 0];
const servers = [];
const ports = [];
for (const index of [0, 1]) {
  const server = new Server();
  server.addService({ Say: method }, { Say: (call, answer) => { calls[index]++; answer(null, call.request); } });
  ports.push(await new Promise((resolve, reject) =>
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => error ? reject(error) : resolve(port))));
  servers.push(server);
}
async function say(target, config, times) {
  calls.fill(0);
  const options = { "grpc.service_config": JSON.stringify(config), "grpc.enable_retries": 0 };
  const client = new Client(target, credentials.createInsecure(), options);
  const codes = [];
  await new Promise((resolve) => client.waitForReady(Date.now() + 5_000, resolve));
  for (let n = 0; n < times; n++) {
    codes.push(await new Promise((resolve) =>
      client.makeUnaryRequest(method.path, bytes, bytes, Buffer.from("x"), (error) => resolve(error ? error.code : status.OK))));
  }
  client.close();
  return { codes, calls: [...calls] };
}
const one = `127.0.0.1:${ports[0]}`;
const both = `ipv4:${ports.map((port) => `127.0.0.1:${port}`).join()}`;
const found = [];
for (const timeout of ["0.5s", "2s"]) {
  const { codes, calls } = await say(one, { methodConfig: [{ name: [{}], timeout }] }, 1);
  found.push(`timeout ${timeout}: ${status[codes[0]]}, called ${calls[0]} times`);
}
for (const [name, config] of [
  ["loadBalancingPolicy", { loadBalancingPolicy: "round_robin" }],
  ["loadBalancingConfig", { loadBalancingConfig: [{ round_robin: {} }] }],
]) {
  await say(both, config, 1);
  const { calls } = await say(both, config, 40);
  found.push(`${name} round_robin: calls go to ${calls.filter((n) => n > 0).length} of 2`);
}
for (const line of found) console.log(line);
for (const server of servers) server.forceShutdown();
const expected = [
  "timeout 0.5s: DEADLINE_EXCEEDED, called 0 times",
  "timeout 2s: OK, called 1 times",
  "loadBalancingPolicy round_robin: calls go to 1 of 2",
  "loadBalancingConfig round_robin: calls go to 2 of 2",
];
process.exit(JSON.stringify(found) === JSON.stringify(expected) ? 0 : 1);
JS
node run.mjs
