#!/usr/bin/env bash
# HAProxy 2.6.12 drops the trailers of gRPC answers that come at once over one connection to a server.
#
# Unary calls with answers of more than a buffer (tune.bufsize, 16 KiB), many at once, over `proto h2` on both sides: the client gets
# all bytes of each answer, and of some then END_STREAM without trailers. So grpc-status is missing, and grpc-js reports INTERNAL for
# a call that the server has carried out and answered with OK. The same calls without the proxy all succeed, and so they do with
# `max-reuse 0`, by which no connection to the server is used for a second call. A larger tune.bufsize only moves the size from which
# on it happens.
#
# Seen with haproxy 2.6.12-1+deb12u4 (Debian 12), @grpc/grpc-js 1.14.7, node 24.21.0; 2,000 answers of 24,000 bytes, 80 at once:
#   without a proxy: 0 without trailers
#   through HAProxy: 412 to 575 without trailers
#   through HAProxy, max-reuse 0: 0 without trailers
#
# Exits 0 while this is so, non-zero if it changes.
set -euo pipefail
dir=$(mktemp -d)
pids=()
trap 'for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done; rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund @grpc/grpc-js@1.14.7 node@24.21.0 >/dev/null
apt-get download -qq haproxy=2.6.12-1+deb12u4 liblua5.3-0 libopentracing-c-wrapper0 libopentracing1 >/dev/null 2>&1
for package in *.deb; do dpkg -x "$package" root; done
export LD_LIBRARY_PATH="$dir/root/usr/lib/$(uname -m)-linux-gnu"
cat > serve.mjs <<'JS'
import { Server, ServerCredentials } from "@grpc/grpc-js";

const same = (bytes) => bytes;
const get = {
  path: "/test.Bodies/Get",
  requestStream: false,
  responseStream: false,
  requestSerialize: same,
  requestDeserialize: same,
  responseSerialize: same,
  responseDeserialize: same,
};
const server = new Server();
server.addService({ get }, { get: (_call, answer) => setTimeout(answer, 1, null, Buffer.alloc(24_000)) });
server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (_error, port) => console.log(port));
JS
cat > call.mjs <<'JS'
import { Client, credentials } from "@grpc/grpc-js";

const same = (bytes) => bytes;
const client = new Client(process.argv[2], credentials.createInsecure());
const call = () =>
  new Promise((resolve) => {
    const deadline = Date.now() + 60_000;
    client.makeUnaryRequest("/test.Bodies/Get", same, same, Buffer.alloc(1), { deadline }, (error) => resolve(error?.details));
  });
let missing = 0;
for (let round = 0; round < 25; round++) {
  const details = await Promise.all(Array.from({ length: 80 }, call));
  missing += details.filter((text) => text?.includes("Call ended without gRPC status")).length;
}
client.close();
console.log(missing);
JS
cat > ports.mjs <<'JS'
import { createServer } from "node:net";

const servers = await Promise.all(
  [1, 2].map(() => new Promise((resolve) => { const each = createServer().listen(0, "127.0.0.1", () => resolve(each)); })),
);
console.log(servers.map((each) => each.address().port).join(" "));
for (const each of servers) each.close();
JS
PATH="$dir/node_modules/.bin:$PATH"
node serve.mjs > backend & pids+=($!)
until [[ -s backend ]]; do sleep 0.1; done
backend=$(<backend)
read -r reused fresh < <(node ports.mjs)
cat > haproxy.cfg <<CONF
defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
frontend reused
  bind 127.0.0.1:$reused proto h2
  default_backend reused
backend reused
  server test 127.0.0.1:$backend proto h2
frontend fresh
  bind 127.0.0.1:$fresh proto h2
  default_backend fresh
backend fresh
  server test 127.0.0.1:$backend proto h2 max-reuse 0
CONF
root/usr/sbin/haproxy -db -f haproxy.cfg & pids+=($!)
sleep 1
direct=$(node call.mjs "127.0.0.1:$backend")
through=$(node call.mjs "127.0.0.1:$reused")
unshared=$(node call.mjs "127.0.0.1:$fresh")
echo "without a proxy: $direct without trailers"
echo "through HAProxy: $through without trailers"
echo "through HAProxy, max-reuse 0: $unshared without trailers"
[[ $direct == 0 && $through -gt 0 && $unshared == 0 ]]
