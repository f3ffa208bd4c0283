#!/usr/bin/env bash
# cloudevents 10.0.0 (JavaScript) moves a date that there is not, and drops what is finer than a millisecond.
#
# 30 February of a received event is 2 March, without a word, and a time in nanoseconds loses the last six digits.
#
# Seen with Node 24.21.0:
#   2026-03-02T00:00:00.000Z
#   2026-07-01T00:00:00.123Z
#
# Exits 0 while this is so, non-zero if it changes.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
echo '{"type": "module", "private": true}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts cloudevents@10.0.0
cat > run.mjs <<'JS'
import { HTTP } from "cloudevents";

for (const time of ["2026-02-30T00:00:00Z", "2026-07-01T00:00:00.123456789Z"]) {
  const body = JSON.stringify({ specversion: "1.0", id: "1", source: "shop", type: "t", time });
  console.log(HTTP.toEvent({ headers: { "content-type": "application/cloudevents+json" }, body }).time);
}
JS
cat > expected.txt <<'TXT'
2026-03-02T00:00:00.000Z
2026-07-01T00:00:00.123Z
TXT
node run.mjs | tee seen.txt
diff expected.txt seen.txt
