#!/usr/bin/env bash
# amqplib 2.3.1 leaves Nagle's algorithm on unless it is told otherwise, so that a persistent message waits 40 ms for a delayed ACK.
#
# Everything that a message consists of, and acknowledgements, are small writes. With Nagle's algorithm a small write waits until the one before
# is ACKed, and the kernel of the other side may take 40 ms for that. It shows when one message at a time is published and consumed, as on an
# idle system. `connect(url, { noDelay: true })` turns it off; most clients of other languages do so by themselves.
#
# Seen with RabbitMQ 3.10.8 (Debian 12), a quorum queue, amqplib 2.3.1 and Node 24.21.0, 200 messages, one at a time, publish to consumer, median:
#   by default: about 41 ms
#   noDelay: true: about 1 ms
#
# Needs Debian's rabbitmq-server. Exits 0 while this is so, non-zero if it changes.
set -euo pipefail
server=/usr/lib/rabbitmq/bin/rabbitmq-server
[[ -x $server ]] || { echo "needs Debian's rabbitmq-server"; exit 2; }
dir=$(mktemp -d)
pids=()
trap 'for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; wait "$pid" 2>/dev/null || true; done; rm -rf "$dir"' EXIT
cd "$dir"
echo '{"type": "module", "private": true}' > package.json
npm install --silent --no-audit --no-fund amqplib@2.3.1
cat > ports.mjs <<'JS'
import { createServer } from "node:net";
const servers = Array.from({ length: 3 }, () => createServer().listen(0, "127.0.0.1"));
await Promise.all(servers.map((server) => new Promise((listens) => server.once("listening", listens))));
console.log(servers.map((server) => server.address().port).join(" "));
for (const server of servers) server.close();
JS
read -r port epmd distribution < <(node ports.mjs)
# Nothing of the machine's own server is read or written, and nothing listens elsewhere than on 127.0.0.1.
mkdir home
echo '[].' > plugins
export HOME="$dir/home" ERL_EPMD_ADDRESS=127.0.0.1 ERL_EPMD_PORT="$epmd"
export RABBITMQ_NODENAME=finding@localhost RABBITMQ_NODE_IP_ADDRESS=127.0.0.1 RABBITMQ_NODE_PORT="$port" RABBITMQ_DIST_PORT="$distribution"
export RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS="-kernel inet_dist_use_interface {127,0,0,1}" RABBITMQ_ENABLED_PLUGINS_FILE="$dir/plugins"
export RABBITMQ_MNESIA_BASE="$dir/data" RABBITMQ_LOG_BASE="$dir/log" RABBITMQ_PID_FILE="$dir/pid"
export RABBITMQ_CONF_ENV_FILE="$dir/none" RABBITMQ_CONFIG_FILE="$dir/none" RABBITMQ_ADVANCED_CONFIG_FILE="$dir/none"
listening() { for _ in $(seq 120); do (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null && return; sleep 0.5; done; false; }
# Otherwise the server starts one that outlives it.
epmd >/dev/null 2>&1 & pids=("$!")
listening "$epmd"
"$server" >/dev/null 2>&1 & pids=("$!" "${pids[@]}")
listening "$port"
cat > run.mjs <<'JS'
import { setTimeout as pause } from "node:timers/promises";
import amqp from "amqplib";

async function medianDelay(queue, options) {
  const connection = await amqp.connect(`amqp://guest:guest@127.0.0.1:${process.argv[2]}`, options);
  const producer = await connection.createConfirmChannel();
  const consumer = await connection.createChannel();
  await producer.assertQueue(queue, { durable: true, arguments: { "x-queue-type": "quorum" } });
  let onMessage = () => undefined;
  await consumer.consume(queue, (message) => {
    consumer.ack(message);
    onMessage();
  });
  const delays = [];
  while (delays.length < 200) {
    const began = performance.now();
    const consumed = new Promise((resolve) => { onMessage = resolve; });
    producer.sendToQueue(queue, Buffer.alloc(200, 1), { persistent: true }, () => undefined);
    await consumed;
    delays.push(performance.now() - began);
    await pause(5);
  }
  await connection.close();
  return delays.sort((a, b) => a - b)[100];
}

const [byDefault, noDelay] = [await medianDelay("a", {}), await medianDelay("b", { noDelay: true })];
console.log(`by default: ${byDefault.toFixed(1)} ms\nnoDelay: true: ${noDelay.toFixed(1)} ms`);
process.exit(byDefault > 35 && noDelay < byDefault / 2 ? 0 : 1);
JS
timeout 120 node run.mjs "$port"
