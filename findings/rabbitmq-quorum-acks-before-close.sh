#!/usr/bin/env bash
# RabbitMQ 3.10.8 brings messages of a quorum queue back that were acknowledged before their channel was closed in order.
#
# A consumer acknowledges every message, makes a call on the same channel that is answered (queue.declare, passive), then closes the channel and gets
# channel.close-ok. Some of the last messages are in the queue again, marked as redelivered, though no connection broke and no process died. The
# channel's process holds acknowledgements back while more than 32 commands to the queue are under way (rabbit_fifo_client, SOFT_LIMIT), and forgets them
# when it ends. With a classic queue none comes back. It takes a fast consumer; how many come back differs from run to run, and sometimes it is none.
#
# A call that goes through the queue's log flushes them: after two basic.get on the channel none came back in any run.
#
# Seen with RabbitMQ 3.10.8 (Debian 12), amqplib 2.3.1 and Node 24.21.0, ten times 10,000 messages, prefetch 256:
#   quorum queue: acknowledged messages came back in 4 of 10 runs, 11 to 174 of 10,000
#   quorum queue, two basic.get first: in 0 of 10 runs
#   classic queue: in 0 of 10 runs
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

const connection = await amqp.connect(`amqp://guest:guest@127.0.0.1:${process.argv[2]}`, { noDelay: true });
const producer = await connection.createConfirmChannel();
const [runs, messages] = [10, 10_000];

/** How many acknowledged messages are back after each run. */
async function comeBack(type, callsBeforeClose) {
  await producer.assertQueue(type, { durable: true, arguments: { "x-queue-type": type } });
  const counts = [];
  while (counts.length < runs) {
    for (let n = 0; n < messages; n++) producer.sendToQueue(type, Buffer.alloc(200, 1), { persistent: true });
    await producer.waitForConfirms();
    const channel = await connection.createChannel();
    await channel.prefetch(256);
    let acknowledged = 0;
    await new Promise((resolve) => {
      void channel.consume(type, (message) => {
        channel.ack(message);
        acknowledged++;
        if (acknowledged === messages) resolve();
      });
    });
    await channel.checkQueue(type);
    for (let call = 0; call < callsBeforeClose; call++) await channel.get(type);
    await channel.close();
    await pause(500);
    counts.push((await producer.checkQueue(type)).messageCount);
    await producer.purgeQueue(type);
  }
  const back = counts.filter((count) => count > 0);
  const range = back.length === 0 ? "" : `, ${Math.min(...back)} to ${Math.max(...back)} of ${messages}`;
  return { back: back.length, text: `in ${back.length} of ${runs} runs${range}` };
}

const [quorum, flushed, classic] = [await comeBack("quorum", 0), await comeBack("quorum", 2), await comeBack("classic", 0)];
console.log(`quorum queue: acknowledged messages came back ${quorum.text}`);
console.log(`quorum queue, two basic.get first: ${flushed.text}`);
console.log(`classic queue: ${classic.text}`);
process.exit(quorum.back > 0 && flushed.back === 0 && classic.back === 0 ? 0 : 1);
JS
timeout 300 node run.mjs "$port"
