#!/usr/bin/env bash
# jackd 2.2.2 stores a Buffer as JSON of its bytes, and a pipelined reserve swallows what follows its body.
#
# put() turns everything of type object into JSON before it looks for text, and a Buffer is an object: 200 bytes arrive at the worker
# as about 800 characters of {"type":"Buffer","data":[…]}, though reserve() answers Buffers. Text is stored as it is.
#
# When the answers to two reservations come in one segment, the client takes everything after the first header for the first body: its payload
# holds the second answer too, and the second call never resolves. So a connection may have one reservation under way, and a worker
# with room for many tasks needs many connections. Pipelined puts work.
#
# Seen with jackd 2.2.2, beanstalkd 1.12 (Debian 12) and Node 24.21.0:
#   put(Buffer of 3 bytes): {"type":"Buffer","data":[97,98,99]}
#   two reserves at once: first payload "one" and 19 bytes more, second unanswered
#
# Exits 0 while this is so, non-zero if it changes.
set -euo pipefail
dir=$(mktemp -d)
pid=
trap '[[ -z $pid ]] || kill "$pid" 2>/dev/null || true; rm -rf "$dir"' EXIT
cd "$dir"
apt-get download -qq beanstalkd=1.12-2+b1 >/dev/null
dpkg -x beanstalkd_*.deb beanstalkd
echo '{"type": "module", "private": true}' > package.json
npm install --silent --no-audit --no-fund jackd@2.2.2
port=$(node -e 'const s = require("node:net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); })')
beanstalkd/usr/bin/beanstalkd -l 127.0.0.1 -p "$port" & pid=$!
sleep 1
cat > run.mjs <<'JS'
import { setTimeout as pause } from "node:timers/promises";
import Jackd from "jackd";

const port = Number(process.argv[2]);
async function open() {
  const client = new Jackd();
  await client.connect({ host: "127.0.0.1", port });
  return client;
}
const found = [];
const client = await open();
await client.put(Buffer.from("abc"));
const job = await client.reserve();
await client.delete(job.id);
found.push(`put(Buffer of 3 bytes): ${job.payload}`);

await client.put("one");
await client.put("two");
const worker = await open();
let second = "unanswered";
const first = worker.reserve();
worker.reserve().then(() => { second = "answered"; }, () => { second = "refused"; });
const { payload } = await first;
await pause(500);
const begins = JSON.stringify(payload.subarray(0, 3).toString());
found.push(`two reserves at once: first payload ${begins} and ${payload.length - 3} bytes more, second ${second}`);
console.log(found.join("\n"));
const expected = ['put(Buffer of 3 bytes): {"type":"Buffer","data":[97,98,99]}', 'first payload "one" and 19 bytes more, second unanswered'];
process.exit(expected.every((text) => found.join("\n").includes(text)) ? 0 : 1);
JS
timeout 60 node run.mjs "$port"
