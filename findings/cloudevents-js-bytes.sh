#!/usr/bin/env bash
# cloudevents 10.0.0 (JavaScript): bytes that were read have one element of 32 bits for each, and larger elements are cut.
#
# The data of an event that was read from JSON with data_base64 are a Uint32Array. An event that is made with a Uint32Array writes of each element the
# lowest byte. An event with bytes has both data and data_base64, which the specification's JSON format forbids, until it is serialized.
#
# Seen with Node 24.21.0:
#   read: Uint32Array 1,2,3
#   made of 1, 258: AQI=
#   both members: data,data_base64
#
# Exits 0 while this is so, non-zero if it changes.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
echo '{"type": "module", "private": true}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts cloudevents@10.0.0
cat > run.mjs <<'JS'
import { CloudEvent, HTTP } from "cloudevents";

const body = JSON.stringify({ specversion: "1.0", id: "1", source: "shop", type: "t", data_base64: "AQID" });
const read = HTTP.toEvent({ headers: { "content-type": "application/cloudevents+json" }, body });
console.log(`read: ${read.data.constructor.name} ${read.data}`);
const made = new CloudEvent({ source: "shop", type: "t", data: new Uint32Array([1, 258]) });
console.log(`made of 1, 258: ${made.data_base64}`);
console.log(`both members: ${Object.keys(made).filter((name) => name.startsWith("data") && made[name] !== undefined).sort()}`);
JS
cat > expected.txt <<'TXT'
read: Uint32Array 1,2,3
made of 1, 258: AQI=
both members: data,data_base64
TXT
node run.mjs | tee seen.txt
diff expected.txt seen.txt
