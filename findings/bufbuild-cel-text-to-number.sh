#!/usr/bin/env bash
# @bufbuild/cel 0.6.1 makes numbers, spans and times of texts that are none.
#
# cel-go has an error for each: int() and double() take what JavaScript's BigInt() and Number() take, duration() the empty text, and timestamp()
# moves a date or an hour that there is not.
#
# Seen with Node 24.21.0:
#   int('') -> 0
#   int(' 7 ') -> 7
#   int('0x1F') -> 31
#   double('') -> 0
#   double('abc') > 1.0 -> false
#   duration('') -> google.protobuf.Duration 0
#   timestamp('2026-02-30T00:00:00Z') == timestamp('2026-03-02T00:00:00Z') -> true
#   timestamp('2026-01-01T24:00:00Z') == timestamp('2026-01-02T00:00:00Z') -> true
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
  "int('')",
  "int(' 7 ')",
  "int('0x1F')",
  "double('')",
  "double('abc') > 1.0",
  "duration('')",
  "timestamp('2026-02-30T00:00:00Z') == timestamp('2026-03-02T00:00:00Z')",
  "timestamp('2026-01-01T24:00:00Z') == timestamp('2026-01-02T00:00:00Z')",
]) console.log(`${text} -> ${shown(plan(env, parse(text))({}))}`);
JS
cat > expected.txt <<'TXT'
int('') -> 0
int(' 7 ') -> 7
int('0x1F') -> 31
double('') -> 0
double('abc') > 1.0 -> false
duration('') -> google.protobuf.Duration 0
timestamp('2026-02-30T00:00:00Z') == timestamp('2026-03-02T00:00:00Z') -> true
timestamp('2026-01-01T24:00:00Z') == timestamp('2026-01-02T00:00:00Z') -> true
TXT
node run.mjs | tee seen.txt
diff expected.txt seen.txt
