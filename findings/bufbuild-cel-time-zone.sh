#!/usr/bin/env bash
# @bufbuild/cel 0.6.1 reads the parts of a timestamp in the time zone of the machine.
#
# CEL says UTC where no zone is named. With TZ=Europe/Berlin the day of the year is one too small in summer, also with 'UTC' named, and an
# hour that the zone skips in spring moves on: getHours() of 02:30 UTC is 3. The parts are put into a local Date and read from it.
#
# Seen with Node 24.21.0:
#   timestamp('2026-07-01T00:00:00Z').getDayOfYear() -> 180
#   timestamp('2026-07-01T00:00:00Z').getDayOfYear('UTC') -> 180
#   timestamp('2026-03-29T02:30:00Z').getHours() -> 3
#   timestamp('2026-03-29T01:30:00Z').getHours() -> 1
#
# Exits 0 while this is so, non-zero if it changes.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
echo '{"type": "module", "private": true}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts @bufbuild/cel@0.6.1
cat > run.mjs <<'JS'
import { celEnv, isCelError, parse, plan } from "@bufbuild/cel";
import { strings } from "@bufbuild/cel/ext";

const env = celEnv({ funcs: strings });
const shown = (value) => {
  if (isCelError(value)) return `error: ${value.message}`;
  if (value?.size !== undefined && value[Symbol.iterator]) return JSON.stringify([...value]);
  if (value?.desc) return `${value.desc.typeName} ${value.message.seconds}`;
  return typeof value === "string" ? JSON.stringify(value) : String(value);
};
for (const text of [
  "timestamp('2026-07-01T00:00:00Z').getDayOfYear()",
  "timestamp('2026-07-01T00:00:00Z').getDayOfYear('UTC')",
  "timestamp('2026-03-29T02:30:00Z').getHours()",
  "timestamp('2026-03-29T01:30:00Z').getHours()",
]) console.log(`${text} -> ${shown(plan(env, parse(text))({}))}`);
JS
cat > expected.txt <<'TXT'
timestamp('2026-07-01T00:00:00Z').getDayOfYear() -> 180
timestamp('2026-07-01T00:00:00Z').getDayOfYear('UTC') -> 180
timestamp('2026-03-29T02:30:00Z').getHours() -> 3
timestamp('2026-03-29T01:30:00Z').getHours() -> 1
TXT
TZ=Europe/Berlin node run.mjs | tee seen.txt
diff expected.txt seen.txt
