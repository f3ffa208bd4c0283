#!/usr/bin/env bash
# @bufbuild/cel 0.6.1 takes the number of timestamp(int) for milliseconds.
#
# CEL says seconds, and int(timestamp) of the same package answers seconds: there and back is another time.
#
# Seen with Node 24.21.0:
#   timestamp(1767225600) -> google.protobuf.Timestamp 1767225
#   int(timestamp('2026-01-01T00:00:00Z')) -> 1767225600
#   timestamp(int(timestamp('2026-01-01T00:00:00Z'))) == timestamp('2026-01-01T00:00:00Z') -> false
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
  "timestamp(1767225600)",
  "int(timestamp('2026-01-01T00:00:00Z'))",
  "timestamp(int(timestamp('2026-01-01T00:00:00Z'))) == timestamp('2026-01-01T00:00:00Z')",
]) console.log(`${text} -> ${shown(plan(env, parse(text))({}))}`);
JS
cat > expected.txt <<'TXT'
timestamp(1767225600) -> google.protobuf.Timestamp 1767225
int(timestamp('2026-01-01T00:00:00Z')) -> 1767225600
timestamp(int(timestamp('2026-01-01T00:00:00Z'))) == timestamp('2026-01-01T00:00:00Z') -> false
TXT
node run.mjs | tee seen.txt
diff expected.txt seen.txt
