#!/usr/bin/env bash
# @nats-io/jetstream 3.4.0 says of its default persist mode that messages are synced before they are acknowledged; the server does not sync them.
#
# The comment at PersistMode.Default: "All writes are committed and stream data is synced to disk before the publish acknowledgement is sent.
# This is the default mode, and provides the strongest data durability guarantee." nats-server 2.15.3 with its default settings answers
# a publish to a file stream in this mode after write(2), and calls fsync every two minutes (sync_interval). A power cut takes what was
# acknowledged meanwhile. With `sync_interval: always` in the server's jetstream block there is one fsync for each.
#
# Seen with @nats-io/jetstream 3.4.0, nats-server 2.15.3 and Node 24.21.0, 200 messages one after the other, persist_mode "default":
#   default settings: 0 calls of fsync
#   sync_interval: always: 202 calls of fsync
#
# Needs go and strace. Exits 0 while this is so, non-zero if it changes.
set -euo pipefail
dir=$(mktemp -d)
pid=
stop() { [[ -z $pid ]] || { kill "$pid" 2>/dev/null || true; wait "$pid" 2>/dev/null || true; pid=; }; }
trap 'stop; rm -rf "$dir"' EXIT
cd "$dir"
GOBIN="$dir" go install github.com/nats-io/nats-server/v2@v2.15.3 2>/dev/null
echo '{"type": "module", "private": true}' > package.json
npm install --silent --no-audit --no-fund @nats-io/jetstream@3.4.0 @nats-io/transport-node@3.4.0
grep -q 'synced to disk before the publish' node_modules/@nats-io/jetstream/lib/jsapi_types.d.ts
cat > run.mjs <<'JS'
import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";

const connection = await connect({ servers: `127.0.0.1:${process.argv[2]}`, waitOnFirstConnect: true });
const manager = await jetstreamManager(connection);
await manager.streams.add({ name: "S", subjects: ["s"], storage: "file", persist_mode: "default" });
const client = jetstream(connection);
for (let message = 0; message < 200; message++) await client.publish("s", "x".repeat(200));
await connection.close();
JS
# How many there are with a setting of the jetstream block, two of which create the stream.
count() {
  local port
  port=$(node -e 'const s = require("node:net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); })')
  printf 'listen: "127.0.0.1:%s"\njetstream {\n  store_dir: "%s"\n  %s\n}\n' "$port" "$dir/data-$port" "$1" > nats.conf
  ./nats-server --config nats.conf >/dev/null 2>&1 & pid=$!
  sleep 1
  strace -f -qq -e trace=fsync,fdatasync -o "trace-$port" -p "$pid" & local tracer=$!
  sleep 1
  timeout 60 node run.mjs "$port"
  kill -INT "$tracer"
  wait "$tracer" || true
  stop
  grep -cE '(fsync|fdatasync)\(' "trace-$port" || true
}
default=$(count "")
always=$(count "sync_interval: always")
echo "default settings: $default calls of fsync"
echo "sync_interval: always: $always calls of fsync"
[[ $default -lt 20 && $always -ge 200 ]]
